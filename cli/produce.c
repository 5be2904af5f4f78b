// SPDX-License-Identifier: MPL-2.0
// produce: scans and publishes what it finds, for workers elsewhere.
//
// Design notes
// - This thread only waits: for signals, for the end of a pass, for the next one to be due. The scan thread does the work.
// - A pass that is restricted by a range, --oneshot or --dryrun is the only one: then the command ends.
#include "cli/command.h"
#include "cli/front.h"
#include "cli/run_options.h"
#include "cli/signals.h"
#include "common/clock.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/target.h"
#include "producer/journal.h"
#include "producer/publisher.h"
#include "producer/schedule.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <unistd.h>

enum {
	STEP_MOST_MS = 1000,
	MARGIN_MS = 5 * 60 * 1000, // of the cursor, behind the cutoff
	STANDBY_MS = 1000, // between two looks at the lock
	AGAIN_MS = 10 * 1000, // after a failure, unless the next pass is due earlier
};

struct produce_options { // filled by conf
	bool full;
	int64_t full_interval;
	int64_t max_unacked;
	int64_t max_queue_lag;
};

#define AT(field) offsetof(struct produce_options, field)

static const struct conf_row rows[] = {
	{.name = "full",
	 .kind = CONF_FLAG,
	 .offset = AT(full),
	 .help = "begin with a full pass instead of going on from the cursor"},
	{.name = "full-interval",
	 .kind = CONF_DURATION,
	 .offset = AT(full_interval),
	 .fallback = "24h",
	 .meta = "TIME",
	 .min = 1,
	 .max = 31536000,
	 .help = "a full pass at least so often"},
	{.name = "max-unacked",
	 .kind = CONF_INT,
	 .offset = AT(max_unacked),
	 .fallback = "10000",
	 .meta = "N",
	 .min = 1,
	 .max = 100000,
	 .help = "most candidates that the brokers have not acknowledged yet"},
	{.name = "max-queue-lag",
	 .kind = CONF_INT,
	 .offset = AT(max_queue_lag),
	 .fallback = "1000000",
	 .meta = "N",
	 .min = 0,
	 .max = 9e18,
	 .help = "publish nothing while the workers' group is so many candidates behind; 0: no "
		 "limit"},
};
enum { PRODUCE_ROWS = sizeof(rows) / sizeof(rows[0]) };

static const char *const shared_names[] = {
	"oneshot",
	"dryrun",
	"purge-interval",
	"max-per-loop",
	"range-start",
	"range-end",
	"max-fraction",
	"database-patience",
	"drain-timeout",
	"metric-host",
	"metric-port",
	"human-logs",
	"verbose",
	"log-level",
	"config",
	NULL,
};
enum { SHARED_ROWS = sizeof(shared_names) / sizeof(shared_names[0]) };

struct produce {
	const struct target *target;
	void *config;
	const char *location;
	struct conf *conf;
	struct conf_row shared_rows[SHARED_ROWS];
	struct run_options shared;
	struct produce_options options;
	struct kafka_options kafka;
	struct producer_options producer_options;
	struct log *log;
	struct metrics *metrics;
	struct queue *publisher;
	struct journal *journal;
	struct producer *producer;
	struct schedule schedule;
	struct pass_report report;
	int signal_fd;
	int wake_fd;
	bool is_single; // one pass, then the end
	bool pass_running;
	bool is_standby;
	bool stopping;
	bool is_quiet; // until SIGCONT
	int64_t deadline_ms; // of the stop
	int64_t pass_began_ms;
	int exit_status;
	unsigned short random[3]; // of erand48(3)
};

// --- start

