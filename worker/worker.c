// SPDX-License-Identifier: MPL-2.0
// worker: takes candidates in and runs the loop's step.
//
// Design notes: flow.c says what comes next for a task. Answers of nodes come from calls_drain and
// batches from rulings_take, both in worker_step only.
#include "worker/worker.h"

#include "common/base/clock.h"
#include "common/target/target_calls.h"
#include "common/target/target_remover.h"
#include "worker/admission.h"
#include "worker/answers.h"
#include "worker/batch/batch_pool.h"
#include "worker/batch/batches.h"
#include "worker/batch/muster.h"
#include "worker/calls/calls.h"
#include "worker/calls/lanes.h"
#include "worker/calls/turn.h"
#include "worker/ending.h"
#include "worker/flow.h"
#include "worker/park/pace.h"
#include "worker/park/park.h"
#include "worker/park/tickets.h"
#include "worker/quiet.h"
#include "worker/retrying.h"
#include "worker/rulings.h"
#include "worker/sweep.h"
#include "worker/task/plan.h"
#include "worker/task/shift.h"
#include "worker/task/task.h"
#include "worker/waits.h"
#include "worker/worker_view.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum { FDS_MAX = 8 };

struct worker {
	struct queue_take *queue;
	const struct worker_options *options;
	struct shift shift;
	struct task_roll tasks;
	struct plan *plan;
	struct tickets tickets;
	struct pace pace;
	struct park park;
	struct batches batches;
	struct calls *calls;
	struct ending ending;
	struct retrying retrying;
	struct flow flow;
	struct answers answers;
	struct quiet quiet;
	struct muster muster;
	bool is_failure_known; // the queue was stopped for it
};

static void wake(void *ctx) {
	worker_wake(ctx);
}

static int open_pool(struct worker *worker, const struct worker_setup *setup) {
	const struct worker_options *options = setup->options;
	struct batch_pool_setup pool = {
		.target = setup->target,
		.config = setup->config,
		.location = setup->location,
		.threads = options->batch_threads,
		.dryrun = options->dryrun,
		.reconnect_ms = options->reconnect_ms,
		.log = setup->log,
		.wake = wake,
		.wake_ctx = worker,
	};

	return batch_pool_new(&worker->batches.pool, &pool);
}

// A target that judges nothing again has judgements that hold for ever.
static int64_t check_ttl_ms(const struct worker_setup *setup) {
	return setup->target->remover->check == NULL ? -1 : setup->options->check_ttl_ms;
}

static int open_calls(struct worker *worker, const struct worker_setup *setup) {
	const struct worker_options *options = setup->options;
	struct calls_setup calls = {
		.shift = &worker->shift,
		.tickets = &worker->tickets,
		.pace = &worker->pace,
		.http = &options->http,
		.lane = &options->lane,
		.retry = &options->retry,
		.window = options->window,
		.away_most_ms = options->away_most_ms,
		.hooks = answers_hooks(&worker->answers),
	};

	return calls_new(&worker->calls, &calls);
}

static int open_parts(struct worker *worker, const struct worker_setup *setup) {
	int err;

	if (getrandom(worker->shift.random, sizeof(worker->shift.random), 0) < 0)
		return -errno;
	err = open_calls(worker, setup);
	if (err < 0)
		return err;
	worker->plan = plan_new();
	return worker->plan == NULL ? -ENOMEM : open_pool(worker, setup);
}

// Tells each part which others it needs.
static void join_parts(struct worker *worker, const struct worker_setup *setup) {
	const struct worker_options *options = setup->options;

	worker->ending = (struct ending){
		.shift = &worker->shift,
		.setup =
			{
				.queue = setup->queue,
				.audit = setup->audit,
				.tickets = &worker->tickets,
				.batches = &worker->batches,
				.dryrun = options->dryrun,
				.defer_failed = options->defer_failed,
				.failures_renew_ms = options->failures_renew_ms,
			},
	};
	worker->retrying = (struct retrying){
		.shift = &worker->shift,
		.ending = &worker->ending,
		.park = &worker->park,
		.limits = &options->retry,
	};
	worker->flow = (struct flow){
		.shift = &worker->shift,
		.ending = &worker->ending,
		.calls = worker->calls,
		.batches = &worker->batches,
		.park = &worker->park,
		.tickets = &worker->tickets,
		.pace = &worker->pace,
		.plan = worker->plan,
		.retrying = &worker->retrying,
		.dryrun = options->dryrun,
	};
	worker->answers.flow = &worker->flow;
	worker->quiet.flow = &worker->flow;
	worker->muster = (struct muster){
		.shift = &worker->shift,
		.pool = worker->batches.pool,
		.wanted = options->batch_threads,
	};
}

