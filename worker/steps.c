// SPDX-License-Identifier: MPL-2.0
// steps: moves a task to its next state; checks, removes and defers in batches.
#include "common/base/clock.h"
#include "worker/task/plan.h"
#include "worker/worker_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int64_t steps_fresh_until_ms(const struct worker *worker, const struct task *task) {
	if (worker->target->check == NULL)
		return 0;
	return task->work.checked_mono_ms + worker->options->check_ttl_ms;
}

bool steps_is_fresh(const struct worker *worker, const struct task *task) {
	if (worker->target->check == NULL)
		return true;
	return task->work.checked_mono_ms > 0 &&
		worker->now_ms < steps_fresh_until_ms(worker, task);
}

// Once its data is gone, the guards of the remove itself are what counts.
static bool needs_check(const struct worker *worker, const struct task *task) {
	return task->requests_done == 0 && !steps_is_fresh(worker, task);
}

void steps_recheck(struct worker *worker, struct task *task) {
	task_move(task, TASK_CHECK);
	worker->tally.rechecked++;
	batcher_add(&worker->check, task, worker->now_ms);
}

// A dry run ends here: what would have happened is counted instead.
static void plan_only(struct worker *worker, struct task *task) {
	const struct work *work = &task->work;
	const char *where = NULL;
	const char *outcome = "remove";
	struct plan_rows rows;

	if (!ticket_take(worker, task)) {
		fate_left(worker, task, REASON_LIMIT);
		return;
	}
	if (worker->target->plan != NULL)
		outcome = worker->target->plan(worker->setup.config, work, &where);
	rows = (struct plan_rows){work->rows, work->oldest_at, work->newest_at};
	if (plan_add(worker->plan, outcome, where, &rows) < 0)
		worker_fail(worker, "out of memory");
	task->work.removed = task->work.rows;
	task_move(task, TASK_REMOVE);
	fate_done(worker, task);
}

static void go_remove(struct worker *worker, struct task *task) {
	if (quiet_holds(worker, task))
		return;
	if (task->state != TASK_CHECK && needs_check(worker, task)) {
		steps_recheck(worker, task);
		return;
	}
	if (!ticket_take(worker, task)) {
		task_move(task, TASK_WAIT);
		TAILQ_INSERT_TAIL(&worker->ticketless, task, link);
		ticket_check_limit(worker);
		return;
	}
	if (!pace_admits(worker, task))
		return;
	task->work.good_until_ms = steps_fresh_until_ms(worker, task);
	task_move(task, TASK_REMOVE);
	batcher_add(&worker->remove, task, worker->now_ms);
}

// Who holds a ticket goes first: behind rows that wait for one it would never be sent, nor they.
static enum lane_place place_of(const struct task *task, bool was_checked) {
	if (task->has_ticket || (was_checked && task->is_ready))
		return LANE_NEXT;
	return was_checked || task->requests_done > 0 || task->attempts > 0 ? LANE_READY
									    : LANE_LAST;
}

// A check that takes longer than its judgement holds would be made again for ever.
static void check_was_too_slow(struct worker *worker, struct task *task) {
	snprintf(
		task->work.message,
		sizeof(task->work.message),
		"judging the record took longer than --check-ttl"
	);
	wait_after_batch(worker, task, REASON_DATABASE);
}

static void queue_for_node(struct worker *worker, struct task *task, bool was_checked) {
	task_move(task, TASK_REQUEST);
	if (task->queued_ms == 0) {
		task->queued_ms = worker->now_ms;
		task->lane->last_arrival = worker->tally.taken;
	}
	lane_entry_queue(task->lane, task, place_of(task, was_checked));
}

static void go_request(struct worker *worker, struct task *task, const struct route *route) {
	bool was_checked = task->state == TASK_CHECK;

	if (was_checked && !steps_is_fresh(worker, task)) {
		check_was_too_slow(worker, task);
		return;
	}
	task->lane = lanes_get(worker->lanes, route->origin);
	if (task->lane == NULL)
		fate_failed(worker, task, REASON_UNKNOWN);
	else
		queue_for_node(worker, task, was_checked);
}

// As target.route; without one no request is ever needed.
static int next_route(const struct worker *worker, const struct task *task, struct route *route) {
	if (worker->target->route == NULL)
		return 0;
	return worker->target->route(worker->setup.config, &task->work, route);
}

void steps_advance(struct worker *worker, struct task *task) {
	struct route route;
	int found;

	if (task_is_revoked(task)) {
		fate_abandoned(worker, task);
		return;
	}
	found = next_route(worker, task, &route);
	if (found < 0)
		fate_failed(worker, task, REASON_UNKNOWN);
	else if (worker->options->dryrun)
		plan_only(worker, task);
	else if (found == 0)
		go_remove(worker, task);
	else
		go_request(worker, task, &route);
}

void steps_start(struct worker *worker, struct task *task) {
	int err = worker->target->load(worker->setup.config, &task->work);

	worker->rows_in_work += task->work.rows;
	if (err < 0) {
		snprintf(
			task->work.message,
			sizeof(task->work.message),
			"the record cannot be decoded"
		);
		fate_failed(worker, task, REASON_UNKNOWN);
		return;
	}
	if (worker->options->dryrun && !steps_is_fresh(worker, task))
		steps_recheck(worker, task);
	else
		steps_advance(worker, task);
}

