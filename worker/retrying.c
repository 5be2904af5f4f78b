// SPDX-License-Identifier: MPL-2.0
// retrying: a task tries again after a while, when that is allowed.
#include "worker/retrying.h"

#include "worker/park/timers.h"

#include <stdlib.h>

// False: not allowed.
static bool add_timer(const struct retrying *retrying, struct timer *timer) {
	if (timer->due_ms < 0 || timers_add(&retrying->park->timers, timer) < 0)
		return false;
	retrying->shift->tally.retries++;
	return true;
}

bool retrying_call(const struct retrying *retrying, struct call *call, int64_t hold_ms) {
	call->timer.due_ms = retry_again(
		retrying->limits,
		call->attempts,
		call->first_ms,
		retrying->shift->now_ms,
		hold_ms,
		erand48(retrying->shift->random)
	);
	if (!add_timer(retrying, &call->timer))
		return false;
	task_place_call(call, CALL_WAITING);
	return true;
}

static void wait_until(const struct retrying *retrying, struct task *task, enum reason reason) {
	if (task_is_revoked(task))
		ending_abandoned(retrying->ending, task);
	else if (shift_is_stopping(retrying->shift))
		ending_postponed(retrying->ending, task, REASON_STOPPED);
	else if (add_timer(retrying, &task->timer))
		task_move(task, TASK_WAIT);
	else
		ending_failed(retrying->ending, task, reason);
}

// Others kept it from being tried: that uses up no attempt, but has an end as well.
static void wait_untried(const struct retrying *retrying, struct task *task, enum reason reason) {
	if (task->untried_ms == 0)
		task->untried_ms = retrying->shift->now_ms;
	task->timer.due_ms = retry_again(
		retrying->limits,
		0,
		task->untried_ms,
		retrying->shift->now_ms,
		0,
		erand48(retrying->shift->random)
	);
	if (task->timer.due_ms < 0)
		ending_postponed(retrying->ending, task, reason);
	else
		wait_until(retrying, task, reason);
}

void retrying_after_batch(const struct retrying *retrying, struct task *task, enum reason reason) {
	if (task->result.untried) {
		wait_untried(retrying, task, reason);
		return;
	}
	task->troubles++;
	if (task->trouble_ms == 0)
		task->trouble_ms = retrying->shift->now_ms;
	task->timer.due_ms = retry_again(
		retrying->limits,
		task->troubles,
		task->trouble_ms,
		retrying->shift->now_ms,
		0,
		erand48(retrying->shift->random)
	);
	wait_until(retrying, task, reason);
}