static int read_options(struct produce *produce, const struct invocation *invocation) {
	const struct target *target = produce->target;
	const struct conf_group groups[] = {
		{.title = target->name,
		 .rows = target->options,
		 .count = target->option_count,
		 .base = produce->config},
		{.title = "produce",
		 .rows = rows,
		 .count = PRODUCE_ROWS,
		 .base = &produce->options},
		{.title = "Kafka",
		 .rows = kafka_option_rows,
		 .count = KAFKA_OPTION_ROWS,
		 .base = &produce->kafka},
		{.title = "run",
		 .rows = produce->shared_rows,
		 .count = run_options_pick(shared_names, produce->shared_rows),
		 .base = &produce->shared},
	};
	const struct front_command command = {
		.usage = "produce TARGET [options]",
		.summary =
			"Scans and publishes what may be purged; work does the purging. A range, "
			"--oneshot and --dryrun mean one full pass that neither reads nor moves "
			"the cursor.",
		.groups = groups,
		.group_count = sizeof(groups) / sizeof(groups[0]),
		.positional = target->positional,
	};
	char error[512];
	int err = front_parse(&produce->conf, invocation, &command);

	if (err != 0)
		return err;
	err = (target->setup_scan != NULL ? target->setup_scan : target->setup
	)(produce->config, &produce->location, error, sizeof(error));
	return err < 0 ? front_fail(err, error) : 0;
}

static int open_log_and_metrics(struct produce *produce) {
	const struct front_log options = {
		.human_logs = produce->shared.human_logs,
		.verbose = produce->shared.verbose,
		.log_level = produce->shared.log_level,
	};
	int err;

	produce->log = front_open_log(&options);
	if (produce->log == NULL)
		return -EINVAL;
	err = metrics_open(
		&produce->metrics,
		produce->shared.metric_host,
		(uint16_t)produce->shared.metric_port,
		produce->target->metrics_prefix
	);
	return err < 0 ? front_fail(err, "cannot send metrics; check --metric-host") : 0;
}

static void wake(void *ctx) {
	const struct produce *produce = ctx;
	uint64_t one = 1;

	// A full counter wakes as well.
	if (write(produce->wake_fd, &one, sizeof(one)) < 0)
		return;
}

static int open_publisher(struct produce *produce) {
	const struct publisher_setup publisher = {
		.kafka = &produce->kafka,
		.target = produce->target->name,
		.log = produce->log,
		.unacked_max = produce->options.max_unacked,
		.lag_max = produce->options.max_queue_lag,
		.dryrun = produce->shared.dryrun,
	};
	struct journal_setup journal = {
		.target = produce->target,
		.config = produce->config,
		.location = produce->location,
		.kafka = &produce->kafka,
		.log = produce->log,
		.full_interval_ms = produce->options.full_interval,
		.is_restricted = produce->is_single,
		.dryrun = produce->shared.dryrun,
	};
	char error[512] = "out of memory";
	int err = publisher_new(&produce->publisher, &publisher, error, sizeof(error));

	journal.queue = produce->publisher;
	if (err == 0)
		err = journal_new(&produce->journal, &journal, error, sizeof(error));
	return err < 0 ? front_fail(err, error) : 0;
}

static int open_producer(struct produce *produce) {
	const struct producer_setup setup = {
		.target = produce->target,
		.config = produce->config,
		.location = produce->location,
		.queue = produce->publisher,
		.log = produce->log,
		.metrics = produce->metrics,
		.hooks = journal_hooks(produce->journal),
		.options = &produce->producer_options,
		.wake = wake,
		.wake_ctx = produce,
	};
	int err;

	produce->signal_fd = signals_open();
	if (produce->signal_fd < 0)
		return front_fail(produce->signal_fd, "cannot take signals");
	produce->wake_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (produce->wake_fd < 0 || getrandom(produce->random, sizeof(produce->random), 0) < 0)
		return front_fail(-errno, strerror(errno));
	produce->producer_options = run_options_producer(&produce->shared, produce->conf);
	produce->producer_options.will_defer = false;
	produce->producer_options.scan_only = true;
	produce->producer_options.margin_ms = MARGIN_MS;
	err = producer_new(&produce->producer, &setup);
	return err < 0 ? front_fail(err, "cannot start: check --database-url") : 0;
}

static int start(struct produce *produce, const struct invocation *invocation) {
	int err = read_options(produce, invocation);

	if (err != 0)
		return err;
	produce->is_single = produce->shared.oneshot || produce->shared.dryrun ||
		conf_is_set(produce->conf, "range-start") ||
		conf_is_set(produce->conf, "range-end");
	err = open_log_and_metrics(produce);
	if (err == 0)
		err = open_publisher(produce);
	if (err == 0)
		err = open_producer(produce);
	if (err == 0 && produce->options.full)
		journal_ask_full(produce->journal);
	return err;
}

// --- one pass