int worker_new(struct worker **out, const struct worker_setup *setup) {
	struct worker *worker = calloc(1, sizeof(*worker));
	const struct worker_options *options = setup->options;
	size_t batch_max = setup->target->remover->batch_max > 0 ? setup->target->remover->batch_max
								 : options->batch_rows;
	int err;

	if (worker == NULL)
		return -ENOMEM;
	worker->queue = setup->queue;
	worker->options = options;
	worker->shift = (struct shift){
		.target = setup->target,
		.config = setup->config,
		.log = setup->log,
		.metrics = setup->metrics,
		.check_ttl_ms = check_ttl_ms(setup),
	};
	worker->tickets.limit = options->max_records;
	worker->pace.max_rate = &options->max_rate;
	park_init(&worker->park);
	batches_init(&worker->batches, batch_max, options->linger_ms);
	err = open_parts(worker, setup);
	if (err < 0) {
		worker_free(worker);
		return err;
	}
	join_parts(worker, setup);
	*out = worker;
	return 0;
}

void worker_free(struct worker *worker) {
	if (worker == NULL)
		return;
	batch_pool_free(worker->batches.pool);
	calls_free(worker->calls);
	plan_free(worker->plan);
	park_fini(&worker->park);
	task_roll_clear(&worker->tasks, worker->shift.target->remover, worker->shift.config);
	free(worker);
}

void worker_begin_pass(struct worker *worker) {
	tally_add(&worker->shift.before, &worker->shift.tally);
	worker->shift.tally = (struct tally){.taken = 0};
	worker->shift.fatal[0] = '\0';
	worker->tickets = (struct tickets){.limit = worker->options->max_records};
	worker->ending.failures_named = (struct quota){0};
	worker->ending.postponed_named = (struct quota){0};
	worker->is_failure_known = false;
	muster_begin_pass(&worker->muster);
	batch_pool_hurry(worker->batches.pool, worker->shift.quitting);
	batch_pool_forget(worker->batches.pool);
	calls_begin_pass(worker->calls);
	plan_clear(worker->plan);
}

// Once the pass has failed nothing more is taken, and nobody waits for a lost database.
static void heed_failure(struct worker *worker) {
	if (worker->shift.fatal[0] == '\0' || worker->is_failure_known)
		return;
	worker->is_failure_known = true;
	worker->queue->ops->stop(worker->queue);
	batch_pool_hurry(worker->batches.pool, true);
}

static size_t room_of(const struct worker *worker) {
	const struct worker_options *options = worker->options;
	const struct pace_limits limits = {
		.max_rate = options->max_rate,
		.node_rate = options->lane.rate_per_s,
		.nodes = lanes_count(calls_lanes(worker->calls)),
		.patience_ms = options->lane.patience_ms,
		.window = options->window,
	};

	return admission_room(&limits, &worker->shift);
}

static void take_in(struct worker *worker) {
	static const struct fate unfinished = {
		.verdict = VERDICT_POSTPONED, .reason = REASON_STOPPED, .message = ""};
	struct candidate *taken[ADMISSION_MOST];
	struct queue_take *queue = worker->queue;
	size_t count = queue->ops->take(queue, taken, room_of(worker));
	const struct target_calls *calls = worker->shift.target->calls;
	size_t call_max = calls == NULL ? 0 : calls->at_once;

	for (size_t i = 0; i < count; i++) {
		struct task *task = task_new(&worker->tasks, taken[i], call_max);

		if (task == NULL) {
			shift_fail(&worker->shift, "out of memory");
			queue->ops->finish(queue, taken[i], &unfinished);
			continue;
		}
		task->taken_ms = worker->shift.now_ms;
		worker->shift.in_work++;
		worker->shift.tally.taken++;
		flow_start(&worker->flow, task);
	}
}

// While stopping nothing is sent, but those who wait leave.
static bool may_send(const struct worker *worker) {
	return !shift_is_quiet(&worker->shift) &&
		(!worker->muster.is_awaited || shift_is_stopping(&worker->shift));
}

