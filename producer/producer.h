// SPDX-License-Identifier: MPL-2.0
// producer: walks over the candidates of one pass and puts them into a queue. It owns the scan
// thread.
#pragma once

#include "common/page.h"
#include "common/queue.h"
#include "common/target/pass.h"
#include "common/target/target.h"
#include "producer/guard.h"
#include "producer/producer_options.h"

#include <stdbool.h>
#include <stdint.h>

struct log;
struct metrics;
struct producer; // opaque
struct reach;

// What a pass besides scan and queue is about; any of them may be NULL. Thread: scan.
struct producer_hooks {
	void *ctx;
	// Before the target's begin; the handle is open. A failure, with words in
	// pass->facts.error, ends the pass; it may say that it is none in pass->is_standby.
	int (*begin)(void *ctx, struct handle *handle, struct pass *pass);
	// After a page was put into the queue.
	int (*page)(void *ctx, struct pass *pass, const struct page *page);
	// After the last page, or with the error that ended the pass. Returns err, or its own.
	int (*end)(void *ctx, struct pass *pass, int err);
	void (*close)(void *ctx); // the thread ends
};

struct producer_setup {
	const struct target *target;
	const void *config;
	const char *location;
	// Where that was given, for a remedy; NULL: by --database-url.
	const char *source;
	struct queue_put *queue;
	struct log *log;
	struct metrics *metrics;
	struct producer_hooks hooks;
	const struct producer_options *options; // must outlive the producer
	void (*wake)(void *ctx); // a pass ended. Thread: scan
	void *wake_ctx;
};

struct pass_report {
	// 0: reached its end, or was stopped; else why it failed.
	int error;
	char message[PASS_ERROR_BYTES]; // words for `error`
	// By producer_stop, or because the queue was stopped.
	bool stopped;
	// `error` only says that another process does it.
	bool is_standby;
	int64_t pages;
	int64_t rows; // read by the scan
	int64_t left[REASON_COUNT]; // passed over by the scan
	// That could not be looked at or understood: see PAGE_TROUBLE.
	int64_t troubles;
	// Of those read: due for longer than --warn-after; -1: nobody asked.
	int64_t overdue;
	// Unix time: since when the oldest of these is due, when there are any.
	int64_t oldest_due_ms;
	// These are all that there are: see overdue_news.h.
	bool has_all_overdue;
	int64_t backlog; // -1: unknown
	// What the target's own limits let go of the backlog; -1: unknown.
	int64_t wanted;
	struct guard_verdict guard;
	int64_t cutoff;
	int64_t started_wall_ms;
	// Of a dry run: why a real one would fail, or "".
	char obstacle[PASS_ERROR_BYTES];
};

// 0, -ENOMEM, -EINVAL (the location), -EAGAIN (no thread).
int producer_new(struct producer **out, const struct producer_setup *setup);
void producer_free(struct producer *producer); // ends the thread; NULL is fine

// Thread of the five below: loop.
// Only when none runs; restarts the queue. is_short: see pass_wish.
void producer_start_pass(struct producer *producer, bool is_short);
// The pass ends soon, and the queue is stopped.
void producer_stop(struct producer *producer);
// True: a pass has ended.
bool producer_take_report(struct producer *producer, struct pass_report *out);
// Does the pass wait for its database and has done nothing yet (that may take seconds, and hears of
// no stop), and was the database there: see reach.h.
const struct reach *producer_reach(const struct producer *producer);
// Numbers of the running pass.
void producer_peek(struct producer *producer, struct pass_report *out);
