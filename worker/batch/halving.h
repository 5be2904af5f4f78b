// SPDX-License-Identifier: MPL-2.0
// halving: what to do when a batch does not work.
//
// Pure: the call that blocks is passed in. Thread: batch.
#pragma once

#include "common/target/target.h"
#include "common/target/work.h"

#include <stddef.h>

enum { HALVING_LOCKS_MAX = 16 };

// Runs `call` on pairs[0..count). A call that fails is made again with some of the same works: it
// must have changed nothing for them but what is noted in them, and may have set VERDICT_DONE for
// some, which stay so and are to be passed over then. Its errors:
//   -EAGAIN (deadlock, lock time-out), -ETIME: halved and tried again, down to one, which is then
//   retried later. Each may have taken a lock time-out: after HALVING_LOCKS_MAX of them in all, or
//   three single works in a row, the rest is retried later with result.untried set.
//
//   -ENOTCONN: `reconnect` is asked once per loss to mend it, then the call is made again; its
//   error ends the batch, as does -ECANCELED. After a few losses that a statement may have caused
//   (`broke`) the row is to blame, as below; those before a work was narrowed do not count. Others
//   are never a row's: for how long they go on, `reconnect` decides. Who lost the connection in a
//   commit marks its works commit_unknown.
//
//   -EACCES, -ENOENT, -ENOTSUP: ends the batch; no row is to blame.
//
//   others: halved to find the row that is to blame, which fails with REASON_UNKNOWN.
//
// A call that works may itself give some works VERDICT_RETRY, which counts as one lock time-out.
// Every work gets a verdict when 0 is returned. On an error those without a verdict are left at
// VERDICT_RETRY.
struct halving_call {
	void *ctx;
	int (*call)(void *ctx, const struct work_pair *pairs, size_t count);
	int (*reconnect)(void *ctx);
	// Of the last -ENOTCONN: a statement may have broken the connection.
	bool (*broke)(void *ctx);
	const char *(*error)(void *ctx); // words of the last failure
};
int halving_run(const struct halving_call *call, const struct work_pair *pairs, size_t count);
