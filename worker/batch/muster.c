// SPDX-License-Identifier: MPL-2.0
// muster: the batch threads take their connections before anything is begun.
#include "worker/batch/muster.h"

#include "common/base/log.h"

#include <stdint.h>
#include <stdio.h>

void muster_begin_pass(struct muster *muster) {
	muster->was_called = false;
}

static void call(struct muster *muster) {
	if (muster->was_called || muster->shift->tally.taken == 0)
		return;
	muster->was_called = muster->is_awaited = true;
	batch_pool_muster(muster->pool);
}

static void hear(struct muster *muster) {
	struct shift *shift = muster->shift;
	size_t connected;
	char error[300], words[448];

	if (!muster->is_awaited ||
	    !batch_pool_mustered(muster->pool, &connected, error, sizeof(error)))
		return;
	muster->is_awaited = false;
	if (connected == muster->wanted || shift->quitting)
		return;
	snprintf(
		words,
		sizeof(words),
		"%zu of the %zu database connections for --batch-threads could be made: %s",
		connected,
		muster->wanted,
		error
	);
	if (connected == 0)
		shift_fail(shift, words);
	else
		LOG(shift->log,
		    LOG_LEVEL_WARNING,
		    "going on with fewer threads; raise the limit of connections",
		    log_int("connected", (int64_t)connected),
		    log_int("wanted", (int64_t)muster->wanted),
		    log_str("error", error));
}

void muster_serve(struct muster *muster) {
	call(muster);
	hear(muster);
}
