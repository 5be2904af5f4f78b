// SPDX-License-Identifier: MPL-2.0
// sweep: takes out the tasks that must leave: their lease was revoked, or they hold up others.
#include "worker/worker_state.h"

static bool holds_up(const struct task *task) {
	const struct lease *lease = task->candidate->origin.lease;

	return lease != NULL && task->taken_ms < lease->leave_before_ms;
}

static bool must_leave(const struct task *task) {
	return task_is_revoked(task) || holds_up(task);
}

// Who waits for a node that is away holds up nothing by itself.
static enum reason why_held(const struct task *task) {
	const struct lane_entry *entry = task->lane;

	return entry != NULL && (entry->lane.open || entry->lane.stopped)
		? dispatch_why_given_up(entry)
		: REASON_HELD;
}

// The task must, and is in no list now.
static void leave(struct worker *worker, struct task *task) {
	if (task_is_revoked(task))
		fate_abandoned(worker, task);
	else if (task->attempts > 0)
		fate_failed(worker, task, task->last_reason);
	else
		fate_postponed(worker, task, why_held(task));
}

static void sweep_lane(struct worker *worker, struct lane_entry *entry, struct task_list *list) {
	struct task *task = TAILQ_FIRST(list);

	while (task != NULL) {
		struct task *next = TAILQ_NEXT(task, link);

		if (must_leave(task)) {
			lane_entry_unqueue(entry, task);
			leave(worker, task);
		}
		task = next;
	}
}

static void sweep_waiters(struct worker *worker) {
	struct task_list all = TAILQ_HEAD_INITIALIZER(all);
	struct task *task;

	while ((task = waiters_take_any(&worker->waiters)) != NULL)
		TAILQ_INSERT_TAIL(&all, task, link);
	while ((task = TAILQ_FIRST(&all)) != NULL) {
		TAILQ_REMOVE(&all, task, link);
		if (must_leave(task))
			leave(worker, task);
		else
			waiters_add(&worker->waiters, task); // has room: it was in there
	}
}

static void sweep_list(struct worker *worker, struct task_list *list, size_t *count) {
	struct task *task = TAILQ_FIRST(list);

	while (task != NULL) {
		struct task *next = TAILQ_NEXT(task, link);

		if (task_is_revoked(task)) {
			TAILQ_REMOVE(list, task, link);
			if (count != NULL)
				--*count;
			fate_abandoned(worker, task);
		}
		task = next;
	}
}

void worker_sweep(struct worker *worker) {
	for (size_t i = 0; i < lanes_count(worker->lanes); i++) {
		struct lane_entry *entry = lanes_at(worker->lanes, i);

		sweep_lane(worker, entry, &entry->ready);
		sweep_lane(worker, entry, &entry->waiting);
	}
	sweep_waiters(worker);
	sweep_list(worker, &worker->check.list, &worker->check.count);
	sweep_list(worker, &worker->remove.list, &worker->remove.count);
	sweep_list(worker, &worker->defer.list, &worker->defer.count);
	sweep_list(worker, &worker->ticketless, NULL);
	sweep_list(worker, &worker->paced, NULL);
	sweep_list(worker, &worker->resting, NULL);
}
