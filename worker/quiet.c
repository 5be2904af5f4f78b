// SPDX-License-Identifier: MPL-2.0
// quiet: while the operator wants a pause nothing new begins; what has begun is brought to its end.
//
// Design notes
// - A request begins what cannot be undone, and so does the remove of rows that need none. Until
//   then a task waits where it is: in its lane, among the waiters, to be judged, or here (resting)
//   when it was about to be removed without a request.
// - The time of a pause counts against no patience, so all that began before it is moved on by as
//   much.
#include "common/base/clock.h"
#include "worker/worker_state.h"

bool quiet_is_on(const struct worker *worker) {
	return worker->is_quiet && !worker_is_stopping(worker);
}

static void rest(struct worker *worker, struct task *task) {
	if (task->state != TASK_WAIT)
		task_move(task, TASK_WAIT);
	TAILQ_INSERT_TAIL(&worker->resting, task, link);
}

bool quiet_holds(struct worker *worker, struct task *task) {
	if (!quiet_is_on(worker) || task->requests_done > 0)
		return false;
	rest(worker, task);
	return true;
}

static void begin(struct worker *worker) {
	struct task *task = TAILQ_FIRST(&worker->remove.list);

	worker->quiet_ms = worker->now_ms;
	while (task != NULL) {
		struct task *next = TAILQ_NEXT(task, link);

		if (task->requests_done == 0) {
			TAILQ_REMOVE(&worker->remove.list, task, link);
			worker->remove.count--;
			rest(worker, task);
		}
		task = next;
	}
}

// --- going on

static void move_on(int64_t *moment_ms, int64_t by_ms) {
	if (*moment_ms > 0)
		*moment_ms += by_ms;
}

static void move_task(struct task *task, int64_t by_ms) {
	move_on(&task->queued_ms, by_ms);
	move_on(&task->first_ms, by_ms);
	move_on(&task->trouble_ms, by_ms);
	move_on(&task->untried_ms, by_ms);
}

static void move_list(struct task_list *list, int64_t by_ms) {
	struct task *task;

	TAILQ_FOREACH (task, list, link)
		move_task(task, by_ms);
}

static void move_lane(struct lane_entry *entry, int64_t by_ms) {
	move_list(&entry->ready, by_ms);
	move_list(&entry->waiting, by_ms);
	move_on(&entry->lane.busy_since_ms, by_ms);
	move_on(&entry->lane.blocked_since_ms, by_ms);
}

static void end(struct worker *worker) {
	int64_t by_ms = worker->now_ms - worker->quiet_ms;
	struct task *task;

	for (size_t i = 0; i < lanes_count(worker->lanes); i++)
		move_lane(lanes_at(worker->lanes, i), by_ms);
	for (size_t i = 0; i < worker->waiters.count; i++)
		move_task(worker->waiters.heap[i], by_ms);
	move_list(&worker->check.list, by_ms);
	move_list(&worker->ticketless, by_ms);
	move_list(&worker->paced, by_ms);
	while ((task = TAILQ_FIRST(&worker->resting)) != NULL) {
		TAILQ_REMOVE(&worker->resting, task, link);
		steps_go_on(worker, task);
	}
}

void worker_pause(struct worker *worker, bool paused) {
	if (worker->is_quiet == paused)
		return;
	worker->now_ms = clock_mono_ms();
	worker->is_quiet = paused;
	if (paused)
		begin(worker);
	else if (!worker_is_stopping(worker))
		end(worker);
}

bool worker_is_still(const struct worker *worker) {
	return worker->is_quiet && http_inflight(worker->http) == 0 && worker->remove.count == 0 &&
		worker->defer.count == 0 && batch_pool_is_empty(worker->pool);
}
