// SPDX-License-Identifier: MPL-2.0
// sweep: takes out the tasks that must leave.
#include "worker/sweep.h"

#include "worker/batch/batcher.h"
#include "worker/calls/calls.h"
#include "worker/calls/lanes.h"
#include "worker/ending.h"
#include "worker/park/park.h"
#include "worker/park/timers.h"
#include "worker/task/task.h"

static bool must_leave(const struct task *task) {
	return task_is_revoked(task) || task_holds_up(task);
}

// Who waits for a node that is away holds up nothing by itself.
static enum reason why_held(const struct task *task) {
	const struct lane_entry *entry = task->latest == NULL ? NULL : task->latest->lane;

	return entry != NULL && (entry->lane.open || entry->lane.stopped)
		? lane_entry_why_given_up(entry)
		: REASON_HELD;
}

// One that is on its way has not failed.
static bool has_failed(const struct call *call) {
	return call != NULL && call->place != CALL_OUT && call->attempts > 0;
}

static void leave(struct flow *flow, struct task *task) {
	if (has_failed(task->latest) && !task_is_revoked(task))
		flow_end(flow, task, VERDICT_FAILED, task->latest->last_reason);
	else
		flow_end(flow, task, VERDICT_POSTPONED, why_held(task));
}

static void sweep_lane(struct flow *flow, struct call_list *list) {
	struct call *call = TAILQ_FIRST(list);

	while (call != NULL) {
		struct task *task = call->task;

		// With a task all of its calls leave.
		while (call != NULL && call->task == task)
			call = TAILQ_NEXT(call, link);
		if (must_leave(task))
			leave(flow, task);
	}
}

static void sweep_lanes(struct flow *flow) {
	struct lanes *lanes = calls_lanes(flow->calls);

	for (size_t i = 0; i < lanes_count(lanes); i++) {
		struct lane_entry *entry = lanes_at(lanes, i);

		sweep_lane(flow, &entry->ready);
		sweep_lane(flow, &entry->waiting);
	}
}

// Those that wait for their time are in no list: they are put into one, because their timers go
// with them.
static void sweep_timers(struct flow *flow) {
	const struct timers *timers = &flow->park->timers;
	struct task_list leaving = TAILQ_HEAD_INITIALIZER(leaving);
	struct task *task;

	for (size_t i = 0; i < timers->count; i++) {
		task = task_of_timer(timers->heap[i]);
		if (!must_leave(task) || task->is_leaving)
			continue;
		task->is_leaving = true;
		TAILQ_INSERT_TAIL(&leaving, task, link);
	}
	while ((task = TAILQ_FIRST(&leaving)) != NULL) {
		TAILQ_REMOVE(&leaving, task, link);
		task->is_leaving = false;
		leave(flow, task);
	}
}

static void sweep_batcher(struct flow *flow, struct batcher *batcher) {
	struct task *task = TAILQ_FIRST(&batcher->list);

	while (task != NULL) {
		struct task *next = TAILQ_NEXT(task, link);

		if (task_is_revoked(task) && !task->has_begun) {
			batcher_remove(batcher, task);
			ending_abandoned(flow->ending, task);
		}
		task = next;
	}
}

static void sweep_parked(struct flow *flow, enum park_place place) {
	struct task *task = park_first(flow->park, place);

	while (task != NULL) {
		struct task *next = TAILQ_NEXT(task, link);

		if (task_is_revoked(task)) {
			park_remove(flow->park, task, place);
			ending_abandoned(flow->ending, task);
		}
		task = next;
	}
}

void sweep_revoked(struct flow *flow) {
	sweep_lanes(flow);
	sweep_timers(flow);
	sweep_batcher(flow, &flow->batches->check);
	sweep_batcher(flow, &flow->batches->remove);
	sweep_batcher(flow, &flow->batches->defer);
	for (int place = 0; place < PARK_PLACES; place++)
		sweep_parked(flow, (enum park_place)place);
}

static void leave_parked(struct flow *flow, enum park_place place) {
	struct task *task;

	while ((task = park_first(flow->park, place)) != NULL) {
		park_remove(flow->park, task, place);
		ending_postponed(flow->ending, task, REASON_STOPPED);
	}
}

void sweep_unsent(struct flow *flow) {
	struct timer *timer;
	struct task *task;

	while ((task = TAILQ_FIRST(&flow->batches->check.list)) != NULL) {
		batcher_remove(&flow->batches->check, task);
		ending_postponed(flow->ending, task, REASON_STOPPED);
	}
	while ((timer = timers_take_any(&flow->park->timers)) != NULL) {
		struct call *call = task_call_of_timer(timer);

		if (call != NULL)
			task_place_call(call, CALL_IDLE);
		flow_end(flow, task_of_timer(timer), VERDICT_POSTPONED, REASON_STOPPED);
	}
	for (int place = 0; place < PARK_PLACES; place++)
		leave_parked(flow, (enum park_place)place);
}
