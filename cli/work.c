// SPDX-License-Identifier: MPL-2.0
// work: a worker of the fleet: takes candidates from Kafka and purges them.
//
// Design notes
// - This thread is the loop thread. It owns the source, the worker and the signals.
// - The end has three steps: nothing new is taken; what is with a node or the database comes to its end; the rest stays
//   uncommitted, so others do it. Then offsets are committed and the group is left.
#include "cli/command.h"
#include "cli/front.h"
#include "cli/signals.h"
#include "cli/work_options.h"
#include "common/clock.h"
#include "common/kafka_state.h"
#include "common/log.h"
#include "common/metrics.h"
#include "common/target.h"
#include "common/topics.h"
#include "worker/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	STEP_MOST_MS = 10 * 1000,
	METRICS_FLUSH_MS = 100,
	NEWS_EVERY_MS = 10 * 1000,
	LAYOUT_MS = 15 * 1000,
	LEAVE_MS = 5 * 1000,
};

struct work_names {
	char topic[TOPIC_NAME_BYTES];
	char retry[TOPIC_NAME_BYTES];
	char dead[TOPIC_NAME_BYTES];
	char group[KAFKA_NAME_BYTES];
};

struct worker_command {
	const struct target *target;
	void *config;
	const char *location;
	struct conf *conf;
	struct work_options options;
	struct worker_options worker_options;
	struct work_names names;
	struct log *log;
	struct metrics *metrics;
	struct source *source;
	struct worker *worker;
	int signal_fd;
	bool stopping;
	int exit_status;
	int64_t deadline_ms; // of the drain
	int64_t news_ms; // when the totals were last logged
	int64_t news_finished;
};

// --- start

static int name_all(struct worker_command *work) {
	const char *prefix = work->options.kafka.topic_prefix;
	const char *target = work->target->name;
	struct work_names *names = &work->names;
	int err = topic_name(TOPIC_CANDIDATES, prefix, target, names->topic, sizeof(names->topic));

	if (err == 0)
		err = topic_name(TOPIC_RETRY, prefix, target, names->retry, sizeof(names->retry));
	if (err == 0)
		err = topic_name(TOPIC_DEAD, prefix, target, names->dead, sizeof(names->dead));
	if (err < 0)
		return front_fail(err, "Kafka takes no topic of that name; check --topic-prefix");
	kafka_group_name(&work->options.kafka, target, names->group, sizeof(names->group));
	return 0;
}

static int read_layout(struct worker_command *work, struct layout *layout) {
	struct kafka_state *state = NULL;
	char error[512];
	int err = kafka_state_open(
		&state, &work->options.kafka, work->target->name, work->log, error, sizeof(error)
	);

	if (err < 0)
		return front_fail(err, error);
	err = kafka_state_layout(state, LAYOUT_MS, layout);
	if (err == -ESRCH || err == -ENOENT)
		fprintf(stderr,
			"purgefleet: the topics are not there; make them: purgefleet topics %s "
			"create\n",
			work->target->name);
	else if (err < 0)
		front_fail(err, kafka_state_error(state));
	kafka_state_close(state);
	return err;
}

// The records name rows of one database: in another one they would name others.
static int check_scope(struct worker_command *work, const struct layout *layout) {
	struct handle *handle = NULL;
	char scope[LAYOUT_SCOPE_BYTES] = "", error[512];
	int err = handle_new(
		&handle, work->target->handle_kind, work->location, error, sizeof(error)
	);

	if (err < 0)
		return front_fail(err, error);
	err = handle_open(handle);
	if (err == 0 && work->target->identify != NULL)
		err = work->target->identify(work->config, handle, scope, sizeof(scope));
	if (err < 0) {
		fprintf(stderr, "purgefleet: cannot start: %s\n", handle_error(handle));
	} else if (layout->scope[0] != '\0' && strcmp(layout->scope, scope) != 0) {
		err = -ESTALE;
		fprintf(stderr,
			"purgefleet: the topics hold candidates of the database '%s', this is "
			"'%s'; check the database or --topic-prefix\n",
			layout->scope,
			scope);
	}
	handle_free(handle);
	return err;
}

