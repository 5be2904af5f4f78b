// SPDX-License-Identifier: MPL-2.0
// run: producer and worker in one process, joined by the queue in memory.
//
// Design notes
// - This thread is the loop thread. It owns the worker, the schedule and the signals; the scan
//   thread is the producer's own. A run is over when its pass was reported and no task is in work.
#include "cli/run.h"

#include "cli/admin/admin.h"
#include "cli/front/front.h"
#include "cli/front/orders.h"
#include "cli/front/process.h"
#include "cli/front/reload.h"
#include "cli/halves.h"
#include "cli/options/audit_option.h"
#include "cli/options/run_options.h"
#include "cli/options/run_read.h"
#include "cli/options/schedule_option.h"
#include "cli/show/outcome.h"
#include "cli/show/progress.h"
#include "cli/show/show_plan.h"
#include "cli/show/summary.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/metrics/metrics.h"
#include "common/target/event.h"
#include "common/target/target.h"
#include "common/target/target_front.h"
#include "producer/producer.h"
#include "producer/reach.h"
#include "producer/schedule.h"
#include "worker/task/tally.h"
#include "worker/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { STEP_MOST_MS = 1000, METRICS_FLUSH_MS = 100 };

struct run {
	struct front front;
	struct front_log log_options;
	struct run_options options;
	struct halves halves;
	struct schedule schedule;
	struct progress progress;
	struct pass_report report;
	struct orders orders;
	struct admin *admin; // NULL: none
	bool is_terminal; // standard error: somebody looks on
	bool pass_running;
	// The pass ended; the last tasks are still in work.
	bool has_report;
	bool limit_seen;
	int64_t pass_began_ms;
	int exit_status; // of the last run
	unsigned short random[3]; // of erand48(3)
};

// --- start

static int open_all(struct run *run) {
	int err;

	front_open_metrics(&run->front, run->options.metric_host, run->options.metric_port);
	run->orders.log = run->front.log;
	run->orders.drain_timeout_ms = run->options.drain_timeout;
	err = halves_open(&run->halves, &run->front, &run->options);
	if (err == 0 && getrandom(run->random, sizeof(run->random), 0) < 0)
		err = -errno;
	if (err < 0)
		fprintf(stderr,
			"purgefleet: cannot start: %s\n",
			err == -EINVAL ? "this libcurl lacks what is needed" : strerror(-err));
	else
		front_warn(&run->front);
	return err;
}

static int open_admin(struct run *run) {
	const struct admin_setup setup = {
		.front = &run->front,
		.command = "run",
		.address = run->options.admin.address,
		.orders = &run->orders,
		.worker = &run->halves.worker,
		.producer = &run->halves.producer,
		.pass_running = &run->pass_running,
		.has_trigger = !run->options.oneshot,
	};

	return admin_open(&run->admin, &setup);
}

static int start(struct run *run, const struct invocation *invocation) {
	int err = run_options_read(
		&run->front.conf, &run->options, &run->log_options, run->front.config, invocation
	);

	if (err == 0)
		err = orders_open(&run->orders);
	if (err == 0)
		err = front_set_up(&run->front, &run->log_options, false);
	if (err == 0)
		err = front_watch(&run->front);
	if (err == 0)
		err = audit_option_open(&run->halves.audit, run->options.audit_log);
	if (err == 0)
		err = open_admin(run);
	if (err == 0)
		err = open_all(run);
	if (err == 0)
		front_begin(&run->front);
	return err;
}

// --- one run

static void begin_run(struct run *run, int64_t now_ms) {
	bool is_short = schedule_began(&run->schedule, now_ms);

	worker_begin_pass(run->halves.worker);
	run->pass_running = true;
	run->has_report = run->limit_seen = false;
	run->pass_began_ms = now_ms;
	progress_begin(&run->progress, run->is_terminal, now_ms);
	LOG(run->front.log,
	    LOG_LEVEL_INFO,
	    "run started",
	    log_str("target", run->front.target->name),
	    log_str("version", PURGEFLEET_VERSION),
	    log_bool("dryrun", run->options.dryrun),
	    log_str("only", is_short ? run->front.target->front->short_pass : NULL),
	    front_log_given(&run->front, "range-start", "range_start", run->options.range_start),
	    front_log_given(&run->front, "range-end", "range_end", run->options.range_end));
	producer_start_pass(run->halves.producer, is_short);
}

