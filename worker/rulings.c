// SPDX-License-Identifier: MPL-2.0
// rulings: what batches that came back say of their tasks, and what comes next by it.
#include "worker/rulings.h"

#include "worker/batch/batch_pool.h"
#include "worker/calls/lanes.h"
#include "worker/ending.h"
#include "worker/retrying.h"
#include "worker/task/shift.h"
#include "worker/task/task.h"

#include <errno.h>
#include <stdlib.h>

// What the batch said about a task that does not go on.
static void end_by_verdict(struct flow *flow, struct task *task) {
	switch (task->result.finding.verdict) {
	case VERDICT_DONE:
		ending_done(flow->ending, task);
		break;
	case VERDICT_LEFT:
		ending_left(flow->ending, task, task->result.finding.reason);
		break;
	case VERDICT_POSTPONED:
		ending_postponed(flow->ending, task, task->result.finding.reason);
		break;
	case VERDICT_RETRY:
		retrying_after_batch(flow->retrying, task, task->result.finding.reason);
		break;
	default:
		ending_failed(flow->ending, task, task->result.finding.reason);
		break;
	}
}

static void on_checked(struct flow *flow, struct task *task) {
	// Else the target did not come to it.
	bool is_judged = task->result.judged.mono_ms > 0;

	if (is_judged)
		task->work.judged = task->result.judged;
	if (is_judged &&
	    (task->result.finding.verdict == VERDICT_GO ||
	     task->result.finding.verdict == VERDICT_FAILED))
		task->work.counted = task->result.counted;
	lanes_task_rechecked(task);
	if (task->result.finding.verdict != VERDICT_GO)
		end_by_verdict(flow, task);
	else if (shift_is_stopping(flow->shift))
		ending_postponed(flow->ending, task, REASON_STOPPED);
	else if (shift_is_outdated(flow->shift, task))
		flow_recheck(flow, task);
	else
		flow_advance(flow, task);
}

static void on_removed(struct flow *flow, struct task *task) {
	if (task->result.finding.verdict == VERDICT_GO && task->result.again_ms > 0)
		flow_remove_again(flow, task);
	else
		end_by_verdict(flow, task);
}

static void on_batch(struct flow *flow, struct batch *batch) {
	if (batch->error < 0 && batch->error != -ECANCELED)
		shift_fail(flow->shift, batch->message);
	for (size_t i = 0; i < batch->count; i++) {
		struct task *task = task_of(batch->pairs[i].work);

		if (batch->kind == BATCH_CHECK)
			on_checked(flow, task);
		else if (batch->kind == BATCH_REMOVE)
			on_removed(flow, task);
		else
			ending_deferred(flow->ending, task);
	}
	free(batch);
}

void rulings_take(struct flow *flow) {
	struct batch *batch = batch_pool_take_done(flow->batches->pool);

	while (batch != NULL) {
		struct batch *next = batch->next;
		on_batch(flow, batch);
		batch = next;
	}
}
