// SPDX-License-Identifier: MPL-2.0
// run: producer and worker in one process, joined by the queue in memory.
//
// Design notes
// - This thread is the loop thread. It owns the worker, the schedule and the signals; the scan thread is the
//   producer's own. A run is over when its pass was reported and no task is in work.
#include "cli/command.h"
#include "cli/outcome.h"
#include "cli/progress.h"
#include "cli/run_options.h"
#include "cli/show_plan.h"
#include "cli/signals.h"
#include "cli/summary.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/target.h"
#include "producer/schedule.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <unistd.h>

enum { QUEUE_CAPACITY = 4096, STEP_MOST_MS = 1000, METRICS_FLUSH_MS = 100 };

struct run {
	const struct invocation *invocation;
	const struct target *target;
	void *config;
	const char *location;
	struct conf *conf;
	struct run_options options;
	struct producer_options producer_options;
	struct worker_options worker_options;
	struct log *log;
	struct metrics *metrics;
	struct queue *queue;
	struct producer *producer;
	struct worker *worker;
	struct schedule schedule;
	struct progress progress;
	struct pass_report report;
	int signal_fd;
	bool is_terminal; // standard error: somebody looks on
	bool pass_running;
	bool has_report; // the pass ended; the last tasks are still in work
	bool stopping;
	bool limit_seen;
	int64_t deadline_ms; // of the drain
	int64_t pass_began_ms;
	int exit_status; // of the last run
	unsigned short random[3]; // of erand48(3)
};

// --- start

static int usage(const char *error) {
	fprintf(stderr, "purgefleet: %s\n", error);
	return EXIT_USAGE;
}

static void print_help(const struct run *run, const struct conf_group *groups, size_t count) {
	char *text = conf_help(groups, count);

	if (run->invocation->alias != NULL)
		printf("Usage: %s [options]", run->invocation->alias->program);
	else
		printf("Usage: purgefleet run %s [options]", run->target->name);
	if (run->target->positional != NULL)
		printf(" [%s]", run->target->positional);
	printf("\n\n%s\n\n%s", run->target->summary, text == NULL ? "" : text);
	free(text);
}

// 0, 1 for help, or a negative errno after the error was told.
static int read_options(struct run *run) {
	const struct invocation *invocation = run->invocation;
	const struct conf_group groups[] = {
		{.title = run->target->name,
		 .rows = run->target->options,
		 .count = run->target->option_count,
		 .base = run->config},
		{.title = "run",
		 .rows = run_option_rows,
		 .count = run_option_count,
		 .base = &run->options},
	};
	const struct conf_input input = {
		.argc = invocation->argc,
		.argv = invocation->argv,
		.envp = invocation->envp,
		.file = run_options_file(invocation->argc, invocation->argv),
		.presets = invocation->alias == NULL ? NULL : invocation->alias->presets,
		.positional = run->target->positional,
	};
	char error[512];
	int err = conf_parse(&run->conf, groups, 2, &input, error, sizeof(error));

	if (err == 0)
		err = run->target->setup(run->config, &run->location, error, sizeof(error));
	if (err == 1)
		print_help(run, groups, 2);
	else if (err < 0)
		usage(error);
	return err;
}

static int open_log(struct run *run) {
	enum log_level level;

	if (log_level_parse(run->options.log_level, &level) < 0) {
		fprintf(stderr,
			"purgefleet: '--log-level' wants debug, info, warning or error, not '%s'\n",
			run->options.log_level);
		return -EINVAL;
	}
	run->log =
		log_new(STDERR_FILENO,
			run->options.verbose ? LOG_LEVEL_DEBUG : level,
			run->options.human_logs || run->is_terminal);
	return run->log == NULL ? -ENOMEM : 0;
}

static int open_metrics(struct run *run) {
	int err = metrics_open(
		&run->metrics,
		run->options.metric_host,
		(uint16_t)run->options.metric_port,
		run->target->metrics_prefix
	);

	if (err < 0)
		fprintf(stderr,
			"purgefleet: cannot send metrics to '%s': %s; check --metric-host\n",
			run->options.metric_host,
			strerror(-err));
	return err;
}

static int check_location(const struct run *run) {
	struct handle *handle = NULL;
	char error[512];
	int err =
		handle_new(&handle, run->target->handle_kind, run->location, error, sizeof(error));

	handle_free(handle);
	return err < 0 ? (usage(error), err) : 0;
}

static void wake(void *ctx) {
	worker_wake(((struct run *)ctx)->worker);
}

