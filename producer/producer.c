// SPDX-License-Identifier: MPL-2.0
// producer: walks over the candidates of one pass and puts them into a queue.
//
// Design notes
// - The scan thread owns the handle and the pass; the loop thread asks for a pass, stops it and
//   takes its report. What they share is guarded by one lock.
// - A stage begins when all of the stage before it is finished, retries included: the queue's drain
//   says so. At the end of a pass nothing rests on that any more.
#include "producer/producer.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/monitor.h"
#include "common/handle.h"
#include "common/page.h"
#include "common/target/event.h"
#include "common/target/target_scanner.h"
#include "producer/approval.h"
#include "producer/ask.h"
#include "producer/overdue_news.h"
#include "producer/reach.h"
#include "producer/scan_notes.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct producer {
	struct producer_setup setup;
	const struct producer_options *options;
	const struct target *target;
	struct handle *handle;
	struct ask ask; // the scan thread's own
	struct overdue_news overdue; // the same, of the pass
	struct scan_notes notes; // the same
	struct reach reach;
	pthread_t thread;
	bool has_thread;
	// Changed: asked for, stopped or exit.
	struct monitor monitor;
	// Of the running or the last pass.
	struct pass_report report;
	bool asked, is_short;
	bool ended; // the report was not taken yet
	bool stop;
	bool exit;
};

// --- scan thread: small things

// Waits unless stopped; false: stopped.
static bool nap(void *ctx, int64_t ms) {
	struct producer *producer = ctx;
	struct timespec until = clock_mono_after(ms);
	bool go_on;

	monitor_lock(&producer->monitor);
	while (ms > 0 && !producer->stop && !producer->exit &&
	       monitor_wait_until(&producer->monitor, &until))
		;
	go_on = !producer->stop && !producer->exit;
	monitor_unlock(&producer->monitor);
	return go_on;
}

static void report_event(struct producer *producer, enum event_kind kind, int64_t value) {
	if (producer->target->report != NULL)
		producer->target->report(
			producer->setup.config,
			producer->setup.metrics,
			&(struct event){.kind = kind, .value = value}
		);
}

// --- scan thread: a pass

static int check_guard(struct producer *producer, struct pass *pass) {
	struct approval approval;
	int err = approval_ask(&producer->ask, pass, producer->options, &approval);

	if (err < 0)
		return err;
	producer->overdue.is_limited = approval.is_limited;
	if (approval.is_counted)
		report_event(producer, EVENT_BACKLOG, approval.backlog);
	monitor_lock(&producer->monitor);
	producer->report.backlog = approval.backlog;
	producer->report.wanted = approval.wanted;
	producer->report.guard = approval.verdict;
	monitor_unlock(&producer->monitor);
	return approval_heed(&approval, producer->options, pass);
}

static void count_page(struct producer *producer, const struct page *page) {
	overdue_news_page(&producer->overdue, &page->overdue);
	scan_notes_page(&producer->notes, producer->setup.log, page);
	monitor_lock(&producer->monitor);
	producer->report.pages += page->rows > 0 ? 1 : 0;
	producer->report.rows += page->rows;
	for (int i = 0; i < REASON_COUNT; i++)
		producer->report.left[i] += page->left[i];
	producer->report.troubles = producer->notes.troubles;
	producer->report.overdue += page->overdue.count;
	producer->report.oldest_due_ms = producer->overdue.found.oldest_ms;
	monitor_unlock(&producer->monitor);
	if (page->rows > 0)
		report_event(producer, EVENT_PAGE, page->rows);
}

// Waits for what was put, and tells the pass what became of it.
static int settle(struct producer *producer, struct pass *pass, bool is_end) {
	struct queue_put *queue = producer->setup.queue;
	struct settled settled;
	int err = queue->ops->drain(queue, is_end ? QUEUE_KEPT : QUEUE_SETTLED, &settled);

	if (err < 0)
		return err;
	pass->wish.removed = settled.removed;
	pass->wish.removed_also = settled.removed_also;
	pass->wish.removed_bytes = settled.removed_bytes;
	return 0;
}

