// SPDX-License-Identifier: MPL-2.0
// wait: a task tries again after a while, when that is allowed.
#include "worker/worker_state.h"

#include <stdlib.h>

// due_ms < 0: not allowed.
static void wait_until(
	struct worker *worker, struct task *task, enum reason reason, int64_t due_ms
) {
	task->due_ms = due_ms;
	if (task_is_revoked(task)) {
		fate_abandoned(worker, task);
		return;
	}
	if (worker_is_stopping(worker)) {
		fate_postponed(worker, task, REASON_STOPPED);
		return;
	}
	if (due_ms < 0 || waiters_add(&worker->waiters, task) < 0) {
		fate_failed(worker, task, reason);
		return;
	}
	worker->tally.retries++;
	task_move(task, TASK_WAIT);
}

void wait_after_request(
	struct worker *worker, struct task *task, enum reason reason, int64_t hold_ms
) {
	int64_t due_ms = retry_again(
		&worker->options->retry,
		task->attempts,
		task->first_ms,
		worker->now_ms,
		hold_ms,
		erand48(worker->random)
	);

	wait_until(worker, task, reason, due_ms);
}

void wait_not_sent(struct worker *worker, struct task *task) {
	worker->tally.requests--;
	task->attempts--;
	if (worker->now_ms - task->first_ms > worker->options->retry.time_ms)
		fate_failed(worker, task, REASON_CONNECT);
	else
		steps_recheck(worker, task);
}

// Others kept it from being tried: that uses up no attempt, but has an end as well.
static void wait_untried(struct worker *worker, struct task *task, enum reason reason) {
	int64_t due_ms;

	if (task->untried_ms == 0)
		task->untried_ms = worker->now_ms;
	due_ms = retry_again(
		&worker->options->retry,
		0,
		task->untried_ms,
		worker->now_ms,
		0,
		erand48(worker->random)
	);
	if (due_ms < 0)
		fate_postponed(worker, task, reason);
	else
		wait_until(worker, task, reason, due_ms);
}

void wait_after_batch(struct worker *worker, struct task *task, enum reason reason) {
	int64_t due_ms;

	if (task->work.untried) {
		wait_untried(worker, task, reason);
		return;
	}
	task->troubles++;
	if (task->trouble_ms == 0)
		task->trouble_ms = worker->now_ms;
	due_ms = retry_again(
		&worker->options->retry,
		task->troubles,
		task->trouble_ms,
		worker->now_ms,
		0,
		erand48(worker->random)
	);
	wait_until(worker, task, reason, due_ms);
}