static void begin_pass(struct produce *produce, int64_t now_ms) {
	schedule_began(&produce->schedule);
	produce->publisher->ops->restart(produce->publisher);
	produce->pass_running = true;
	produce->pass_began_ms = now_ms;
	producer_start_pass(produce->producer);
}

static void show_plan(const struct produce *produce, const struct publisher_counts *counts) {
	printf("would publish %" PRId64 " candidates into %" PRId32 " partitions\n",
	       counts->published,
	       counts->partitions);
	for (int32_t i = 0; i < counts->partitions && i < PUBLISHER_PARTITIONS_SHOWN; i++)
		if (counts->per_partition[i] > 0)
			printf("  partition %" PRId32 ": %" PRId64 "\n", i, counts->per_partition[i]
			);
	for (int reason = 0; reason < REASON_COUNT; reason++)
		if (produce->report.left[reason] > 0)
			printf("left alone, %s: %" PRId64 "\n",
			       reason_name((enum reason)reason),
			       produce->report.left[reason]);
	printf("guard: %s\n", guard_outcome_name(produce->report.guard.outcome));
	if (produce->report.guard.message[0] != '\0')
		printf("  %s\n", produce->report.guard.message);
}

static int64_t sum(const int64_t counts[REASON_COUNT]) {
	int64_t total = 0;

	for (int reason = 0; reason < REASON_COUNT; reason++)
		total += counts[reason];
	return total;
}

static void tell_end(struct produce *produce, const struct publisher_counts *counts, bool failed) {
	const struct pass_report *report = &produce->report;
	const char *state = failed ? "failed" : report->stopped ? "stopped" : "complete";

	LOG(produce->log,
	    failed ? LOG_LEVEL_ERROR : LOG_LEVEL_INFO,
	    "pass ended",
	    log_str("state", state),
	    log_str("error", failed ? report->message : NULL),
	    log_int("rows", report->rows),
	    log_int("pages", report->pages),
	    log_int("published", produce->shared.dryrun ? 0 : counts->published),
	    log_int("acknowledged", counts->acknowledged),
	    log_int("left", sum(report->left)),
	    report->backlog < 0 ? log_str("backlog", NULL) : log_int("backlog", report->backlog),
	    log_str("guard", guard_outcome_name(report->guard.outcome)),
	    counts->lag < 0 ? log_str("lag", NULL) : log_int("lag", counts->lag),
	    log_int("duration_ms", clock_mono_ms() - produce->pass_began_ms));
}

static bool enter_standby(struct produce *produce, int64_t now_ms) {
	bool is_standby = produce->report.error == -EBUSY;

	if (is_standby && !produce->is_standby)
		LOG(produce->log,
		    LOG_LEVEL_INFO,
		    "standing by: another producer scans this database");
	produce->is_standby = is_standby;
	if (is_standby) {
		schedule_ended(&produce->schedule, now_ms, 0.5);
		produce->schedule.next_ms = now_ms + STANDBY_MS;
	}
	return is_standby;
}

static void end_pass(struct produce *produce, int64_t now_ms) {
	struct event event = {.kind = EVENT_PASS_END, .value = now_ms - produce->pass_began_ms};
	struct publisher_counts counts;
	bool failed = produce->report.error < 0 || produce->report.guard.outcome == GUARD_REFUSED ||
		produce->report.guard.outcome == GUARD_UNKNOWN;

	produce->pass_running = false;
	if (enter_standby(produce, now_ms))
		return;
	publisher_count(produce->publisher, &counts);
	event.success = !failed;
	if (produce->target->report != NULL && !produce->shared.dryrun)
		produce->target->report(produce->config, produce->metrics, &event);
	metrics_flush(produce->metrics, now_ms);
	tell_end(produce, &counts, failed);
	if (produce->shared.dryrun)
		show_plan(produce, &counts);
	produce->exit_status = failed ? EXIT_FAILED : EXIT_COMPLETE;
	schedule_ended(&produce->schedule, now_ms, erand48(produce->random));
	if (failed && produce->schedule.next_ms > now_ms + AGAIN_MS)
		produce->schedule.next_ms = now_ms + AGAIN_MS;
}

// --- the operator

