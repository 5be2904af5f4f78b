// SPDX-License-Identifier: MPL-2.0
// batches: what is checked, removed and deferred together.
#include "worker/batch/batches.h"

#include "common/base/clock.h"

void batches_init(struct batches *batches, size_t batch_max, int64_t linger_ms) {
	batcher_init(&batches->check, BATCH_CHECK, batch_max, linger_ms);
	batcher_init(&batches->remove, BATCH_REMOVE, batch_max, linger_ms);
	batcher_init(&batches->defer, BATCH_DEFER, batch_max, linger_ms);
}

static void submit(struct batches *batches, struct batcher *batcher, int64_t now_ms) {
	while (batcher_is_ready(batcher, batch_pool_has_free_thread(batches->pool), now_ms)) {
		struct batch *batch = batcher_take(batcher, now_ms);

		// No memory now: the next step tries again.
		if (batch == NULL)
			return;
		batch_pool_submit(batches->pool, batch);
	}
}

void batches_submit(struct batches *batches, bool is_quiet, int64_t now_ms) {
	if (!is_quiet)
		submit(batches, &batches->check, now_ms);
	submit(batches, &batches->remove, now_ms);
	submit(batches, &batches->defer, now_ms);
}

int64_t batches_wake_ms(const struct batches *batches, bool is_quiet) {
	int64_t wake_ms = INT64_MAX;

	// A batch waits for its linger only while a thread is idle; else the thread's end wakes the
	// loop.
	if (!batch_pool_has_free_thread(batches->pool))
		return wake_ms;
	if (!is_quiet)
		clock_sooner(&wake_ms, batcher_due_ms(&batches->check));
	clock_sooner(&wake_ms, batcher_due_ms(&batches->remove));
	clock_sooner(&wake_ms, batcher_due_ms(&batches->defer));
	return wake_ms;
}
