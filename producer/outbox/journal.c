// SPDX-License-Identifier: MPL-2.0
// journal: what a pass that publishes has to do besides.
//
// Design notes
//
//    take the lock ──► bind the topics ──► read the cursor ──► decide: incremental or full
//          ▲                                                                    │
//          │                                                        write it ◄──┘
//    next pass ◄── end the cursor ◄── page, page, page (now and then: write it)
//
// - The producer calls in between its own steps (hook_begin, hook_page, hook_end); the publisher
//   calls while it waits for the workers (hook_wait). Both are the scan thread.
// - The cursor is only moved to where the publisher says that the brokers have all of it without a
//   gap. So a crash publishes some candidates twice, and never passes one over.
// - The lock is looked at before each write. Who has lost it writes nothing any more, and its pass
//   fails; whoever has it now goes on from the last cursor.
// - A write that the brokers do not answer ends nothing: the next write has all of it. After the
//   last write of a pass the next pass begins at the older cursor, and publishes again what lies
//   behind it. A write that they refuse ends the pass.
// - What the scan leaves out only for now (a node that is down) is noted in the cursor before it
//   passes that place. When some of it is held no longer, the next pass is a full one; so it is
//   when that could not be looked up in time.
// - A restricted pass (a range, or a single one) has no lock and writes no cursor. A short pass has
//   the lock and writes no cursor: it reads only a part of the records. Nor does any pass of a
//   target whose pages have none. Without a cursor the lock is looked at once a second.
#include "producer/outbox/journal.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/handle.h"
#include "common/kafka/topics/kafka_state.h"
#include "common/pack/pack.h"
#include "common/target/target_scanner.h"
#include "producer/outbox/binding.h"
#include "producer/outbox/cursor_store.h"
#include "producer/outbox/held.h"
#include "producer/outbox/lock.h"
#include "producer/outbox/publisher.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

enum { SAVE_EVERY_MS = 1000, SAVE_EVERY_ROWS = 10 * 1000, VERIFY_EVERY_MS = 1000 };

struct journal {
	struct journal_setup setup;
	struct kafka_state *state;
	struct binding binding; // of the topics
	struct held held;
	struct lock *lock; // NULL: restricted, or given back
	struct pack *pack;
	struct cursor_store store; // of state and pack
	// A full pass is asked for, and the brokers do not know it yet.
	atomic_bool full_asked;
	struct pass *pass; // that runs
	struct handle *handle; // of it
	struct cursor cursor;
	enum cursor_pass kind;
	bool is_begun; // this pass
	bool is_at_end; // the scan is
	bool is_saved; // the brokers have this cursor
	char resume[PAGE_CURSOR_BYTES]; // what the pass points to
	int64_t saved_ms; // monotonic
	int64_t verified_ms; // when the lock was, likewise
	int64_t rows_since; // scanned since the cursor was saved
};

static int fail(struct pass *pass, int err, const char *why) {
	snprintf(pass->facts.error, sizeof(pass->facts.error), "%s", why);
	return err;
}

static bool has_cursor(const struct journal *journal, const struct pass *pass) {
	return journal->setup.target->scanner->has_cursors && !journal->setup.is_restricted &&
		!pass->wish.is_short;
}

// Is it still ours? A restricted pass has none, and loses none.
static int verify_lock(struct journal *journal, struct pass *pass) {
	int err = journal->lock == NULL ? 0 : journal->lock->ops->verify(journal->lock);

	journal->verified_ms = clock_mono_ms();
	return err < 0 ? fail(pass, err, journal->lock->ops->error(journal->lock)) : 0;
}

// --- the cursor

// When the brokers do not answer that is told, and tried again later. 0, -ESTALE: the lock is lost
// and nothing was written; or what cursor_store_write says of what does not pass by itself.
static int save_cursor(struct journal *journal, struct pass *pass) {
	int err = verify_lock(journal, pass);

	journal->saved_ms = clock_mono_ms();
	journal->rows_since = 0;
	journal->is_saved = false;
	if (err < 0)
		return err;
	err = cursor_store_write(
		&journal->store, &journal->cursor, pass->facts.error, sizeof(pass->facts.error)
	);
	journal->is_saved = err == 0;
	if (err == 0)
		atomic_store(&journal->full_asked, false);
	return err == -EAGAIN ? 0 : err;
}