static int open_engine(struct run *run) {
	struct worker_setup worker = {
		.target = run->target,
		.config = run->config,
		.location = run->location,
		.log = run->log,
		.metrics = run->options.dryrun ? NULL : run->metrics,
		.options = &run->worker_options,
	};
	struct producer_setup producer = {
		.target = run->target,
		.config = run->config,
		.location = run->location,
		.log = run->log,
		.metrics = run->metrics,
		.options = &run->producer_options,
		.wake = wake,
		.wake_ctx = run,
	};
	int err;

	run->worker_options = run_options_worker(&run->options);
	run->producer_options = run_options_producer(&run->options, run->conf);
	run->queue = queue_memory_new(QUEUE_CAPACITY);
	if (run->queue == NULL)
		return -ENOMEM;
	worker.queue = producer.queue = run->queue;
	err = worker_new(&run->worker, &worker);
	return err < 0 ? err : producer_new(&run->producer, &producer);
}

static int start(struct run *run) {
	int err = read_options(run);

	if (err != 0)
		return err;
	err = open_log(run);
	if (err == 0)
		err = check_location(run);
	if (err == 0)
		err = open_metrics(run);
	if (err < 0)
		return err;
	run->signal_fd = signals_open();
	err = run->signal_fd < 0 ? run->signal_fd : open_engine(run);
	if (err == 0 && getrandom(run->random, sizeof(run->random), 0) < 0)
		err = -errno;
	if (err < 0)
		fprintf(stderr,
			"purgefleet: cannot start: %s\n",
			err == -EINVAL ? "check --ca-file and --proxy" : strerror(-err));
	else if (run->target->warning != NULL && run->target->warning(run->config) != NULL)
		LOG(run->log, LOG_LEVEL_WARNING, run->target->warning(run->config));
	return err;
}

// --- one run

static void begin_run(struct run *run, int64_t now_ms) {
	schedule_began(&run->schedule);
	run->queue->ops->restart(run->queue);
	worker_begin_pass(run->worker);
	run->pass_running = true;
	run->has_report = false;
	run->limit_seen = false;
	run->pass_began_ms = now_ms;
	progress_begin(&run->progress, run->is_terminal, now_ms);
	LOG(run->log,
	    LOG_LEVEL_INFO,
	    "run started",
	    log_str("target", run->target->name),
	    log_bool("dryrun", run->options.dryrun));
	producer_start_pass(run->producer);
}

static void end_run(struct run *run, int64_t now_ms) {
	struct outcome outcome = {
		.dryrun = run->options.dryrun,
		.duration_ms = now_ms - run->pass_began_ms,
		.stopped_node = worker_stopped_node(run->worker),
	};
	const struct target_alias *alias = run->invocation->alias;
	struct event event = {.kind = EVENT_PASS_END, .value = outcome.duration_ms};

	outcome_decide(
		&outcome,
		&run->report,
		worker_tally(run->worker),
		worker_fatal(run->worker),
		run->stopping
	);
	event.success = outcome.state != OUTCOME_FAILED;
	if (run->target->report != NULL)
		run->target->report(run->config, run->metrics, &event);
	metrics_flush(run->metrics, now_ms);
	progress_end(&run->progress);
	if (run->is_terminal)
		summary_show(stderr, &outcome);
	else
		outcome_log(&outcome, run->log);
	if (run->options.dryrun)
		show_plan(stdout, &outcome, worker_plan(run->worker));
	run->exit_status = outcome_exit_status(&outcome, alias != NULL && alias->failures_exit_0);
	run->pass_running = false;
	schedule_ended(&run->schedule, now_ms, erand48(run->random));
}

static void show_progress(struct run *run, int64_t now_ms) {
	struct pass_report report;
	struct tally tally = *worker_tally(run->worker);

	if (!run->pass_running || !progress_is_due(&run->progress, now_ms))
		return;
	producer_peek(run->producer, &report);
	tally_add_left(&tally, report.left);
	progress_show(
		&run->progress,
		now_ms,
		tally_finished(&tally),
		report.backlog,
		(int64_t)worker_in_work(run->worker),
		tally_failed(&tally)
	);
}

// --- the operator

// Ends the process with work in progress, which the next run does again.
static void abandon(struct run *run, enum log_level level, const char *why) {
	int64_t now_ms = clock_mono_ms();
	struct event event = {.kind = EVENT_PASS_END, .value = now_ms - run->pass_began_ms};

	progress_end(&run->progress);
	LOG(run->log, level, why, log_int("in_work", (int64_t)worker_in_work(run->worker)));
	if (run->pass_running && run->target->report != NULL)
		run->target->report(run->config, run->metrics, &event);
	metrics_flush(run->metrics, now_ms);
	_exit(EXIT_FAILED);
}

