// SPDX-License-Identifier: MPL-2.0
// work: a worker of the fleet: takes candidates from Kafka and purges them.
//
// Design notes
// - This thread is the loop thread. It owns the source, the worker and the signals.
// - The end has three steps: nothing new is taken; what is with a node or the database comes to its
//   end; the rest stays uncommitted, so others do it. Then offsets are committed and the group is
//   left.
#include "cli/front/command.h"
#include "cli/front/front.h"
#include "cli/front/orders.h"
#include "cli/front/process.h"
#include "cli/options/work_options.h"
#include "cli/topics/retry_topics.h"
#include "cli/topics/scope.h"
#include "cli/topics/topics_check.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/kafka/topics/topics.h"
#include "common/metrics/metrics.h"
#include "common/target/target.h"
#include "worker/member/share.h"
#include "worker/watchdog.h"
#include "worker/worker.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	// At the database that the topics belong to.
	LOOK_MS = 3 * 1000,
	// Well below the shortest max.poll.interval.ms that makes sense.
	STEP_MOST_MS = 1000,
	METRICS_FLUSH_MS = 100,
	NEWS_EVERY_MS = 10 * 1000,
	NEWS_WAITING_MS = 60 * 1000, // when records only wait
	LEAVE_MS = 5 * 1000,
};

struct work_names {
	char topic[TOPIC_NAME_BYTES];
	struct retry_topics retries;
	char dead[TOPIC_NAME_BYTES];
	char group[KAFKA_NAME_BYTES];
};

struct worker_command {
	struct front front;
	struct work_options options;
	struct worker_options worker_options;
	struct work_names names;
	struct scope scope;
	int64_t retention_ms; // of the candidates' topic
	struct source *source;
	struct worker *worker;
	struct orders orders;
	struct watchdog *watchdog;
	int exit_status;
	int64_t news_ms; // when the totals were last logged
	int64_t news_finished;
};

// --- start

static int name_all(struct worker_command *command) {
	const char *prefix = command->options.kafka.topic_prefix;
	const char *target = command->front.target->name;
	struct work_names *names = &command->names;
	int err = topic_name(TOPIC_CANDIDATES, prefix, target, names->topic, sizeof(names->topic));

	if (err == 0)
		err = topic_name(TOPIC_DEAD, prefix, target, names->dead, sizeof(names->dead));
	if (err < 0)
		return front_fail(err, "Kafka takes no topic of that name; check --topic-prefix");
	kafka_group_name(&command->options.kafka, target, names->group, sizeof(names->group));
	return 0;
}

static int look_whose(void *ctx, char *error, size_t error_bytes) {
	return scope_look(ctx, LOOK_MS, error, error_bytes);
}

static int open_engine(struct worker_command *command) {
	struct source_setup source = work_options_source(&command->options);
	struct worker_setup worker = {
		.target = command->front.target,
		.config = command->front.config,
		.location = command->front.location,
		.log = command->front.log,
		.metrics = command->front.metrics,
		.options = &command->worker_options,
	};
	const struct retry_topics *retries = &command->names.retries;
	char error[512] = "out of memory";
	int err;

	command->worker_options = work_options_worker(&command->options);
	source.log = command->front.log;
	source.target = command->front.target->name;
	source.topic = command->names.topic;
	source.retention_ms = command->retention_ms;
	for (size_t i = 0; i < retries->count; i++)
		source.retries[i] = (struct source_retry){
			.topic = retries->names[i],
			.delay_ms = retries->delay_ms[i],
			.retention_ms = retries->retention_ms[i]};
	source.retry_count = retries->count;
	source.tier_count = retries->tiers;
	source.dead_topic = command->names.dead;
	source.group = command->names.group;
	source.until_drained = command->options.own.until_drained;
	source.look_whose = command->scope.name[0] == '\0' ? NULL : look_whose;
	source.look_ctx = &command->scope;
	err = source_open(&command->source, &source, error, sizeof(error));
	if (err < 0)
		return front_fail(err, error);
	worker.queue = source_take_side(command->source);
	err = worker_new(&command->worker, &worker);
	return err < 0 ? front_fail(err, "cannot start the worker") : 0;
}

// The database first: without it nobody needs the brokers.
static int look_at_both_ends(struct worker_command *command) {
	const struct kafka_options *kafka = &command->options.kafka;
	int err = scope_find(&command->front, &command->scope);

	if (err == 0)
		err = topics_check_work(
			&command->front,
			kafka,
			command->options.own.retry_delay,
			&command->names.retries,
			&command->retention_ms
		);
	command->scope.kafka = kafka;
	command->scope.target = command->front.target->name;
	command->scope.log = command->front.log;
	return err < 0 ? err : scope_bind(&command->scope);
}