// Tells what the run came to: metrics, log, plan and exit status.
static void tell_outcome(struct run *run, struct outcome *outcome, int64_t now_ms) {
	const struct target_alias *alias = run->front.invocation->alias;
	struct event event = {
		.kind = EVENT_PASS_END,
		.value = now_ms - run->pass_began_ms,
		.success = outcome->state != OUTCOME_FAILED,
	};

	outcome->dryrun = run->options.dryrun;
	outcome->defers = run->options.on_failure == RUN_DEFER && !run->options.dryrun;
	outcome->duration_ms = event.value;
	if (run->front.target->report != NULL)
		run->front.target->report(run->front.config, run->front.metrics, &event);
	metrics_flush(run->front.metrics, now_ms);
	admin_note_pass(run->admin, &run->report, NULL, event.success, event.value);
	progress_end(&run->progress, run->front.log);
	worker_tell_postponed(run->halves.worker);
	if (run->is_terminal)
		summary_show(STDERR_FILENO, outcome);
	else
		outcome_log(outcome, run->front.log);
	if (run->options.dryrun)
		show_plan(stdout, outcome, worker_plan(run->halves.worker));
	run->exit_status = outcome_exit_status(outcome, alias != NULL && alias->failures_exit_0);
	if ((outcome->state == OUTCOME_FAILED || outcome->state == OUTCOME_PARTIAL) &&
	    front_say_last_words(&run->front))
		run->exit_status = EXIT_FAILED;
}

static void end_run(struct run *run, int64_t now_ms) {
	struct outcome outcome = {
		.calls = run->front.target->calls,
		.goes_on = !run->options.oneshot && !run->orders.stopping,
		.stopped_node = worker_stopped_node(run->halves.worker),
	};

	schedule_ended(&run->schedule, now_ms, erand48(run->random));
	outcome.next_run_in_ms = schedule_wait_ms(&run->schedule, now_ms);
	outcome_decide(
		&outcome,
		&run->report,
		worker_tally(run->halves.worker),
		worker_fatal(run->halves.worker),
		run->orders.stopping
	);
	tell_outcome(run, &outcome, now_ms);
	if (outcome.goes_on && outcome.next_run_in_ms >= 0 && !run->orders.is_quiet)
		front_tell_next(&run->front, "next run", outcome.next_run_in_ms);
	run->pass_running = false;
}

static void show_progress(struct run *run, int64_t now_ms) {
	struct pass_report report;
	struct tally tally = *worker_tally(run->halves.worker);
	struct progress_counts counts;

	if (!run->pass_running || !progress_is_due(&run->progress, now_ms))
		return;
	producer_peek(run->halves.producer, &report);
	tally_add_left(&tally, report.left);
	counts = (struct progress_counts){
		.done = tally_finished(&tally) - tally_postponed(&tally),
		.backlog = report.backlog,
		.total = report.wanted,
		.purged = tally.purged,
		.failed = tally_failed(&tally),
		.postponed = tally_postponed(&tally),
		.in_work = (int64_t)worker_in_work(run->halves.worker),
		.nodes_waited = (int64_t)worker_nodes_waited(run->halves.worker),
		.stopping = run->orders.stopping,
	};
	progress_tell(&run->progress, run->front.log, now_ms, &counts);
}

// --- the operator

static void stop(void *ctx) {
	struct run *run = ctx;

	// What the last run came to was told when it ended.
	if (!run->pass_running)
		run->exit_status = EXIT_COMPLETE;
	halves_stop(&run->halves);
}

static void cut_off(void *ctx, bool is_late) {
	struct run *run = ctx;
	struct outcome outcome = {
		.state = OUTCOME_FAILED,
		.calls = run->front.target->calls,
		.in_work = worker_rows_in_work(run->halves.worker),
	};
	struct pass_report report;
	const char *why = is_late
		? "work in progress did not end within --drain-timeout; the next run does it again"
		: "stopped at once; what was in work is done again by the next run";

	if (run->pass_running) {
		producer_peek(run->halves.producer, &report);
		outcome_decide(&outcome, &report, worker_tally(run->halves.worker), why, true);
		LOG(run->front.log, LOG_LEVEL_WARNING, why, log_int("in_work", outcome.in_work));
		tell_outcome(run, &outcome, clock_mono_ms());
	}
	metrics_close(run->front.metrics);
	front_abandon(&run->front);
	_exit(EXIT_FAILED);
}

static void quiet(void *ctx) {
	worker_pause(((struct run *)ctx)->halves.worker, true);
}

static void resume(void *ctx) {
	worker_pause(((struct run *)ctx)->halves.worker, false);
}

static void scan(void *ctx) {
	schedule_request(&((struct run *)ctx)->schedule, false);
}

static void obey_trigger(struct run *run) {
	bool is_short;

	if (admin_take_trigger(run->admin, &is_short))
		schedule_request(&run->schedule, is_short);
}

