// SPDX-License-Identifier: MPL-2.0
// worker: takes candidates in and runs the loop's step.
//
// Design notes
// - A task is in exactly one place: a list that its state says, a batch that is out, or with
//   libcurl. Whoever takes it out of there moves it on at once, so no task is forgotten and in_work
//   says how many there are.
// - Callbacks come only from worker_step: libcurl's answers from http_drain, batches from
//   steps_take_done.
#include "worker/worker.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "worker/task/plan.h"
#include "worker/worker_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { TAKE_MAX = 1024, FDS_MAX = 8, NODES_TOLD_MAX = 100 };

static void wake(void *ctx) {
	worker_wake(ctx);
}

static int open_parts(struct worker *worker) {
	const struct worker_options *options = worker->options;
	struct batch_pool_setup pool = {
		.target = worker->target,
		.config = worker->setup.config,
		.location = worker->setup.location,
		.threads = options->batch_threads,
		.dryrun = options->dryrun,
		.reconnect_ms = options->reconnect_ms,
		.log = worker->setup.log,
		.wake = wake,
		.wake_ctx = worker,
	};
	int err = http_open(&worker->http, &options->http);

	if (err < 0)
		return err;
	worker->lanes = lanes_new(&options->lane);
	worker->plan = plan_new();
	if (worker->lanes == NULL || worker->plan == NULL)
		return -ENOMEM;
	return batch_pool_new(&worker->pool, &pool);
}

int worker_new(struct worker **out, const struct worker_setup *setup) {
	struct worker *worker = calloc(1, sizeof(*worker));
	const struct worker_options *options = setup->options;
	size_t batch_max = setup->target->batch_max > 0 ? setup->target->batch_max
							: options->batch_rows;
	int err;

	if (worker == NULL)
		return -ENOMEM;
	worker->setup = *setup;
	worker->options = options;
	worker->target = setup->target;
	worker->budget.limit = options->max_records;
	batcher_init(&worker->check, BATCH_CHECK, batch_max, options->linger_ms);
	batcher_init(&worker->remove, BATCH_REMOVE, batch_max, options->linger_ms);
	batcher_init(&worker->defer, BATCH_DEFER, batch_max, options->linger_ms);
	TAILQ_INIT(&worker->ticketless);
	TAILQ_INIT(&worker->paced);
	TAILQ_INIT(&worker->resting);
	err = getrandom(worker->random, sizeof(worker->random), 0) < 0 ? -errno
								       : open_parts(worker);
	if (err < 0) {
		worker_free(worker);
		return err;
	}
	*out = worker;
	return 0;
}

void worker_free(struct worker *worker) {
	if (worker == NULL)
		return;
	batch_pool_free(worker->pool);
	http_close(worker->http);
	lanes_free(worker->lanes);
	plan_free(worker->plan);
	waiters_fini(&worker->waiters);
	free(worker);
}

void worker_begin_pass(struct worker *worker) {
	memset(&worker->tally, 0, sizeof(worker->tally));
	worker->budget = (struct budget){.limit = worker->options->max_records};
	worker->limit_reached = false;
	worker->has_mustered = false;
	worker->failures_named = (struct quota){0};
	worker->fatal[0] = '\0';
	worker->first_stopped_lane = NULL;
	batch_pool_hurry(worker->pool, worker->quitting);
	lanes_reset(worker->lanes);
	plan_clear(worker->plan);
}

bool worker_is_stopping(const struct worker *worker) {
	return worker->quitting || worker->fatal[0] != '\0';
}

void worker_report(struct worker *worker, const struct event *event) {
	if (worker->target->report != NULL)
		worker->target->report(worker->setup.config, worker->setup.metrics, event);
}

void worker_fail(struct worker *worker, const char *message) {
	if (worker->fatal[0] != '\0')
		return;
	snprintf(
		worker->fatal,
		sizeof(worker->fatal),
		"%s",
		message[0] == '\0' ? "unknown error" : message
	);
	worker->setup.queue->ops->stop(worker->setup.queue);
	batch_pool_hurry(worker->pool, true);
}

static size_t room(const struct worker *worker) {
	size_t window = pace_window(worker);

	if (worker->is_quiet || worker->quitting || worker->in_work >= window)
		return 0;
	return window - worker->in_work;
}

// The rows can only go when the batch threads have their connections, and a node that deleted
// cannot take it back.
static void muster(struct worker *worker) {
	if (worker->has_mustered || worker->tally.taken == 0)
		return;
	worker->has_mustered = worker->awaits_muster = true;
	batch_pool_muster(worker->pool);
}

static void await_muster(struct worker *worker) {
	size_t wanted = worker->options->batch_threads, connected;
	char error[300], words[448];

	if (!worker->awaits_muster ||
	    !batch_pool_mustered(worker->pool, &connected, error, sizeof(error)))
		return;
	worker->awaits_muster = false;
	if (connected == wanted || worker->quitting)
		return;
	snprintf(
		words,
		sizeof(words),
		"%zu of the %zu database connections for --batch-threads could be made: %s",
		connected,
		wanted,
		error
	);
	if (connected == 0)
		worker_fail(worker, words);
	else
		LOG(worker->setup.log,
		    LOG_LEVEL_WARNING,
		    "going on with fewer threads; raise the limit of connections",
		    log_int("connected", (int64_t)connected),
		    log_int("wanted", (int64_t)wanted),
		    log_str("error", error));
}