static int open_engine(struct worker_command *work) {
	struct source_setup source = work_options_source(&work->options);
	struct worker_setup worker = {
		.target = work->target,
		.config = work->config,
		.location = work->location,
		.log = work->log,
		.metrics = work->metrics,
		.options = &work->worker_options,
	};
	char error[512] = "out of memory";
	int err;

	work->worker_options = work_options_worker(&work->options);
	source.log = work->log;
	source.target = work->target->name;
	source.topic = work->names.topic;
	source.retry_topic = work->names.retry;
	source.dead_topic = work->names.dead;
	source.group = work->names.group;
	err = source_open(&work->source, &source, error, sizeof(error));
	if (err < 0)
		return front_fail(err, error);
	worker.queue = source_queue(work->source);
	err = worker_new(&work->worker, &worker);
	return err < 0 ? front_fail(err, "cannot start; check --ca-file and --proxy") : 0;
}

static int open_metrics(struct worker_command *work) {
	int err = metrics_open(
		&work->metrics,
		work->options.run.metric_host,
		(uint16_t)work->options.run.metric_port,
		work->target->metrics_prefix
	);

	return err < 0 ? front_fail(err, "cannot send metrics; check --metric-host") : 0;
}

static int start(struct worker_command *work, const struct invocation *invocation) {
	struct layout layout = {0};
	char error[512];
	int err = work_options_read(&work->conf, &work->options, work->config, invocation);

	if (err != 0)
		return err;
	err = work->target->setup(work->config, &work->location, error, sizeof(error));
	if (err < 0)
		return front_fail(err, error);
	work->log = front_open_log(&work->options.log);
	if (work->log == NULL)
		return -EINVAL;
	err = name_all(work);
	work->signal_fd = err < 0 ? -1 : signals_open();
	if (err == 0 && work->signal_fd < 0)
		err = work->signal_fd;
	if (err == 0)
		err = read_layout(work, &layout);
	if (err == 0)
		err = check_scope(work, &layout);
	if (err == 0)
		err = open_metrics(work);
	return err < 0 ? err : open_engine(work);
}

// --- the end

static void quit(struct worker_command *work, int exit_status) {
	if (work->stopping)
		return;
	work->stopping = true;
	work->exit_status = exit_status;
	work->deadline_ms = clock_mono_ms() + work->options.run.drain_timeout;
	source_queue(work->source)->ops->stop(source_queue(work->source));
	worker_quit(work->worker);
}

static void log_totals(const struct worker_command *work, const char *message) {
	const struct tally *tally = worker_tally(work->worker);
	const struct source_counts *counts = source_counts(work->source);
	const struct log_field fields[] = {
		log_int("purged", tally->purged),
		log_int("removed_rows", tally->removed),
		log_int("gone", tally->gone),
		log_int("left", tally_left(tally)),
		log_int("failed", tally_failed(tally)),
		log_int("postponed", tally->postponed),
		log_int("abandoned", tally->abandoned),
		log_int("retried", counts->retried),
		log_int("dead", counts->dead),
		log_int("undecodable", counts->undecodable),
		log_int("expired", counts->expired),
		log_int("taken", counts->taken),
		log_int("node_deletes", tally->requests_done),
		log_int("requests", tally->requests),
		log_int("in_work", (int64_t)worker_in_work(work->worker)),
		{0},
	};

	log_write(work->log, LOG_LEVEL_INFO, message, fields);
}

static void news(struct worker_command *work, int64_t now_ms) {
	int64_t finished = tally_finished(worker_tally(work->worker));

	if (now_ms - work->news_ms < NEWS_EVERY_MS || finished == work->news_finished)
		return;
	work->news_ms = now_ms;
	work->news_finished = finished;
	log_totals(work, "working");
}

static void stop_by_operator(struct worker_command *work) {
	if (work->stopping) {
		LOG(work->log,
		    LOG_LEVEL_WARNING,
		    "stopped at once; what was in work is done again by others");
		_exit(EXIT_FAILED);
	}
	LOG(work->log,
	    LOG_LEVEL_INFO,
	    "stopping: what is in work is brought to its end; again to stop at once");
	quit(work, EXIT_COMPLETE);
}

static void drained(struct worker_command *work) {
	const struct source_counts *counts = source_counts(work->source);

	quit(work, counts->dead + counts->expired > 0 ? EXIT_PARTIAL : EXIT_COMPLETE);
}