static void stop(struct produce *produce, int64_t now_ms) {
	if (produce->stopping) {
		LOG(produce->log, LOG_LEVEL_WARNING, "stopped at once");
		_exit(EXIT_FAILED);
	}
	produce->stopping = true;
	produce->deadline_ms = now_ms + produce->shared.drain_timeout;
	LOG(produce->log,
	    LOG_LEVEL_INFO,
	    "stopping: the next start goes on from the cursor; again to stop at once");
	producer_stop(produce->producer);
	produce->publisher->ops->stop(produce->publisher);
}

static void be_quiet(struct produce *produce) {
	produce->is_quiet = true;
	LOG(produce->log,
	    LOG_LEVEL_INFO,
	    "quiet: nothing is published; SIGCONT goes on from the cursor, SIGTERM ends");
	producer_stop(produce->producer);
	produce->publisher->ops->stop(produce->publisher);
}

static void obey(struct produce *produce, int64_t now_ms) {
	for (;;) {
		switch (signals_read(produce->signal_fd)) {
		case SIGNALS_STOP:
			stop(produce, now_ms);
			break;
		case SIGNALS_QUIET:
			be_quiet(produce);
			break;
		case SIGNALS_SCAN:
			schedule_request(&produce->schedule);
			break;
		case SIGNALS_RESUME:
			if (produce->is_quiet)
				schedule_request(&produce->schedule);
			produce->is_quiet = false;
			break;
		default:
			return;
		}
	}
}

static void step(struct produce *produce) {
	struct pollfd fds[] = {
		{.fd = produce->signal_fd, .events = POLLIN},
		{.fd = produce->wake_fd, .events = POLLIN},
	};
	int64_t now_ms = clock_mono_ms();
	int64_t due_ms = schedule_due_ms(&produce->schedule);
	int64_t wait_ms = STEP_MOST_MS;
	uint64_t count;

	if (!produce->is_quiet && due_ms != INT64_MAX && due_ms - now_ms < wait_ms)
		wait_ms = due_ms > now_ms ? due_ms - now_ms : 0;
	if (poll(fds, 2, (int)wait_ms) > 0 && (fds[1].revents & POLLIN) != 0 &&
	    read(produce->wake_fd, &count, sizeof(count)) < 0)
		return;
	now_ms = clock_mono_ms();
	obey(produce, now_ms);
	metrics_flush(produce->metrics, now_ms);
	if (produce->pass_running && producer_take_report(produce->producer, &produce->report))
		end_pass(produce, now_ms);
	if (produce->stopping && produce->pass_running && now_ms > produce->deadline_ms) {
		LOG(produce->log,
		    LOG_LEVEL_ERROR,
		    "the pass did not end within --drain-timeout; the next one repeats some of it");
		_exit(EXIT_FAILED);
	}
}

static int loop(struct produce *produce) {
	bool had_pass = false;

	schedule_init(&produce->schedule, produce->shared.purge_interval, clock_mono_ms());
	for (;;) {
		int64_t now_ms = clock_mono_ms();

		if (!produce->pass_running &&
		    (produce->stopping || (produce->is_single && had_pass)))
			return produce->exit_status;
		if (!produce->stopping && !produce->is_quiet &&
		    schedule_is_due(&produce->schedule, now_ms)) {
			begin_pass(produce, now_ms);
			had_pass = true;
		}
		step(produce);
	}
}

// --- the command

static void fini(struct produce *produce) {
	producer_free(produce->producer);
	journal_free(produce->journal);
	if (produce->publisher != NULL)
		produce->publisher->ops->free(produce->publisher);
	metrics_close(produce->metrics);
	if (produce->signal_fd >= 0)
		close(produce->signal_fd);
	if (produce->wake_fd >= 0)
		close(produce->wake_fd);
	produce->target->teardown(produce->config);
	free(produce->config);
	conf_free(produce->conf);
	log_free(produce->log);
}

int command_produce(const struct invocation *invocation) {
	struct produce produce = {
		.target = invocation->target,
		.signal_fd = -1,
		.wake_fd = -1,
		.config = calloc(1, invocation->target->config_bytes),
	};
	int err;

	if (produce.config == NULL)
		return EXIT_FAILED;
	front_forbid_core_dumps();
	err = start(&produce, invocation);
	if (err == 0)
		produce.exit_status = loop(&produce);
	else
		produce.exit_status = front_exit_status(err);
	fini(&produce);
	return produce.exit_status;
}