static int start(struct worker_command *command, const struct invocation *invocation) {
	struct front *front = &command->front;
	int err = work_options_read(&front->conf, &command->options, front->config, invocation);

	if (err == 0)
		err = front_set_up(front, &command->options.log, false);
	if (err != 0)
		return err;
	err = name_all(command);
	if (err < 0)
		return err;
	// Until there is something to bring to its end, a signal ends us.
	err = look_at_both_ends(command);
	if (err < 0)
		return err;
	command->orders.log = front->log;
	command->orders.drain_timeout_ms = command->options.run.drain_timeout;
	err = orders_open(&command->orders);
	if (err < 0)
		return front_fail(err, "cannot take signals");
	front_open_metrics(
		front, command->options.run.metric_host, command->options.run.metric_port
	);
	err = open_engine(command);
	if (err == 0)
		front_warn(front);
	return err;
}

// --- the end

static void quit(struct worker_command *command) {
	struct queue_take *queue = source_take_side(command->source);

	queue->ops->stop(queue);
	worker_quit(command->worker);
}

// It ends by itself.
static void end(struct worker_command *command, int exit_status) {
	command->exit_status = exit_status;
	orders_end(&command->orders, clock_mono_ms());
	quit(command);
}

static void log_totals(const struct worker_command *command, const char *message) {
	const struct tally *tally = worker_tally(command->worker);
	const struct source_counts *counts = source_counts(command->source);
	int64_t waiting = source_waiting(command->source);
	const struct log_field fields[] = {
		log_int("purged", tally->purged),
		log_int("removed_rows", tally->removed_in_all),
		log_int("gone", tally->gone),
		log_int("left", tally_left(tally)),
		log_int("failed", tally_failed(tally)),
		log_int("postponed", tally_postponed(tally)),
		log_int("abandoned", tally->abandoned),
		log_int("retried", counts->retried),
		log_int("dead", counts->dead),
		log_int("undecodable", counts->undecodable),
		log_int("expired", counts->expired),
		log_int("expired_unread", counts->expired_unread),
		log_int("taken", counts->taken),
		log_int("node_deletes", tally->requests_done),
		log_int("requests", tally->requests),
		log_int("in_work", (int64_t)worker_in_work(command->worker)),
		waiting < 0 ? log_str("waiting", NULL) : log_int("waiting", waiting),
		log_int("parked", source_parked(command->source)),
		{0},
	};

	log_write(command->front.log, LOG_LEVEL_INFO, message, fields);
}

static void news(struct worker_command *command, int64_t now_ms) {
	int64_t finished = tally_finished(worker_tally(command->worker));
	int64_t since_ms = now_ms - command->news_ms;

	if (since_ms < NEWS_EVERY_MS)
		return;
	if (finished == command->news_finished &&
	    (since_ms < NEWS_WAITING_MS || source_waiting(command->source) <= 0))
		return;
	command->news_ms = now_ms;
	command->news_finished = finished;
	log_totals(command, "working");
}

static void drained(struct worker_command *command) {
	const struct source_counts *counts = source_counts(command->source);

	source_leave_for_good(command->source);
	end(command,
	    counts->dead + counts->expired + counts->expired_unread > 0 ? EXIT_PARTIAL
									: EXIT_COMPLETE);
}

// What it is was told when it began.
static void give_up(struct worker_command *command) {
	LOG(command->front.log,
	    LOG_LEVEL_ERROR,
	    "not drained: it takes an operator; what the last error was about is to be mended");
	end(command, EXIT_FAILED);
}

// Must it end, by itself?
static void look_for_the_end(struct worker_command *command) {
	const char *fatal = worker_fatal(command->worker);
	bool is_idle = worker_in_work(command->worker) == 0;

	if (command->orders.stopping)
		return;
	if (source_state(command->source) != SOURCE_RUNS) {
		LOG(command->front.log,
		    LOG_LEVEL_ERROR,
		    "the worker cannot go on",
		    log_str("error", source_error(command->source)));
		end(command,
		    source_state(command->source) == SOURCE_FENCED ? EXIT_FENCED : EXIT_FAILED);
	} else if (fatal != NULL) {
		LOG(command->front.log,
		    LOG_LEVEL_ERROR,
		    "the worker cannot go on",
		    log_str("error", fatal));
		end(command, EXIT_FAILED);
	} else if (command->options.own.until_drained && is_idle) {
		if (source_is_drained(command->source))
			drained(command);
		else if (source_is_stuck(command->source))
			give_up(command);
	}
}

// --- the operator

static void stop(void *ctx) {
	struct worker_command *command = ctx;

	command->exit_status = EXIT_COMPLETE;
	quit(command);
}

static void cut_off(void *ctx, bool is_late) {
	struct worker_command *command = ctx;

	LOG(command->front.log,
	    is_late ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING,
	    is_late ? "work in progress did not end within --drain-timeout; others do it again"
		    : "stopped at once; what was in work is done again by others",
	    log_int("in_work", (int64_t)worker_in_work(command->worker)));
	if (is_late)
		source_close(command->source, LEAVE_MS);
	front_say_last_words(&command->front);
	_exit(EXIT_FAILED);
}

