// SPDX-License-Identifier: MPL-2.0
// work: a worker of the fleet: takes candidates from Kafka and purges them.
//
// Design notes
// - This thread is the loop thread. It owns the source, the worker and the signals.
// - The end has three steps: nothing new is taken; what is with a node or the database comes to its
//   end; the rest stays uncommitted, so others do it. Then offsets are committed and the group is
//   left.
#include "cli/work.h"

#include "cli/admin/admin.h"
#include "cli/front/front.h"
#include "cli/front/orders.h"
#include "cli/front/process.h"
#include "cli/front/reload.h"
#include "cli/limits_news.h"
#include "cli/options/audit_option.h"
#include "cli/options/work_options.h"
#include "cli/pausing.h"
#include "cli/work_engine.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/metrics/metrics.h"
#include "worker/intake/source.h"
#include "worker/task/tally.h"
#include "worker/watchdog.h"
#include "worker/worker.h"

#include <unistd.h>

enum {
	// Well below the shortest max.poll.interval.ms that makes sense.
	STEP_MOST_MS = 1000,
	METRICS_FLUSH_MS = 100,
	NEWS_EVERY_MS = 10 * 1000,
	NEWS_WAITING_MS = 60 * 1000, // when records only wait
};

struct worker_command {
	struct front front;
	struct work_options options;
	struct work_engine engine;
	struct orders orders;
	struct pausing pausing;
	struct limits_news *limits; // NULL: none are told
	struct admin *admin; // NULL: none
	struct watchdog *watchdog;
	int exit_status;
	int64_t news_ms; // when the totals were last logged
	int64_t news_finished;
};

// --- start

static int open_admin(struct worker_command *command) {
	const struct admin_setup setup = {
		.front = &command->front,
		.command = "work",
		.address = command->options.run.admin.address,
		.orders = &command->orders,
		.worker = &command->engine.worker,
		.source = &command->engine.source,
	};

	return admin_open(&command->admin, &setup);
}

static int start(struct worker_command *command, const struct invocation *invocation) {
	struct front *front = &command->front;
	int err = work_options_read(&front->conf, &command->options, front->config, invocation);

	if (err == 0)
		err = orders_open(&command->orders);
	if (err == 0)
		err = front_set_up(front, &command->options.log, false);
	if (err == 0)
		err = front_watch(front);
	if (err != 0)
		return err;
	command->engine.front = front;
	command->engine.options = &command->options;
	err = work_engine_look(&command->engine);
	if (err < 0)
		return err;
	err = pausing_open(&command->pausing, front, &command->options.kafka, &command->orders);
	if (err < 0)
		return err;
	command->orders.log = front->log;
	command->orders.drain_timeout_ms = command->options.run.drain_timeout;
	err = open_admin(command);
	if (err < 0)
		return err;
	front_open_metrics(
		front, command->options.run.metric_host, command->options.run.metric_port
	);
	// What comes next is to be left again.
	front_begin(front);
	err = work_engine_open(&command->engine);
	if (err < 0)
		return err;
	front_warn(front);
	command->limits = limits_news_new(front, &command->options);
	limits_news_tell(command->limits);
	return 0;
}

// --- the end

static void quit(struct worker_command *command) {
	struct queue_take *queue = source_take_side(command->engine.source);

	queue->ops->stop(queue);
	worker_quit(command->engine.worker);
}

// It ends by itself.
static void end(struct worker_command *command, int exit_status) {
	command->exit_status = exit_status;
	orders_end(&command->orders, clock_mono_ms());
	quit(command);
}

static void log_totals(const struct worker_command *command, const char *message) {
	const struct tally *tally = worker_tally(command->engine.worker);
	const struct source_counts *counts = source_counts(command->engine.source);
	int64_t waiting = source_waiting(command->engine.source);
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
		log_int("passed_over", counts->passed_over),
		log_int("node_deletes", tally->requests_done),
		log_int("requests", tally->requests),
		log_int("in_work", (int64_t)worker_in_work(command->engine.worker)),
		waiting < 0 ? log_str("waiting", NULL) : log_int("waiting", waiting),
		log_int("parked", source_parked(command->engine.source)),
		{0},
	};

	log_write(command->front.log, LOG_LEVEL_INFO, message, fields);
}

static void news(struct worker_command *command, int64_t now_ms) {
	int64_t finished = tally_finished(worker_tally(command->engine.worker));
	int64_t since_ms = now_ms - command->news_ms;

	if (since_ms < NEWS_EVERY_MS)
		return;
	if (finished == command->news_finished &&
	    (since_ms < NEWS_WAITING_MS || source_waiting(command->engine.source) <= 0))
		return;
	command->news_ms = now_ms;
	command->news_finished = finished;
	log_totals(command, "working");
}

