// SPDX-License-Identifier: MPL-2.0
// produce: scans and publishes what it finds, for workers elsewhere.
//
// Design notes
// - This thread only waits: for signals, for the end of a pass, for the next one to be due. The
//   scan thread does the work.
// - A pass that is restricted by a range, --max-records, --oneshot or --dryrun is the only one:
//   then the command ends.
#include "cli/produce.h"

#include "cli/admin/admin.h"
#include "cli/admin/numbers.h"
#include "cli/dead/letter_watch.h"
#include "cli/front/front.h"
#include "cli/front/orders.h"
#include "cli/front/reload.h"
#include "cli/options/produce_options.h"
#include "cli/options/schedule_option.h"
#include "cli/pausing.h"
#include "cli/produce_engine.h"
#include "cli/show/show_pass.h"
#include "cli/topics/topics_check.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/wake.h"
#include "common/metrics/metrics.h"
#include "common/target/event.h"
#include "common/target/target.h"
#include "producer/again.h"
#include "producer/outbox/publisher.h"
#include "producer/producer.h"
#include "producer/reach.h"
#include "producer/schedule.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

enum { STEP_MOST_MS = 1000, LOCK_LOOK_MS = 1000 };

struct produce {
	struct front front;
	struct produce_options options;
	struct produce_engine engine;
	struct schedule schedule;
	struct pass_report report;
	struct orders orders;
	struct pausing pausing;
	struct admin *admin; // NULL: none
	struct letter_watch *letters; // the same
	bool pass_running;
	bool is_standby;
	// The last pass was not broken off by a quiet.
	bool had_pass;
	bool is_broken_off; // it was
	int64_t pass_began_ms;
	struct again again;
	int exit_status;
	unsigned short random[3]; // of erand48(3)
};

// --- start

static int open_admin(struct produce *produce) {
	const struct admin_setup setup = {
		.front = &produce->front,
		.command = "produce",
		.address = produce->options.run.admin.address,
		.orders = &produce->orders,
		.producer = &produce->engine.producer,
		.publisher = &produce->engine.publisher,
		.pass_running = &produce->pass_running,
		.is_standby = &produce->is_standby,
		.has_trigger = !produce->engine.is_single,
	};

	return admin_open(&produce->admin, &setup);
}

static int watch_letters(struct produce *produce) {
	int64_t every_ms = produce->options.own.dead_interval;
	int err = produce->admin == NULL || every_ms == 0
		? 0
		: letter_watch_open(
			  &produce->letters, &produce->front, &produce->options.kafka, every_ms
		  );

	return err < 0 ? front_fail(err, "cannot start a thread") : 0;
}

static int start(struct produce *produce, const struct invocation *invocation) {
	const struct run_options *run = &produce->options.run;
	struct front *front = &produce->front;
	int err = produce_options_read(&front->conf, &produce->options, front->config, invocation);

	if (err == 0)
		err = orders_open(&produce->orders);
	if (err == 0)
		err = front_set_up(front, &produce->options.log, true);
	if (err == 0)
		err = front_watch(front);
	if (err != 0)
		return err;
	produce->engine.front = front;
	produce->engine.options = &produce->options;
	produce->engine.is_single = produce_options_is_single(&produce->options, front->conf);
	err = topics_check_produce(
		front, &produce->options.kafka, run->dryrun, &produce->engine.retention_ms
	);
	if (err == 0)
		err = pausing_open(
			&produce->pausing, front, &produce->options.kafka, &produce->orders
		);
	if (err < 0) {
		front_say_last_words(front);
		return err;
	}
	front_open_metrics(front, run->metric_host, run->metric_port);
	produce->orders.log = front->log;
	produce->orders.drain_timeout_ms = run->drain_timeout;
	err = open_admin(produce);
	if (err == 0)
		err = produce_engine_open(&produce->engine);
	if (err == 0 && getrandom(produce->random, sizeof(produce->random), 0) < 0)
		err = front_fail(-errno, strerror(errno));
	if (err < 0)
		return err;
	front_warn(front);
	front_begin(front);
	return watch_letters(produce);
}

// --- one pass

static void begin_pass(struct produce *produce, int64_t now_ms) {
	bool is_short = schedule_began(&produce->schedule, now_ms);

	produce->pass_running = true;
	produce->pass_began_ms = now_ms;
	producer_start_pass(produce->engine.producer, is_short);
}