static void take_in(struct worker *worker) {
	static const struct fate unfinished = {
		.verdict = VERDICT_POSTPONED, .reason = REASON_STOPPED, .message = ""};
	struct candidate *taken[TAKE_MAX];
	struct queue_take *queue = worker->setup.queue;
	size_t want = room(worker) < TAKE_MAX ? room(worker) : TAKE_MAX;
	size_t count = queue->ops->take(queue, taken, want);

	for (size_t i = 0; i < count; i++) {
		struct task *task = task_new(taken[i]);

		if (task == NULL) {
			worker_fail(worker, "out of memory");
			queue->ops->finish(queue, taken[i], &unfinished);
			continue;
		}
		task->taken_ms = worker->now_ms;
		worker->in_work++;
		worker->tally.taken++;
		steps_start(worker, task);
	}
}

static int64_t wait_ms(const struct worker *worker, int64_t timeout_ms) {
	int64_t wake_ms = steps_wake_ms(worker);
	int64_t lane_ms = dispatch_wake_ms(worker);

	if (worker->ticket_came_free)
		return 0;
	if (lane_ms < wake_ms)
		wake_ms = lane_ms;
	if (wake_ms == INT64_MAX)
		return timeout_ms;
	wake_ms = wake_ms > worker->now_ms ? wake_ms - worker->now_ms : 0;
	return wake_ms < timeout_ms ? wake_ms : timeout_ms;
}

static void wait(struct worker *worker, struct pollfd *fds, size_t count, int64_t timeout_ms) {
	struct pollfd all[FDS_MAX + 1] = {0};
	struct queue_take *queue = worker->setup.queue;
	size_t total = count;

	if (count > 0)
		memcpy(all, fds, count * sizeof(*fds));
	if (room(worker) > 0)
		all[total++] = (struct pollfd){.fd = queue->ops->fd(queue), .events = POLLIN};
	if (http_poll(worker->http, all, total, wait_ms(worker, timeout_ms)) == 0 && count > 0)
		memcpy(fds, all, count * sizeof(*fds));
}

void worker_step(struct worker *worker, struct pollfd *fds, size_t count, int64_t timeout_ms) {
	worker->now_ms = clock_mono_ms();
	worker->ticket_came_free = false;
	take_in(worker);
	muster(worker);
	await_muster(worker);
	steps_take_done(worker);
	http_drain(worker->http, dispatch_answer, worker);
	steps_resume(worker);
	dispatch_lanes(worker);
	steps_submit(worker);
	wait(worker, fds, count < FDS_MAX ? count : FDS_MAX, timeout_ms);
}

void worker_wake(struct worker *worker) {
	http_wake(worker->http);
}

size_t worker_in_work(const struct worker *worker) {
	return worker->in_work;
}

bool worker_is_done(const struct worker *worker) {
	return worker->in_work == 0 && !worker->awaits_muster;
}

size_t worker_nodes_waited(const struct worker *worker) {
	size_t waiting = worker->waiters.count;
	size_t nodes = 0;

	for (size_t i = 0; i < lanes_count(worker->lanes); i++) {
		const struct lane_entry *entry = lanes_at(worker->lanes, i);
		size_t here = entry->queued + (size_t)entry->lane.inflight;

		if (entry->lane.blocked_since_ms == 0 || here == 0)
			continue;
		waiting += here;
		nodes++;
	}
	return waiting == worker->in_work ? nodes : 0;
}

int64_t worker_rows_in_work(const struct worker *worker) {
	return worker->rows_in_work;
}

bool worker_waits_for_rate(const struct worker *worker) {
	return pace_holds_all(worker);
}

const struct tally *worker_tally(const struct worker *worker) {
	return &worker->tally;
}

const struct plan *worker_plan(const struct worker *worker) {
	return worker->plan;
}

const char *worker_fatal(const struct worker *worker) {
	return worker->fatal[0] == '\0' ? NULL : worker->fatal;
}

const char *worker_stopped_node(const struct worker *worker) {
	return worker->first_stopped_lane == NULL ? NULL : worker->first_stopped_lane->origin;
}

void worker_tell_postponed(const struct worker *worker) {
	size_t told = 0;

	for (size_t i = 0; i < lanes_count(worker->lanes); i++) {
		const struct lane_entry *entry = lanes_at(worker->lanes, i);

		if (entry->postponed == 0)
			continue;
		if (told++ == NODES_TOLD_MAX) {
			LOG(worker->setup.log,
			    LOG_LEVEL_WARNING,
			    "more nodes have rows that are postponed");
			return;
		}
		LOG(worker->setup.log,
		    LOG_LEVEL_WARNING,
		    "rows of this node are postponed: a later run does them",
		    log_str("node", entry->origin),
		    log_int("rows", entry->postponed));
	}
}

bool worker_limit_reached(const struct worker *worker) {
	return worker->limit_reached;
}

void worker_quit(struct worker *worker) {
	worker->quitting = true;
	batch_pool_hurry(worker->pool, true);
}
