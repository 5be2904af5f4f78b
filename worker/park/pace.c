// SPDX-License-Identifier: MPL-2.0
// pace: the limit of records a second over all nodes. Requests look at it when they are sent; rows
// that need none wait here, before their batch and so before its transaction.
#include "worker/worker_state.h"

bool pace_allows(const struct worker *worker) {
	return rate_has(&worker->rate, worker->options->max_rate, worker->now_ms);
}

void pace_take(struct worker *worker, int64_t records) {
	rate_take(&worker->rate, worker->options->max_rate, (double)records, worker->now_ms);
}

static void admit(struct worker *worker, struct task *task) {
	task->is_paced = true;
	pace_take(worker, task->work.rows);
}

bool pace_admits(struct worker *worker, struct task *task) {
	if (task->is_paced || task->requests_done > 0)
		return true;
	if (TAILQ_EMPTY(&worker->paced) && pace_allows(worker)) {
		admit(worker, task);
		return true;
	}
	if (task->state != TASK_WAIT)
		task_move(task, TASK_WAIT);
	TAILQ_INSERT_TAIL(&worker->paced, task, link);
	return false;
}

void pace_resume(struct worker *worker) {
	struct task *task;

	while ((task = TAILQ_FIRST(&worker->paced)) != NULL && pace_allows(worker)) {
		TAILQ_REMOVE(&worker->paced, task, link);
		admit(worker, task);
		steps_go_on(worker, task);
	}
}

// How many wait in lanes for a rate.
static size_t held_in_lanes(const struct worker *worker) {
	bool all = !pace_allows(worker);
	size_t count = 0;

	for (size_t i = 0; i < lanes_count(worker->lanes); i++) {
		const struct lane_entry *entry = lanes_at(worker->lanes, i);
		double per_s = entry->lane.limits->rate_per_s;

		if (all || !rate_has(&entry->lane.rate, per_s, worker->now_ms))
			count += entry->queued;
	}
	return count;
}

bool pace_holds_all(const struct worker *worker) {
	const struct worker_options *options = worker->options;
	const struct task *task;
	size_t count = 0;

	if (worker->in_work == 0 || (options->max_rate == 0 && options->lane.rate_per_s == 0) ||
	    http_inflight(worker->http) > 0)
		return false;
	if (!pace_allows(worker))
		TAILQ_FOREACH (task, &worker->paced, link)
			count++;
	return count + held_in_lanes(worker) == worker->in_work;
}

int64_t pace_wake_ms(const struct worker *worker) {
	return rate_due_ms(&worker->rate, worker->options->max_rate, worker->now_ms);
}

// What waits for its turn in a lane must not wait for so long that it would be taken for held up:
// more than the rates allow in half of the patience is not taken in.
size_t pace_window(const struct worker *worker) {
	const struct worker_options *options = worker->options;
	int64_t patience_ms = options->lane.patience_ms;
	double some_s = (double)(patience_ms < PACE_LEAST_MS ? PACE_LEAST_MS : patience_ms) / 2000;
	size_t nodes = lanes_count(worker->lanes);
	double most = (double)options->window;

	if (options->max_rate > 0 && options->max_rate * some_s < most)
		most = options->max_rate * some_s;
	if (options->lane.rate_per_s > 0) {
		double lanes = options->lane.rate_per_s * (double)(nodes == 0 ? 1 : nodes);

		if (lanes * some_s < most)
			most = lanes * some_s;
	}
	return most < 1 ? 1 : (size_t)most;
}