static int64_t wait_ms(const struct worker *worker, int64_t timeout_ms) {
	int64_t wake_ms = flow_wake_ms(&worker->flow);

	if (worker->tickets.came_free)
		return 0;
	clock_sooner(&wake_ms, batches_wake_ms(&worker->batches, shift_is_quiet(&worker->shift)));
	if (may_send(worker))
		clock_sooner(&wake_ms, calls_wake_ms(worker->calls));
	if (wake_ms == INT64_MAX)
		return timeout_ms;
	wake_ms = wake_ms > worker->shift.now_ms ? wake_ms - worker->shift.now_ms : 0;
	return wake_ms < timeout_ms ? wake_ms : timeout_ms;
}

static void wait(struct worker *worker, struct pollfd *fds, size_t count, int64_t timeout_ms) {
	struct pollfd all[FDS_MAX + 1] = {0};
	struct queue_take *queue = worker->queue;
	size_t total = count;

	if (count > 0)
		memcpy(all, fds, count * sizeof(*fds));
	if (room_of(worker) > 0)
		all[total++] = (struct pollfd){.fd = queue->ops->fd(queue), .events = POLLIN};
	if (calls_poll(worker->calls, all, total, wait_ms(worker, timeout_ms)) == 0 && count > 0)
		memcpy(fds, all, count * sizeof(*fds));
}

void worker_step(struct worker *worker, struct pollfd *fds, size_t count, int64_t timeout_ms) {
	struct shift *shift = &worker->shift;

	shift->now_ms = clock_mono_ms();
	worker->tickets.came_free = false;
	take_in(worker);
	muster_serve(&worker->muster);
	rulings_take(&worker->flow);
	calls_drain(worker->calls);
	flow_resume(&worker->flow);
	if (may_send(worker))
		calls_serve(worker->calls);
	if (shift_is_stopping(shift))
		sweep_unsent(&worker->flow);
	batches_submit(&worker->batches, shift_is_quiet(shift), shift->now_ms);
	heed_failure(worker);
	wait(worker, fds, count < FDS_MAX ? count : FDS_MAX, timeout_ms);
}

void worker_wake(struct worker *worker) {
	calls_wake(worker->calls);
}

void worker_sweep(struct worker *worker) {
	sweep_revoked(&worker->flow);
}

void worker_pause(struct worker *worker, bool paused) {
	quiet_set(&worker->quiet, paused);
}

bool worker_is_still(const struct worker *worker) {
	return quiet_is_still(&worker->quiet);
}

void worker_judge_anew(struct worker *worker) {
	worker->shift.judged_anew_ms = clock_mono_ms();
	calls_expire_unsent(worker->calls);
}

void worker_quit(struct worker *worker) {
	worker->shift.quitting = true;
	batch_pool_hurry(worker->batches.pool, true);
}

// --- what is seen from outside

size_t worker_in_work(const struct worker *worker) {
	return worker->shift.in_work;
}

bool worker_is_done(const struct worker *worker) {
	return worker->shift.in_work == 0 && !worker->muster.is_awaited;
}

size_t worker_nodes_waited(const struct worker *worker) {
	return waits_for_nodes(&worker->flow);
}

int64_t worker_rows_in_work(const struct worker *worker) {
	return worker->shift.rows_in_work;
}

bool worker_waits_for_rate(const struct worker *worker) {
	const struct worker_options *options = worker->options;

	return (options->max_rate > 0 || options->lane.rate_per_s > 0) &&
		waits_for_rate(&worker->flow);
}

const struct tally *worker_tally(const struct worker *worker) {
	return &worker->shift.tally;
}

const struct plan *worker_plan(const struct worker *worker) {
	return worker->plan;
}

const char *worker_fatal(const struct worker *worker) {
	return worker->shift.fatal[0] == '\0' ? NULL : worker->shift.fatal;
}

const char *worker_stopped_node(const struct worker *worker) {
	return calls_stopped_node(worker->calls);
}

void worker_tell_postponed(const struct worker *worker) {
	turn_tell_postponed(worker->shift.log, calls_lanes(worker->calls));
}

bool worker_limit_reached(const struct worker *worker) {
	return worker->tickets.is_over;
}

void worker_look(const struct worker *worker, struct worker_view *out) {
	worker_view_take(&worker->flow, out);
}