static void quiet(void *ctx) {
	struct worker_command *command = ctx;

	source_rest(command->source, true);
	worker_pause(command->worker, true);
}

static void resume(void *ctx) {
	struct worker_command *command = ctx;

	source_rest(command->source, false);
	worker_pause(command->worker, false);
}

static void leave(void *ctx) {
	source_leave_for_good(((struct worker_command *)ctx)->source);
}

static const struct orders_actions actions = {
	.stop_words = "stopping: what is in work is brought to its end; again to stop at once",
	.quiet_words = "quiet: nothing new is begun; SIGCONT goes on, SIGTERM ends",
	.stop = stop,
	.cut_off = cut_off,
	.quiet = quiet,
	.resume = resume,
	.leave = leave,
};

// --- the loop

// A limit of the fleet is shared by the partitions that each worker holds.
static void share_limits(struct worker_command *command) {
	int32_t held, total;

	source_share(command->source, &held, &total);
	command->worker_options.lane.inflight_max = (int
	)share_of(command->options.run.node_inflight, held, total);
	command->worker_options.lane.rate_per_s = share_of_rate(
		command->options.run.node_rate, held, total
	);
	command->worker_options.max_rate = share_of_rate(
		command->options.run.max_rate, held, total
	);
}

static int64_t step_ms(const struct worker_command *command, int64_t now_ms) {
	int64_t wait_ms = source_wait_ms(command->source, now_ms);
	int64_t most_ms = STEP_MOST_MS;

	if (command->options.run.metric_host != NULL && worker_in_work(command->worker) > 0)
		most_ms = METRICS_FLUSH_MS;
	if (command->orders.stopping && most_ms > METRICS_FLUSH_MS)
		most_ms = METRICS_FLUSH_MS;
	return wait_ms < most_ms ? wait_ms : most_ms;
}

static void step(struct worker_command *command) {
	bool is_waiting = command->orders.is_quiet || worker_waits_for_rate(command->worker);
	int64_t now_ms = clock_mono_ms();
	struct pollfd fds[] = {
		{.fd = command->orders.fd, .events = POLLIN},
		{.fd = source_fd(command->source), .events = POLLIN},
	};

	if (source_serve(command->source, now_ms)) {
		worker_sweep(command->worker);
		share_limits(command);
	}
	look_for_the_end(command);
	watchdog_note(
		command->watchdog,
		is_waiting ? 0 : worker_in_work(command->worker),
		worker_tally(command->worker)->taken - (int64_t)worker_in_work(command->worker)
	);
	worker_step(command->worker, fds, 2, step_ms(command, now_ms));
	orders_obey(&command->orders, clock_mono_ms());
	orders_note_still(
		&command->orders,
		worker_is_still(command->worker),
		(int64_t)worker_in_work(command->worker)
	);
	metrics_flush(command->front.metrics, clock_mono_ms());
	news(command, clock_mono_ms());
}

// Returns the exit status.
static int say_last_words(const struct worker_command *command, int exit_status) {
	bool is_incomplete = exit_status == EXIT_FAILED || exit_status == EXIT_PARTIAL;

	return is_incomplete && front_say_last_words(&command->front) ? EXIT_FAILED : exit_status;
}

static int open_watchdog(struct worker_command *command) {
	struct watch_limits limits = work_options_watch(&command->options);
	int err = watchdog_open(&command->watchdog, &limits, command->front.log, EXIT_FAILED);

	return err < 0 ? front_fail(err, "cannot start a thread") : 0;
}

static int loop(struct worker_command *command) {
	command->news_ms = clock_mono_ms();
	while (!command->orders.stopping || worker_in_work(command->worker) > 0) {
		step(command);
		if (worker_in_work(command->worker) > 0)
			orders_keep_deadline(&command->orders, clock_mono_ms());
	}
	log_insist(command->front.log);
	log_totals(command, "worker ended");
	return command->exit_status;
}

// --- the command

static int close_engine(struct worker_command *command) {
	int err;

	worker_free(command->worker);
	err = source_close(command->source, LEAVE_MS);
	if (err < 0)
		LOG(command->front.log,
		    LOG_LEVEL_WARNING,
		    err == -EBUSY ? "Kafka's library does not end; the process ends without it"
				  : "the group could not be left in time; it notices by its "
				    "session time-out");
	return err;
}

int command_work(const struct invocation *invocation) {
	struct worker_command command = {
		.orders = {.actions = &actions, .ctx = &command, .fd = -1}};
	int err, left, status;

	if (front_init(&command.front, invocation) < 0)
		return EXIT_FAILED;
	process_allow_many_files();
	err = start(&command, invocation);
	if (err == 0)
		err = open_watchdog(&command);
	status = err == 0 ? loop(&command) : front_exit_status(err);
	watchdog_close(command.watchdog); // leaving has its own deadlines
	left = close_engine(&command);
	if (err == 0)
		status = say_last_words(&command, status);
	if (left < 0) // its threads still run
		_exit(status);
	orders_close(&command.orders);
	front_fini(&command.front);
	return status;
}