static bool enter_standby(struct produce *produce, int64_t now_ms) {
	bool is_standby = produce->report.is_standby;

	if (is_standby && !produce->is_standby)
		LOG(produce->front.log,
		    LOG_LEVEL_INFO,
		    "standing by: another producer scans already");
	produce->is_standby = is_standby;
	if (is_standby) {
		schedule_put_off(&produce->schedule, now_ms, LOCK_LOOK_MS);
		// What failed before is the other one's now.
		produce->exit_status = EXIT_COMPLETE;
	}
	return is_standby;
}

// While it rests, and without an interval, nobody knows when the next pass begins.
static void tell_next(const struct produce *produce, int64_t now_ms) {
	int64_t wait_ms = schedule_wait_ms(&produce->schedule, now_ms);

	if (!orders_rest(&produce->orders) && wait_ms >= 0)
		front_tell_next(&produce->front, "next pass", wait_ms);
}

static int judge(const struct pass_report *report, bool failed) {
	if (failed)
		return EXIT_FAILED;
	return report->troubles > 0 ? EXIT_PARTIAL : EXIT_COMPLETE;
}

static void end_pass(struct produce *produce, int64_t now_ms) {
	const struct front *front = &produce->front;
	bool failed = produce->report.error < 0 || produce->report.guard.outcome == GUARD_REFUSED ||
		produce->report.guard.outcome == GUARD_UNKNOWN;
	struct event event = {
		.kind = EVENT_PASS_END,
		.value = now_ms - produce->pass_began_ms,
		.success = !failed,
	};
	struct publisher_counts counts;

	produce->pass_running = false;
	if (enter_standby(produce, now_ms))
		return;
	publisher_count(produce->engine.publisher, &counts);
	admin_note_pass(produce->admin, &produce->report, &counts, !failed, event.value);
	// The next one goes on where one that was broken off had come to.
	if (front->target->report != NULL && !produce->options.run.dryrun &&
	    (failed || !produce->report.stopped))
		front->target->report(front->config, front->metrics, &event);
	metrics_flush(front->metrics, now_ms);
	show_pass_end(
		front->log,
		&(struct show_pass_facts){
			.report = &produce->report,
			.counts = &counts,
			.duration_ms = event.value,
			.failed = failed,
			.dryrun = produce->options.run.dryrun,
		}
	);
	if (produce->options.run.dryrun)
		show_pass_plan(stdout, &produce->report, produce->engine.publisher);
	produce->exit_status = judge(&produce->report, failed);
	if (produce->exit_status != EXIT_COMPLETE && front_say_last_words(front))
		produce->exit_status = EXIT_FAILED;
	schedule_ended(&produce->schedule, now_ms, erand48(produce->random));
	again_plan(&produce->again, &produce->schedule, failed, now_ms);
	if (!produce->engine.is_single && !produce->orders.stopping)
		tell_next(produce, now_ms);
}

// --- the operator

static void stop(void *ctx) {
	struct produce *produce = ctx;

	// What the last pass came to was told when it ended.
	if (!produce->pass_running)
		produce->exit_status = EXIT_COMPLETE;
	producer_stop(produce->engine.producer);
}

static void cut_off(void *ctx, bool is_late) {
	const struct produce *produce = ctx;

	LOG(produce->front.log,
	    is_late ? LOG_LEVEL_ERROR : LOG_LEVEL_WARNING,
	    is_late ? "the pass did not end within --drain-timeout; the next one repeats some of it"
		    : "stopped at once");
	front_say_last_words(&produce->front);
	_exit(EXIT_FAILED);
}

static void quiet(void *ctx) {
	struct produce *produce = ctx;

	if (produce->pass_running) {
		produce->had_pass = false;
		produce->is_broken_off = true;
	}
	producer_stop(produce->engine.producer);
}

static void resume(void *ctx) {
	struct produce *produce = ctx;

	if (produce->is_broken_off)
		schedule_request(&produce->schedule, produce->schedule.is_short);
	produce->is_broken_off = false;
}

static void scan(void *ctx) {
	schedule_request(&((struct produce *)ctx)->schedule, false);
}

static void obey_trigger(struct produce *produce) {
	bool is_short;

	if (admin_take_trigger(produce->admin, &is_short))
		schedule_request(&produce->schedule, is_short);
}

static bool reload(void *ctx) {
	const struct produce *produce = ctx;

	return reload_options(&produce->front, &produce->options.log, NULL);
}