static bool reload(void *ctx) {
	struct run *run = ctx;
	bool has_audit = audit_option_reopen(run->halves.audit, run->front.log);
	bool is_news;
	bool has_options = reload_options(&run->front, &run->log_options, &is_news);

	if (is_news)
		worker_judge_anew(run->halves.worker);
	run_options_limit(&run->options, &run->halves.worker_options);
	return has_audit || has_options;
}

static const struct orders_actions actions = {
	.stop_words = "stopping: what is in work is brought to its end; again to stop at once",
	.quiet_words = "quiet: nothing new is begun; SIGCONT goes on, SIGTERM ends",
	.stop = stop,
	.cut_off = cut_off,
	.quiet = quiet,
	.resume = resume,
	.scan = scan,
	.reload = reload,
};

// --- the loop

static int64_t step_ms(const struct run *run, int64_t now_ms) {
	int64_t due_ms = run->orders.is_quiet ? INT64_MAX : schedule_due_ms(&run->schedule);
	int64_t most_ms = run->progress.shown ? PROGRESS_EVERY_MS : STEP_MOST_MS;

	if (run->pass_running && run->options.metric_host != NULL && most_ms > METRICS_FLUSH_MS)
		most_ms = METRICS_FLUSH_MS;
	if (due_ms == INT64_MAX || due_ms - now_ms > most_ms)
		return most_ms;
	return due_ms > now_ms ? due_ms - now_ms : 0;
}

static void take_report(struct run *run) {
	run->has_report = producer_take_report(run->halves.producer, &run->report);
	// A failed pass ends with what is in work: nothing of it may be taken after its end.
	if (run->has_report && run->report.error < 0)
		producer_stop(run->halves.producer);
}

// The scan thread waits for a database and hears nothing; nothing has begun.
static void end_unconnected(struct run *run, int64_t now_ms) {
	producer_peek(run->halves.producer, &run->report);
	run->report.stopped = true;
	end_run(run, now_ms);
	metrics_close(run->front.metrics);
	_exit(front_end(run->exit_status));
}

static void step(struct run *run) {
	struct pollfd fds[] = {
		{.fd = run->orders.fd, .events = POLLIN},
		{.fd = admin_fd(run->admin), .events = POLLIN},
	};
	int64_t now_ms = clock_mono_ms();

	worker_step(run->halves.worker, fds, run->admin == NULL ? 1 : 2, step_ms(run, now_ms));
	now_ms = clock_mono_ms();
	orders_obey(&run->orders, now_ms);
	obey_trigger(run);
	orders_note_still(
		&run->orders,
		worker_is_still(run->halves.worker),
		(int64_t)worker_in_work(run->halves.worker)
	);
	metrics_flush(run->front.metrics, now_ms);
	admin_serve(run->admin, now_ms);
	show_progress(run, now_ms);
	if (worker_limit_reached(run->halves.worker) && !run->limit_seen) {
		run->limit_seen = true;
		producer_stop(run->halves.producer);
	}
	if (run->pass_running && !run->has_report)
		take_report(run);
	if (run->pass_running && run->has_report && worker_is_done(run->halves.worker))
		end_run(run, now_ms);
	if (run->pass_running && run->orders.stopping &&
	    reach_is_waiting(producer_reach(run->halves.producer)))
		end_unconnected(run, now_ms);
}

static int loop(struct run *run) {
	const struct schedule_options schedule = schedule_option_wants(
		&run->options.schedule, run->options.oneshot
	);

	schedule_init(&run->schedule, &schedule, clock_mono_ms());
	if (!schedule.at_start && front_is_unfinished(&run->front))
		schedule_request(&run->schedule, true);
	schedule_option_tell(&schedule, &run->front);
	// What was ordered before the start.
	orders_obey(&run->orders, clock_mono_ms());
	for (;;) {
		int64_t now_ms = clock_mono_ms();

		if (!run->pass_running &&
		    (run->orders.stopping || (run->options.oneshot && run->has_report)))
			return run->exit_status;
		if (!run->orders.stopping && !run->orders.is_quiet &&
		    schedule_is_due(&run->schedule, now_ms))
			begin_run(run, now_ms);
		step(run);
		if (run->pass_running)
			orders_keep_deadline(&run->orders, now_ms);
	}
}

// --- the command

int run_main(const struct invocation *invocation) {
	struct run run = {
		.orders = {.actions = &actions, .ctx = &run, .fd = -1},
		.is_terminal = isatty(STDERR_FILENO) == 1,
	};
	int err;

	if (front_init(&run.front, invocation) < 0)
		return EXIT_FAILED;
	process_allow_many_files();
	err = start(&run, invocation);
	run.exit_status = err == 0 ? loop(&run) : front_exit_status(err);
	admin_close(run.admin);
	halves_close(&run.halves);
	orders_close(&run.orders);
	front_fini(&run.front);
	return run.exit_status;
}
