// SPDX-License-Identifier: MPL-2.0
// halves: producer and worker of one process.
#include "cli/halves.h"

#include "cli/front/front.h"
#include "cli/run_lock.h"
#include "common/queue_memory.h"
#include "producer/producer.h"
#include "worker/audit/audit.h"
#include "worker/worker.h"

#include <errno.h>
#include <stdatomic.h>

enum { QUEUE_CAPACITY = 4096 };

static void wake(void *ctx) {
	worker_wake(((struct halves *)ctx)->worker);
}

int halves_open(
	struct halves *halves, const struct front *front, const struct run_options *options
) {
	struct worker_setup worker = {
		.target = front->target,
		.config = front->config,
		.location = front->location,
		.log = front->log,
		.metrics = options->dryrun ? NULL : front->metrics,
		.options = &halves->worker_options,
		.audit = halves->audit,
	};
	struct producer_setup producer = {
		.target = front->target,
		.config = front->config,
		.location = front->location,
		.source = front->source,
		.log = front->log,
		.metrics = front->metrics,
		.options = &halves->producer_options,
		.wake = wake,
		.wake_ctx = halves,
	};
	int err;

	halves->worker_options = run_options_worker(options);
	halves->producer_options = run_options_producer(options, front->conf);
	halves->queue = queue_memory_new(QUEUE_CAPACITY);
	if (halves->queue == NULL)
		return -ENOMEM;
	producer.queue = queue_memory_put_side(halves->queue);
	worker.queue = queue_memory_take_side(halves->queue);
	err = run_lock_open(&halves->lock, front->target, front->location, options->dryrun);
	producer.hooks = run_lock_hooks(&halves->lock);
	if (err == 0)
		err = worker_new(&halves->worker, &worker);
	return err < 0 ? err : producer_new(&halves->producer, &producer);
}

void halves_stop(struct halves *halves) {
	producer_stop(halves->producer);
	worker_quit(halves->worker);
}

void halves_close(struct halves *halves) {
	producer_free(halves->producer);
	worker_free(halves->worker);
	run_lock_close(&halves->lock);
	audit_close(halves->audit);
	queue_memory_free(halves->queue);
}