static void begin_from_cursor(struct journal *journal, struct pass *pass, const char *held) {
	const struct cursor_moment moment = {
		.now_ms = pass->wish.started_wall_ms,
		.full_interval_ms = journal->setup.full_interval_ms,
		.full_asked = atomic_load(&journal->full_asked),
		.held = held,
	};
	enum cursor_reason why;
	const char *resume;

	journal->kind = cursor_decide(&journal->cursor, &moment, &why);
	cursor_begin(&journal->cursor, journal->kind, &moment);
	resume = cursor_resume(&journal->cursor, journal->kind);
	snprintf(journal->resume, sizeof(journal->resume), "%s", resume == NULL ? "" : resume);
	pass->wish.resume = resume == NULL ? NULL : journal->resume;
	LOG(journal->setup.log,
	    LOG_LEVEL_INFO,
	    "pass begins",
	    log_str("pass", pass->wish.id),
	    log_str("kind", journal->kind == CURSOR_INCREMENTAL ? "incremental" : "full"),
	    log_str("why", cursor_reason_name(why)),
	    log_str("from", pass->wish.resume));
}

// --- the hooks

static int begin_scanner(struct journal *journal, struct pass *pass) {
	char held[CURSOR_HELD_BYTES];
	int err = cursor_store_read(
		&journal->store,
		atomic_load(&journal->full_asked),
		&journal->cursor,
		pass->facts.error,
		sizeof(pass->facts.error)
	);

	if (err == 0)
		err = held_look(
			&journal->held, journal->handle, &journal->cursor, held, pass->facts.error
		);
	if (err < 0)
		return err;
	begin_from_cursor(journal, pass, held);
	return save_cursor(journal, pass);
}

static int begin_without_cursor(struct journal *journal, struct pass *pass) {
	LOG(journal->setup.log,
	    LOG_LEVEL_INFO,
	    "pass begins",
	    log_str("pass", pass->wish.id),
	    log_str("kind",
		    pass->wish.is_short                                              ? "short"
			    : pass->wish.has_range_start || pass->wish.has_range_end ? "range"
										     : "full"),
	    log_bool("dryrun", journal->setup.dryrun));
	return 0;
}

static int hook_begin(void *ctx, struct handle *handle, struct pass *pass) {
	struct journal *journal = ctx;
	struct layout layout;
	int err = 0;

	journal->pass = pass;
	journal->handle = handle;
	journal->is_begun = false;
	journal->is_at_end = false;
	journal->saved_ms = clock_mono_ms();
	journal->verified_ms = journal->saved_ms;
	if (!journal->setup.is_restricted)
		err = journal->lock->ops->take(journal->lock);
	pass->is_standby = err == -EBUSY;
	if (err < 0)
		return fail(pass, err, journal->lock->ops->error(journal->lock));
	err = binding_check(
		&journal->binding, handle, &layout, pass->facts.error, sizeof(pass->facts.error)
	);
	if (err < 0)
		return err;
	err = publisher_begin(journal->setup.publisher, pass->wish.id, layout.range_width);
	if (err < 0)
		return fail(pass, err, publisher_error(journal->setup.publisher));
	err = has_cursor(journal, pass) ? begin_scanner(journal, pass)
					: begin_without_cursor(journal, pass);
	journal->is_begun = err == 0;
	return err;
}

// Unless what is held cannot be seen right now: then the cursor stays where it is.
static int move_cursor(struct journal *journal, struct pass *pass) {
	const char *cursor = publisher_cursor(journal->setup.publisher);
	int err;

	if (cursor[0] == '\0')
		return 0;
	err = held_note(&journal->held, journal->handle, &journal->cursor, pass->facts.error);
	if (err < 0)
		return held_is_passing(err) ? 0 : err;
	cursor_move(&journal->cursor, journal->kind, cursor);
	return save_cursor(journal, pass);
}

static int hook_page(void *ctx, struct pass *pass, const struct page *page) {
	struct journal *journal = ctx;
	int err = publisher_seal(journal->setup.publisher, page->cursor);

	journal->is_at_end = page->end_of_pass;
	journal->rows_since += page->rows;
	if (err < 0)
		return err;
	if (!has_cursor(journal, pass))
		return clock_mono_ms() - journal->verified_ms < VERIFY_EVERY_MS
			? 0
			: verify_lock(journal, pass);
	// At once, for it may be over before the cursor is saved.
	if (page->holds)
		err = held_note_passed_over(
			&journal->held, journal->handle, &journal->cursor, pass->facts.error
		);
	if (err < 0)
		return err;
	if (journal->rows_since < SAVE_EVERY_ROWS &&
	    clock_mono_ms() - journal->saved_ms < SAVE_EVERY_MS)
		return 0;
	return move_cursor(journal, pass);
}

