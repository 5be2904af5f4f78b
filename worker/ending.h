// SPDX-License-Identifier: MPL-2.0
// ending: the end of a task: tally, metrics, log, and back to the queue. The task is in no list,
// none of its calls is out or waits, and it is gone afterwards, unless it is to be deferred.
// Thread: loop. Owner: the worker.
#pragma once

#include "common/base/quota.h"
#include "common/queue.h"
#include "worker/batch/batches.h"
#include "worker/park/tickets.h"
#include "worker/task/shift.h"
#include "worker/task/task.h"

#include <stdbool.h>
#include <stdint.h>

struct audit;

struct ending_setup { // all outlive it
	struct queue_take *queue;
	struct tickets *tickets;
	struct batches *batches;
	bool dryrun;
	bool defer_failed; // --on-failure=defer
	// Failed rows are named anew in the log after this; 0: never in a pass.
	int64_t failures_renew_ms;
	struct audit *audit; // NULL: nobody wants one
};

struct ending { // zeroed but for the first two
	struct shift *shift;
	struct ending_setup setup;
	struct quota failures_named;
	struct quota postponed_named;
};

void ending_done(struct ending *ending, struct task *task);
void ending_left(struct ending *ending, struct task *task, enum reason reason);
void ending_failed(struct ending *ending, struct task *task, enum reason reason);
void ending_postponed(struct ending *ending, struct task *task, enum reason reason);
void ending_abandoned(struct ending *ending, struct task *task); // its lease was revoked
void ending_deferred(struct ending *ending, struct task *task); // came back from the defer batch
// Ends the pass once all tickets are used up.
void ending_check_limit(struct ending *ending);