static void drained(struct worker_command *command) {
	const struct source_counts *counts = source_counts(command->engine.source);

	if (command->options.own.replay != NULL)
		LOG(command->front.log,
		    LOG_LEVEL_INFO,
		    "all of the replay is done",
		    log_str("replay", command->options.own.replay));
	source_leave_for_good(command->engine.source);
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

static bool ends_by_itself(const struct worker_command *command) {
	return command->options.own.until_drained || command->options.own.replay != NULL;
}

// Must it end, by itself?
static void look_for_the_end(struct worker_command *command) {
	const char *fatal = worker_fatal(command->engine.worker);
	bool may_drain = ends_by_itself(command) && !orders_rest(&command->orders);

	if (command->orders.stopping)
		return;
	if (source_state(command->engine.source) != SOURCE_RUNS) {
		LOG(command->front.log,
		    LOG_LEVEL_ERROR,
		    "the worker cannot go on",
		    log_str("error", source_error(command->engine.source)));
		end(command,
		    source_state(command->engine.source) == SOURCE_FENCED ? EXIT_FENCED
									  : EXIT_FAILED);
	} else if (fatal != NULL) {
		LOG(command->front.log,
		    LOG_LEVEL_ERROR,
		    "the worker cannot go on",
		    log_str("error", fatal));
		end(command, EXIT_FAILED);
	} else if (may_drain && worker_in_work(command->engine.worker) == 0) {
		if (source_is_drained(command->engine.source))
			drained(command);
		else if (source_is_stuck(command->engine.source))
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
	    log_int("in_work", (int64_t)worker_in_work(command->engine.worker)));
	front_abandon(&command->front);
	if (is_late)
		work_engine_leave(&command->engine);
	front_say_last_words(&command->front);
	_exit(EXIT_FAILED);
}

static void quiet(void *ctx) {
	struct worker_command *command = ctx;

	source_rest(command->engine.source, true);
	worker_pause(command->engine.worker, true);
}

static void resume(void *ctx) {
	struct worker_command *command = ctx;

	source_rest(command->engine.source, false);
	worker_pause(command->engine.worker, false);
}

static void leave(void *ctx) {
	source_leave_for_good(((struct worker_command *)ctx)->engine.source);
}

static bool reload(void *ctx) {
	struct worker_command *command = ctx;
	bool has_audit = audit_option_reopen(command->engine.audit, command->front.log);
	bool is_news;
	bool has_options = reload_options(&command->front, &command->options.log, &is_news);

	if (is_news)
		worker_judge_anew(command->engine.worker);
	work_engine_share(&command->engine);
	limits_news_tell(command->limits);
	return has_audit || has_options;
}

static const struct orders_actions actions = {
	.stop_words = "stopping: what is in work is brought to its end; again to stop at once",
	.quiet_words = "quiet: nothing new is begun; SIGCONT goes on, SIGTERM ends",
	.stop = stop,
	.cut_off = cut_off,
	.quiet = quiet,
	.resume = resume,
	.reload = reload,
	.leave = leave,
};

// --- the loop

static int64_t step_ms(const struct worker_command *command, int64_t now_ms) {
	int64_t wait_ms = source_wait_ms(command->engine.source, now_ms);
	int64_t most_ms = STEP_MOST_MS;

	if (command->options.run.metric_host != NULL && worker_in_work(command->engine.worker) > 0)
		most_ms = METRICS_FLUSH_MS;
	if (command->orders.stopping && most_ms > METRICS_FLUSH_MS)
		most_ms = METRICS_FLUSH_MS;
	return wait_ms < most_ms ? wait_ms : most_ms;
}

static void step(struct worker_command *command) {
	bool is_waiting = orders_rest(&command->orders) ||
		worker_waits_for_rate(command->engine.worker);
	int64_t now_ms = clock_mono_ms();
	struct pollfd fds[] = {
		{.fd = command->orders.fd, .events = POLLIN},
		{.fd = source_fd(command->engine.source), .events = POLLIN},
		{.fd = pausing_fd(&command->pausing), .events = POLLIN},
	};

	if (source_serve(command->engine.source, now_ms)) {
		worker_sweep(command->engine.worker);
		work_engine_share(&command->engine);
	}
	look_for_the_end(command);
	watchdog_note(
		command->watchdog,
		is_waiting ? 0 : worker_in_work(command->engine.worker),
		worker_tally(command->engine.worker)->taken -
			(int64_t)worker_in_work(command->engine.worker)
	);
	worker_step(command->engine.worker, fds, 3, step_ms(command, now_ms));
	orders_obey(&command->orders, clock_mono_ms());
	pausing_obey(&command->pausing);
	orders_note_still(
		&command->orders,
		worker_is_still(command->engine.worker),
		(int64_t)worker_in_work(command->engine.worker)
	);
	metrics_flush(command->front.metrics, clock_mono_ms());
	news(command, clock_mono_ms());
	admin_serve(command->admin, clock_mono_ms());
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
	// What was ordered before the start.
	orders_obey(&command->orders, clock_mono_ms());
	pausing_obey(&command->pausing);
	while (!command->orders.stopping || worker_in_work(command->engine.worker) > 0) {
		step(command);
		if (worker_in_work(command->engine.worker) > 0)
			orders_keep_deadline(&command->orders, clock_mono_ms());
	}
	log_insist(command->front.log);
	log_totals(command, "worker ended");
	return command->exit_status;
}

// --- the command

int work_main(const struct invocation *invocation) {
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
	admin_close(command.admin);
	left = work_engine_close(&command.engine);
	if (err == 0)
		status = say_last_words(&command, status);
	// Else threads still run.
	if (limits_news_close(command.limits) < 0 || left < 0)
		_exit(status);
	pausing_close(&command.pausing);
	orders_close(&command.orders);
	front_fini(&command.front);
	return status;
}