// Must it end, by itself?
static void look_for_the_end(struct worker_command *work) {
	const char *fatal = worker_fatal(work->worker);
	bool is_idle = worker_in_work(work->worker) == 0;

	if (work->stopping)
		return;
	if (source_state(work->source) != SOURCE_RUNS) {
		LOG(work->log,
		    LOG_LEVEL_ERROR,
		    "the worker cannot go on",
		    log_str("error", source_error(work->source)));
		quit(work, source_state(work->source) == SOURCE_FENCED ? EXIT_FENCED : EXIT_FAILED);
	} else if (fatal != NULL) {
		LOG(work->log, LOG_LEVEL_ERROR, "the worker cannot go on", log_str("error", fatal));
		quit(work, EXIT_FAILED);
	} else if (work->options.own.until_drained && is_idle) {
		if (source_is_drained(work->source))
			drained(work);
		else if (source_is_stopped(work->source))
			quit(work, EXIT_FAILED);
	}
}

// --- the loop

static void obey(struct worker_command *work) {
	for (;;) {
		switch (signals_read(work->signal_fd)) {
		case SIGNALS_STOP:
			stop_by_operator(work);
			break;
		case SIGNALS_QUIET:
			LOG(work->log,
			    LOG_LEVEL_INFO,
			    "quiet: nothing new is taken; SIGCONT goes on, SIGTERM ends");
			worker_pause(work->worker, true);
			break;
		case SIGNALS_RESUME:
			worker_pause(work->worker, false);
			break;
		case SIGNALS_SCAN: // is for producers
			break;
		default:
			return;
		}
	}
}

// A limit of the fleet is shared by the partitions that each worker holds.
static void share_limits(struct worker_command *work) {
	int64_t limit = work->options.run.node_inflight;
	int32_t held, total;

	source_share(work->source, &held, &total);
	if (total > 0 && held < total)
		limit = limit * held / total;
	work->worker_options.lane.inflight_max = limit < 1 ? 1 : (int)limit;
}

static int64_t step_ms(const struct worker_command *work, int64_t now_ms) {
	int64_t wait_ms = source_wait_ms(work->source, now_ms);
	int64_t most_ms = STEP_MOST_MS;

	if (work->options.run.metric_host != NULL && worker_in_work(work->worker) > 0)
		most_ms = METRICS_FLUSH_MS;
	if (work->stopping && most_ms > METRICS_FLUSH_MS)
		most_ms = METRICS_FLUSH_MS;
	return wait_ms < most_ms ? wait_ms : most_ms;
}

static void step(struct worker_command *work) {
	int64_t now_ms = clock_mono_ms();
	struct pollfd fds[] = {
		{.fd = work->signal_fd, .events = POLLIN},
		{.fd = source_fd(work->source), .events = POLLIN},
	};

	if (source_serve(work->source, now_ms)) {
		worker_sweep(work->worker);
		share_limits(work);
	}
	look_for_the_end(work);
	worker_step(work->worker, fds, 2, step_ms(work, now_ms));
	obey(work);
	metrics_flush(work->metrics, clock_mono_ms());
	news(work, clock_mono_ms());
}

static int loop(struct worker_command *work) {
	work->news_ms = clock_mono_ms();
	while (!work->stopping || worker_in_work(work->worker) > 0) {
		step(work);
		if (!work->stopping || clock_mono_ms() < work->deadline_ms)
			continue;
		LOG(work->log,
		    LOG_LEVEL_ERROR,
		    "work in progress did not end within --drain-timeout; others do it again",
		    log_int("in_work", (int64_t)worker_in_work(work->worker)));
		source_close(work->source, LEAVE_MS);
		_exit(EXIT_FAILED);
	}
	log_totals(work, "worker ended");
	return work->exit_status;
}

// --- the command

static void fini(struct worker_command *work) {
	worker_free(work->worker);
	if (source_close(work->source, LEAVE_MS) < 0) {
		LOG(work->log,
		    LOG_LEVEL_WARNING,
		    "the group could not be left in time; it notices by its session time-out");
		_exit(work->exit_status);
	}
	metrics_close(work->metrics);
	if (work->signal_fd >= 0)
		close(work->signal_fd);
	work->target->teardown(work->config);
	free(work->config);
	conf_free(work->conf);
	log_free(work->log);
}

int command_work(const struct invocation *invocation) {
	struct worker_command work = {
		.target = invocation->target,
		.signal_fd = -1,
		.config = calloc(1, invocation->target->config_bytes),
	};
	int err;

	if (work.config == NULL)
		return EXIT_FAILED;
	front_forbid_core_dumps();
	front_allow_many_files();
	err = start(&work, invocation);
	work.exit_status = err == 0 ? loop(&work) : front_exit_status(err);
	fini(&work);
	return work.exit_status;
}