static const struct orders_actions actions = {
	.stop_words = "stopping: the next start goes on from the cursor; again to stop at once",
	.quiet_words = "quiet: nothing is published; SIGCONT goes on from the cursor, SIGTERM ends",
	.stop = stop,
	.cut_off = cut_off,
	.quiet = quiet,
	.resume = resume,
	.scan = scan,
	.reload = reload,
};

// --- the loop

// The scan thread waits for a database and hears nothing; nothing has begun.
static void end_unconnected(struct produce *produce, int64_t now_ms) {
	producer_peek(produce->engine.producer, &produce->report);
	produce->report.stopped = true;
	end_pass(produce, now_ms);
	_exit(front_end(produce->exit_status));
}

static void show_letters(struct produce *produce) {
	struct letter_news news;

	if (letter_watch_look(produce->letters, &news))
		admin_note_letters(
			produce->admin,
			&(struct letter_numbers){
				.open = news.open,
				.solved = news.solved,
				.unknown = news.unknown,
				.oldest_ms = news.oldest_ms,
				.counted_ms = news.counted_ms,
			}
		);
}

static void step(struct produce *produce) {
	struct pollfd fds[] = {
		{.fd = produce->orders.fd, .events = POLLIN},
		{.fd = produce->engine.wake_fd, .events = POLLIN},
		{.fd = pausing_fd(&produce->pausing), .events = POLLIN},
		{.fd = admin_fd(produce->admin), .events = POLLIN},
	};
	int64_t now_ms = clock_mono_ms();
	int64_t due_ms = schedule_due_ms(&produce->schedule);
	int64_t wait_ms = STEP_MOST_MS;

	if (!orders_rest(&produce->orders) && due_ms != INT64_MAX && due_ms - now_ms < wait_ms)
		wait_ms = due_ms > now_ms ? due_ms - now_ms : 0;
	if (poll(fds, 4, (int)wait_ms) > 0 && (fds[1].revents & POLLIN) != 0)
		wake_clear(produce->engine.wake_fd);
	now_ms = clock_mono_ms();
	orders_obey(&produce->orders, now_ms);
	obey_trigger(produce);
	pausing_obey(&produce->pausing);
	orders_note_still(&produce->orders, !produce->pass_running, -1);
	metrics_flush(produce->front.metrics, now_ms);
	show_letters(produce);
	admin_serve(produce->admin, now_ms);
	if (produce->pass_running &&
	    producer_take_report(produce->engine.producer, &produce->report))
		end_pass(produce, now_ms);
	if (produce->pass_running && produce->orders.stopping &&
	    reach_is_waiting(producer_reach(produce->engine.producer)))
		end_unconnected(produce, now_ms);
	if (produce->pass_running)
		orders_keep_deadline(&produce->orders, now_ms);
}

static int loop(struct produce *produce) {
	const struct schedule_options schedule = schedule_option_wants(
		&produce->options.run.schedule, produce->engine.is_single
	);

	schedule_init(&produce->schedule, &schedule, clock_mono_ms());
	schedule_option_tell(&schedule, &produce->front);
	// What was ordered before the start.
	orders_obey(&produce->orders, clock_mono_ms());
	pausing_obey(&produce->pausing);
	for (;;) {
		int64_t now_ms = clock_mono_ms();

		if (!produce->pass_running &&
		    (produce->orders.stopping || (produce->engine.is_single && produce->had_pass)))
			return produce->exit_status;
		if (!produce->orders.stopping && !orders_rest(&produce->orders) &&
		    schedule_is_due(&produce->schedule, now_ms)) {
			begin_pass(produce, now_ms);
			produce->had_pass = true;
		}
		step(produce);
	}
}

// --- the command

int produce_main(const struct invocation *invocation) {
	struct produce produce = {
		.orders = {.actions = &actions, .ctx = &produce, .fd = -1},
		.engine = {.wake_fd = -1},
	};
	int err;

	if (front_init(&produce.front, invocation) < 0)
		return EXIT_FAILED;
	err = start(&produce, invocation);
	produce.exit_status = err == 0 ? loop(&produce) : front_exit_status(err);
	admin_close(produce.admin);
	produce_engine_close(&produce.engine);
	pausing_close(&produce.pausing);
	orders_close(&produce.orders);
	if (letter_watch_close(produce.letters) < 0) { // its thread still runs
		metrics_close(produce.front.metrics);
		_exit(front_end(produce.exit_status));
	}
	front_fini(&produce.front);
	return produce.exit_status;
}