static void stop(struct run *run, int64_t now_ms) {
	if (run->stopping)
		abandon(run,
			LOG_LEVEL_WARNING,
			"stopped at once; what was in work is done again by the next run");
	run->stopping = true;
	run->deadline_ms = now_ms + run->options.drain_timeout;
	LOG(run->log,
	    LOG_LEVEL_INFO,
	    "stopping: what is in work is brought to its end; again to stop at once");
	producer_stop(run->producer);
	run->queue->ops->stop(run->queue);
	worker_quit(run->worker);
}

static void obey(struct run *run, int64_t now_ms) {
	for (;;) {
		switch (signals_read(run->signal_fd)) {
		case SIGNALS_STOP:
			stop(run, now_ms);
			break;
		case SIGNALS_QUIET:
			LOG(run->log,
			    LOG_LEVEL_INFO,
			    "quiet: nothing new is taken; SIGCONT goes on, SIGTERM ends");
			worker_pause(run->worker, true);
			break;
		case SIGNALS_RESUME:
			worker_pause(run->worker, false);
			break;
		case SIGNALS_SCAN:
			schedule_request(&run->schedule);
			break;
		default:
			return;
		}
	}
}

static int64_t step_ms(const struct run *run, int64_t now_ms) {
	int64_t due_ms = schedule_due_ms(&run->schedule);
	int64_t most_ms = run->progress.shown ? PROGRESS_EVERY_MS : STEP_MOST_MS;

	if (run->pass_running && run->options.metric_host != NULL && most_ms > METRICS_FLUSH_MS)
		most_ms = METRICS_FLUSH_MS;
	if (due_ms == INT64_MAX || due_ms - now_ms > most_ms)
		return most_ms;
	return due_ms > now_ms ? due_ms - now_ms : 0;
}

static void step(struct run *run) {
	struct pollfd fd = {.fd = run->signal_fd, .events = POLLIN};
	int64_t now_ms = clock_mono_ms();

	worker_step(run->worker, &fd, 1, step_ms(run, now_ms));
	now_ms = clock_mono_ms();
	obey(run, now_ms);
	metrics_flush(run->metrics, now_ms);
	show_progress(run, now_ms);
	if (worker_limit_reached(run->worker) && !run->limit_seen) {
		run->limit_seen = true;
		producer_stop(run->producer);
	}
	if (run->pass_running && !run->has_report)
		run->has_report = producer_take_report(run->producer, &run->report);
	if (run->pass_running && run->has_report && worker_in_work(run->worker) == 0)
		end_run(run, now_ms);
}

static int loop(struct run *run) {
	schedule_init(&run->schedule, run->options.purge_interval, clock_mono_ms());
	for (;;) {
		int64_t now_ms = clock_mono_ms();

		if (!run->pass_running &&
		    (run->stopping || (run->options.oneshot && run->has_report)))
			return run->exit_status;
		if (!run->stopping && schedule_is_due(&run->schedule, now_ms))
			begin_run(run, now_ms);
		step(run);
		if (run->stopping && run->pass_running && now_ms > run->deadline_ms)
			abandon(run,
				LOG_LEVEL_ERROR,
				"work in progress did not end within --drain-timeout; the next run "
				"does it again");
	}
}

// --- the command

// A crash must not leave the secret or anyone's data on disk.
static void forbid_core_dumps(void) {
	const struct rlimit none = {0};

	prctl(PR_SET_DUMPABLE, 0);
	setrlimit(RLIMIT_CORE, &none);
}

// Each request may hold a connection, and each connection kept is a descriptor.
static void allow_many_files(void) {
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
		files.rlim_cur = files.rlim_max;
		setrlimit(RLIMIT_NOFILE, &files);
	}
}

static void fini(struct run *run) {
	producer_free(run->producer);
	worker_free(run->worker);
	if (run->queue != NULL)
		run->queue->ops->free(run->queue);
	metrics_close(run->metrics);
	if (run->signal_fd >= 0)
		close(run->signal_fd);
	run->target->teardown(run->config);
	free(run->config);
	conf_free(run->conf);
	log_free(run->log);
}

int command_run(const struct invocation *invocation) {
	struct run run = {
		.invocation = invocation,
		.target = invocation->target,
		.signal_fd = -1,
		.is_terminal = isatty(STDERR_FILENO) == 1,
		.config = calloc(1, invocation->target->config_bytes),
	};
	int err;

	if (run.config == NULL)
		return EXIT_FAILED;
	forbid_core_dumps();
	allow_many_files();
	err = start(&run);
	if (err == 0)
		run.exit_status = loop(&run);
	else
		run.exit_status = err == 1 ? EXIT_COMPLETE
			: err == -EINVAL   ? EXIT_USAGE
					   : EXIT_FAILED;
	fini(&run);
	return run.exit_status;
}