static int put_page(
	struct producer *producer, struct pass *pass, struct page *page, int64_t *room
) {
	const struct producer_options *options = producer->options;
	struct queue_put *queue = producer->setup.queue;
	const struct producer_hooks *hooks = &producer->setup.hooks;
	int err;

	count_page(producer, page);
	// Nobody behind the queue keeps to a limit of records.
	if (options->scan_only && options->max_records > 0)
		*room = page_limit(page, *room);
	page_stamp(page, pass->facts.cutoff);
	err = queue->ops->put(queue, page_take(page));
	return err == 0 && hooks->page != NULL ? hooks->page(hooks->ctx, pass, page) : err;
}

static int walk(struct producer *producer, struct pass *pass) {
	int64_t room = producer->options->max_records;
	bool begins = true;
	struct page page;
	bool end = false;
	int err;

	do {
		if (begins)
			ask_narrate(&producer->ask, pass, false);
		err = ask_page(&producer->ask, pass, &page);
		if (err < 0)
			break;
		err = put_page(producer, pass, &page, &room);
		end = page.end_of_pass;
		begins = page.end_of_stage || end;
		page_fini(&page);
		if (err == 0 && (page.settle || page.has_estimate || begins))
			err = settle(producer, pass, end);
		if (err == 0 && page.has_estimate)
			err = check_guard(producer, pass);
		if (err == 0 && begins)
			ask_narrate(&producer->ask, pass, true);
	} while (err == 0 && !end && nap(producer, 0));
	overdue_news_end(&producer->overdue, &pass->wish, err == 0 && end);
	if (producer->overdue.is_all)
		report_event(producer, EVENT_OVERDUE, producer->overdue.found.count);
	return err;
}

static int begin_pass(struct producer *producer, struct pass *pass) {
	const struct producer_hooks *hooks = &producer->setup.hooks;
	int err = hooks->begin == NULL ? 0 : hooks->begin(hooks->ctx, producer->handle, pass);

	if (err < 0)
		return err;
	return producer->target->scanner->begin(producer->setup.config, producer->handle, pass);
}

// One that was stopped meanwhile did not fail.
static int connect_handle(struct producer *producer, struct pass *pass) {
	int err = reach_open(&producer->reach, pass);

	return err < 0 && !nap(producer, 0) ? -ECANCELED : err;
}

static int run_pass(struct producer *producer, struct pass *pass) {
	int err;

	handle_want_writable(producer->handle, false); // begin says it in better words
	err = connect_handle(producer, pass);
	if (err < 0)
		return err;
	err = begin_pass(producer, pass);
	if (err == -ENOTCONN) {
		// An idle connection from the last pass may have been closed meanwhile.
		pass->facts = (struct pass_facts){.cutoff = 0};
		handle_close(producer->handle);
		err = connect_handle(producer, pass);
		if (err == 0)
			err = begin_pass(producer, pass);
	}
	monitor_lock(&producer->monitor);
	producer->report.cutoff = pass->facts.cutoff;
	memcpy(producer->report.obstacle, pass->facts.obstacle, sizeof(pass->facts.obstacle));
	monitor_unlock(&producer->monitor);
	if (err == 0) {
		ask_tell_warning(&producer->ask, pass);
		producer->overdue = (struct overdue_news){.log = producer->setup.log};
		producer->notes = (struct scan_notes){.troubles = 0};
		if (!producer->target->scanner->estimates_late)
			err = check_guard(producer, pass);
		ask_tell_warning(&producer->ask, pass);
	}
	if (err == 0)
		err = walk(producer, pass);
	if (err < 0 && err != -ECANCELED && pass->facts.error[0] == '\0')
		snprintf(
			pass->facts.error,
			sizeof(pass->facts.error),
			"%s",
			handle_error(producer->handle)
		);
	return err;
}

static void end_pass(struct producer *producer, struct pass *pass, int err) {
	const struct producer_hooks *hooks = &producer->setup.hooks;

	if (hooks->end != NULL)
		err = hooks->end(hooks->ctx, pass, err);
	producer->target->scanner->end(producer->setup.config, pass);
	monitor_lock(&producer->monitor);
	producer->report.stopped = err == -ECANCELED || (err == 0 && producer->stop);
	producer->report.error = err == -ECANCELED ? 0 : err;
	producer->report.is_standby = pass->is_standby;
	producer->report.has_all_overdue = err == 0 && producer->overdue.is_all;
	if (producer->report.error < 0)
		snprintf(
			producer->report.message,
			sizeof(producer->report.message),
			"%s",
			pass->facts.error[0] == '\0' ? strerror(-err) : pass->facts.error
		);
	producer->ended = true;
	monitor_unlock(&producer->monitor);
	producer->setup.wake(producer->setup.wake_ctx);
}