// The pass stands still, which may be for hours: what was published before must not be published
// again after a crash, and who lost the lock must not go on.
static int hook_wait(void *ctx) {
	struct journal *journal = ctx;
	struct cursor before = journal->cursor;
	const char *cursor = publisher_cursor(journal->setup.publisher);
	int err;

	if (!journal->is_begun)
		return 0;
	if (!has_cursor(journal, journal->pass))
		return verify_lock(journal, journal->pass);
	err = held_note(
		&journal->held, journal->handle, &journal->cursor, journal->pass->facts.error
	);
	if (err < 0)
		return held_is_passing(err) ? 0 : err;
	if (cursor[0] != '\0')
		cursor_move(&journal->cursor, journal->kind, cursor);
	if (!journal->is_saved || !cursor_is_same(&journal->cursor, &before))
		return save_cursor(journal, journal->pass);
	return verify_lock(journal, journal->pass);
}

static int end_cursor(struct journal *journal, struct pass *pass) {
	int err = held_note(&journal->held, journal->handle, &journal->cursor, pass->facts.error);

	if (err == -ENOTCONN) {
		handle_close(journal->handle);
		err = handle_open(journal->handle);
		if (err == 0)
			err = held_note(
				&journal->held, journal->handle, &journal->cursor, pass->facts.error
			);
	}
	if (err < 0)
		return err;
	cursor_end(&journal->cursor, journal->kind, publisher_cursor(journal->setup.publisher));
	return save_cursor(journal, pass);
}

static int leave_cursor(struct journal *journal, struct pass *pass, int err) {
	const char *cursor = publisher_cursor(journal->setup.publisher);
	int moved = 0;

	if (err < 0 && err != -ECANCELED && pass->facts.error[0] == '\0' &&
	    publisher_error(journal->setup.publisher)[0] != '\0')
		fail(pass, err, publisher_error(journal->setup.publisher));
	if (!journal->is_begun || !has_cursor(journal, pass) || cursor[0] == '\0')
		return err;
	if (err == 0 && journal->is_at_end)
		return end_cursor(journal, pass);
	if (err != -ESTALE)
		moved = move_cursor(journal, pass);
	return err < 0 ? err : moved;
}

// What the cursor has passed was in the topic, and went with it.
static void find_again_what_was_lost(struct journal *journal) {
	if (!publisher_was_lost(journal->setup.publisher) || journal->setup.is_restricted ||
	    !journal->setup.target->scanner->has_cursors ||
	    atomic_exchange(&journal->full_asked, true))
		return;
	LOG(journal->setup.log,
	    LOG_LEVEL_WARNING,
	    "the candidates' topic was away or was made anew; the next pass is a full one");
}

static int hook_end(void *ctx, struct pass *pass, int err) {
	struct journal *journal = ctx;

	err = leave_cursor(journal, pass, err);
	find_again_what_was_lost(journal);
	if (journal->is_begun)
		publisher_look(journal->setup.publisher);
	return err;
}

static void free_lock(struct lock *lock) {
	if (lock != NULL)
		lock->ops->free(lock);
}

// On the scan thread, because a client library keeps state per thread.
static void hook_close(void *ctx) {
	struct journal *journal = ctx;

	free_lock(journal->lock);
	journal->lock = NULL;
}

struct producer_hooks journal_hooks(struct journal *journal) {
	return (struct producer_hooks){
		.ctx = journal,
		.begin = hook_begin,
		.page = hook_page,
		.end = hook_end,
		.close = hook_close,
	};
}

void journal_ask_full(struct journal *journal) {
	atomic_store(&journal->full_asked, true);
}

void journal_free(struct journal *journal) {
	if (journal == NULL)
		return;
	free_lock(journal->lock);
	kafka_state_close(journal->state);
	pack_free(journal->pack);
	free(journal);
}

int journal_new(
	struct journal **out, const struct journal_setup *setup, char *error, size_t error_bytes
) {
	struct journal *journal = calloc(1, sizeof(*journal));
	int err;

	if (journal == NULL) {
		free_lock(setup->lock);
		return -ENOMEM;
	}
	journal->setup = *setup;
	journal->lock = setup->lock;
	journal->pack = pack_new();
	err = journal->pack == NULL ? -ENOMEM : 0;
	if (err == 0)
		err = kafka_state_open(
			&journal->state,
			setup->kafka,
			setup->target->name,
			setup->log,
			error,
			error_bytes
		);
	if (err < 0) {
		journal_free(journal);
		return err;
	}
	journal->store = (struct cursor_store){journal->state, journal->pack, setup->log};
	journal->held = (struct held){setup->target->scanner, setup->config, setup->log};
	journal->binding = (struct binding){
		.scanner = setup->target->scanner,
		.config = setup->config,
		.state = journal->state,
		.dryrun = setup->dryrun,
	};
	publisher_on_wait(setup->publisher, hook_wait, journal);
	*out = journal;
	return 0;
}