// --- batches

// What the batch said about a task that does not go on.
static void end_by_verdict(struct worker *worker, struct task *task) {
	switch (task->work.verdict) {
	case VERDICT_DONE:
		fate_done(worker, task);
		break;
	case VERDICT_LEFT:
		fate_left(worker, task, task->work.reason);
		break;
	case VERDICT_RETRY:
		wait_after_batch(worker, task, task->work.reason);
		break;
	default:
		fate_failed(worker, task, task->work.reason);
		break;
	}
}

static void on_checked(struct worker *worker, struct task *task) {
	lane_entry_rechecked(task);
	if (task->work.verdict != VERDICT_GO)
		end_by_verdict(worker, task);
	else if (worker_is_stopping(worker))
		fate_postponed(worker, task, REASON_STOPPED);
	else
		steps_advance(worker, task);
}

static void on_batch(struct worker *worker, struct batch *batch) {
	if (batch->error < 0 && batch->error != -ECANCELED)
		worker_fail(worker, batch->message);
	for (size_t i = 0; i < batch->count; i++) {
		struct task *task = (struct task *)batch->works[i];

		if (batch->kind == BATCH_CHECK)
			on_checked(worker, task);
		else if (batch->kind == BATCH_REMOVE)
			end_by_verdict(worker, task);
		else
			fate_deferred(worker, task);
	}
	free(batch);
}

void steps_take_done(struct worker *worker) {
	struct batch *batch = batch_pool_take_done(worker->pool);

	while (batch != NULL) {
		struct batch *next = batch->next;
		on_batch(worker, batch);
		batch = next;
	}
}

static void submit(struct worker *worker, struct batcher *batcher) {
	while (batcher_is_ready(batcher, batch_pool_is_idle(worker->pool), worker->now_ms)) {
		struct batch *batch = batcher_take(batcher, worker->now_ms);

		// No memory now: the next step tries again.
		if (batch == NULL)
			return;
		batch_pool_submit(worker->pool, batch);
	}
}

static void leave_list(struct worker *worker, struct task_list *list) {
	struct task *task;

	while ((task = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, task, link);
		fate_postponed(worker, task, REASON_STOPPED);
	}
}

// Nothing more goes to the nodes, so who has not been sent yet stays as it is. Removes go on: their
// data is gone.
static void leave_unchecked(struct worker *worker) {
	struct task *task;

	while ((task = TAILQ_FIRST(&worker->check.list)) != NULL) {
		TAILQ_REMOVE(&worker->check.list, task, link);
		worker->check.count--;
		fate_postponed(worker, task, REASON_STOPPED);
	}
	while ((task = waiters_take_any(&worker->waiters)) != NULL)
		fate_postponed(worker, task, REASON_STOPPED);
	leave_list(worker, &worker->ticketless);
	leave_list(worker, &worker->paced);
	leave_list(worker, &worker->resting);
}

void steps_submit(struct worker *worker) {
	if (worker_is_stopping(worker))
		leave_unchecked(worker);
	if (!quiet_is_on(worker))
		submit(worker, &worker->check);
	submit(worker, &worker->remove);
	submit(worker, &worker->defer);
}

void steps_go_on(struct worker *worker, struct task *task) {
	if (needs_check(worker, task))
		steps_recheck(worker, task);
	else
		steps_advance(worker, task);
}

static void resume_ticketless(struct worker *worker) {
	struct task *task;

	while ((task = TAILQ_FIRST(&worker->ticketless)) != NULL &&
	       (worker->limit_reached || ticket_take(worker, task))) {
		TAILQ_REMOVE(&worker->ticketless, task, link);
		if (worker->limit_reached)
			fate_left(worker, task, REASON_LIMIT);
		else
			steps_go_on(worker, task);
	}
}

void steps_resume(struct worker *worker) {
	struct task *task;

	if (quiet_is_on(worker))
		return;
	while ((task = waiters_take_due(&worker->waiters, worker->now_ms)) != NULL)
		steps_go_on(worker, task);
	resume_ticketless(worker);
	pace_resume(worker);
}

static void sooner(int64_t *wake_ms, int64_t other_ms) {
	if (other_ms < *wake_ms)
		*wake_ms = other_ms;
}

int64_t steps_wake_ms(const struct worker *worker) {
	bool is_quiet = quiet_is_on(worker);
	int64_t wake_ms = is_quiet ? INT64_MAX : waiters_next_ms(&worker->waiters);

	if (!is_quiet && !TAILQ_EMPTY(&worker->paced))
		sooner(&wake_ms, pace_wake_ms(worker));
	// A batch waits for its linger only while a thread is idle; else the thread's end wakes the
	// loop.
	if (batch_pool_is_idle(worker->pool)) {
		if (!is_quiet)
			sooner(&wake_ms, batcher_due_ms(&worker->check));
		sooner(&wake_ms, batcher_due_ms(&worker->remove));
		sooner(&wake_ms, batcher_due_ms(&worker->defer));
	}
	return wake_ms;
}