static bool wait_for_pass(struct producer *producer, struct pass *pass) {
	bool go_on;

	monitor_lock(&producer->monitor);
	while (!producer->asked && !producer->exit)
		monitor_wait(&producer->monitor);
	go_on = !producer->exit;
	producer->asked = false;
	if (go_on) {
		*pass = (struct pass){.is_standby = false};
		pass->wish = producer_options_wish(producer->options, clock_wall_ms());
		pass->wish.is_short = producer->is_short;
		producer->report = (struct pass_report){
			.backlog = -1,
			.wanted = -1,
			.overdue = pass->wish.warn_after_ms > 0 ? 0 : -1,
			.started_wall_ms = pass->wish.started_wall_ms,
		};
	}
	monitor_unlock(&producer->monitor);
	return go_on;
}

static void *thread_main(void *arg) {
	struct producer *producer = arg;
	struct pass pass;

	while (wait_for_pass(producer, &pass))
		end_pass(producer, &pass, run_pass(producer, &pass));
	if (producer->setup.hooks.close != NULL)
		producer->setup.hooks.close(producer->setup.hooks.ctx);
	// Here, because a client library keeps state per thread.
	handle_free(producer->handle);
	return NULL;
}

// --- loop thread

static void init_ask(struct producer *producer) {
	producer->ask = (struct ask){
		.target = producer->target,
		.config = producer->setup.config,
		.handle = producer->handle,
		.log = producer->setup.log,
		.reconnect_ms = producer->options->reconnect_ms,
		.page_rows = (size_t)producer->options->page_rows,
		.nap = nap,
		.nap_ctx = producer,
		.reach = &producer->reach,
	};
}

int producer_new(struct producer **out, const struct producer_setup *setup) {
	struct producer *producer = calloc(1, sizeof(*producer));
	char error[64];
	int err;

	if (producer == NULL)
		return -ENOMEM;
	producer->setup = *setup;
	producer->options = setup->options;
	producer->target = setup->target;
	monitor_init(&producer->monitor);
	err = handle_new(
		&producer->handle, setup->target->handle_kind, setup->location, error, sizeof(error)
	);
	init_ask(producer);
	reach_init(&producer->reach, producer->handle, setup->source);
	if (err == 0)
		err = -pthread_create(&producer->thread, NULL, thread_main, producer);
	if (err < 0) {
		handle_free(producer->handle);
		producer_free(producer);
		return err;
	}
	producer->has_thread = true;
	*out = producer;
	return 0;
}

static void signal_thread(struct producer *producer, bool *flag) {
	monitor_lock(&producer->monitor);
	*flag = true;
	monitor_broadcast(&producer->monitor);
	monitor_unlock(&producer->monitor);
}

void producer_free(struct producer *producer) {
	if (producer == NULL)
		return;
	if (producer->has_thread) {
		signal_thread(producer, &producer->exit);
		pthread_join(producer->thread, NULL);
	}
	monitor_fini(&producer->monitor);
	free(producer);
}

void producer_start_pass(struct producer *producer, bool is_short) {
	struct queue_put *queue = producer->setup.queue;

	queue->ops->restart(queue);
	monitor_lock(&producer->monitor);
	producer->is_short = is_short;
	producer->stop = false;
	monitor_unlock(&producer->monitor);
	signal_thread(producer, &producer->asked);
}

void producer_stop(struct producer *producer) {
	struct queue_put *queue = producer->setup.queue;

	signal_thread(producer, &producer->stop);
	queue->ops->stop(queue);
}

bool producer_take_report(struct producer *producer, struct pass_report *out) {
	bool ended;

	monitor_lock(&producer->monitor);
	ended = producer->ended;
	producer->ended = false;
	if (ended)
		*out = producer->report;
	monitor_unlock(&producer->monitor);
	return ended;
}

const struct reach *producer_reach(const struct producer *producer) {
	return &producer->reach;
}

void producer_peek(struct producer *producer, struct pass_report *out) {
	monitor_lock(&producer->monitor);
	*out = producer->report;
	monitor_unlock(&producer->monitor);
}
