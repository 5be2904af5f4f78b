// SPDX-License-Identifier: MPL-2.0
// quiet: while the operator wants a pause nothing new begins; what has begun is brought to its end.
//
// Design notes
// - A request begins what cannot be undone, and so does the remove of rows that need none. Until
//   then a task waits where it is: in its lane, for its time, to be judged, or parked when it was
//   about to be removed without a request.
// - The time of a pause counts against no patience, so all that began before it is moved on by as
//   much.
#include "worker/quiet.h"

#include "common/base/clock.h"
#include "worker/batch/batch_pool.h"
#include "worker/batch/batcher.h"
#include "worker/calls/calls.h"
#include "worker/calls/lanes.h"
#include "worker/park/park.h"
#include "worker/task/shift.h"
#include "worker/task/task.h"

static void begin(struct quiet *quiet) {
	struct flow *flow = quiet->flow;
	struct task *task = TAILQ_FIRST(&flow->batches->remove.list);

	quiet->since_ms = flow->shift->now_ms;
	while (task != NULL) {
		struct task *next = TAILQ_NEXT(task, link);

		if (task->requests_done == 0 && !task->has_begun) {
			batcher_remove(&flow->batches->remove, task);
			park_add(flow->park, task, PARK_REST);
		}
		task = next;
	}
}

// --- going on

static void move_on(int64_t *moment_ms, int64_t by_ms) {
	if (*moment_ms > 0)
		*moment_ms += by_ms;
}

static void move_call(struct call *call, int64_t by_ms) {
	move_on(&call->queued_ms, by_ms);
	move_on(&call->first_ms, by_ms);
}

static void move_task(struct task *task, int64_t by_ms) {
	move_on(&task->trouble_ms, by_ms);
	move_on(&task->untried_ms, by_ms);
}

// None of their calls is in a lane or waits.
static void move_list(struct task_list *list, int64_t by_ms) {
	struct task *task;

	TAILQ_FOREACH (task, list, link) {
		move_task(task, by_ms);
		for (size_t i = 0; i < task->call_max; i++)
			move_call(&task->calls[i], by_ms);
	}
}

// A task with several calls is moved with one of them.
static void move_call_and_task(struct call *call, int64_t by_ms) {
	move_call(call, by_ms);
	if (call->task->latest == call)
		move_task(call->task, by_ms);
}

static void move_calls(struct call_list *list, int64_t by_ms) {
	struct call *call;

	TAILQ_FOREACH (call, list, link)
		move_call_and_task(call, by_ms);
}

static void move_timer(struct timer *timer, int64_t by_ms) {
	struct call *call = task_call_of_timer(timer);

	if (call != NULL)
		move_call_and_task(call, by_ms);
	else
		move_task(task_of_timer(timer), by_ms);
}

static void move_lane(struct lane_entry *entry, int64_t by_ms) {
	move_calls(&entry->ready, by_ms);
	move_calls(&entry->waiting, by_ms);
	move_on(&entry->lane.busy_since_ms, by_ms);
	move_on(&entry->lane.blocked_since_ms, by_ms);
}

static void end(struct quiet *quiet) {
	struct flow *flow = quiet->flow;
	struct lanes *lanes = calls_lanes(flow->calls);
	int64_t by_ms = flow->shift->now_ms - quiet->since_ms;
	struct task *task;

	for (size_t i = 0; i < lanes_count(lanes); i++)
		move_lane(lanes_at(lanes, i), by_ms);
	for (size_t i = 0; i < flow->park->timers.count; i++)
		move_timer(flow->park->timers.heap[i], by_ms);
	move_list(&flow->batches->check.list, by_ms);
	move_list(&flow->park->lists[PARK_TICKET], by_ms);
	move_list(&flow->park->lists[PARK_RATE], by_ms);
	while ((task = park_first(flow->park, PARK_REST)) != NULL) {
		park_remove(flow->park, task, PARK_REST);
		flow_go_on(flow, task);
	}
}

void quiet_set(struct quiet *quiet, bool paused) {
	struct shift *shift = quiet->flow->shift;

	if (shift->is_paused == paused)
		return;
	shift->now_ms = clock_mono_ms();
	shift->is_paused = paused;
	if (paused)
		begin(quiet);
	else if (!shift_is_stopping(shift))
		end(quiet);
}

bool quiet_is_still(const struct quiet *quiet) {
	const struct flow *flow = quiet->flow;

	return flow->shift->is_paused && calls_inflight(flow->calls) == 0 &&
		flow->batches->remove.count == 0 && flow->batches->defer.count == 0 &&
		flow->park->begun.count == 0 && batch_pool_is_empty(flow->batches->pool);
}
