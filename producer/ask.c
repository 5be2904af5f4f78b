// SPDX-License-Identifier: MPL-2.0
// ask: asks the target, and asks again when the connection was lost or a query did not work this
// once.
#include "producer/ask.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/handle.h"
#include "common/page.h"
#include "common/target/target_scanner.h"
#include "producer/reach.h"

#include <errno.h>
#include <stdio.h>

enum {
	SCAN_AGAIN_MS = 50,
	PAGE_TRIES = 3, // of one size
	PAGE_SHRINK = 4,
};

static bool is_stopped(const struct ask *ask) {
	return !ask->nap(ask->nap_ctx, 0);
}

// 0, -ECANCELED when stopped meanwhile, or an error with words in the pass.
static int reconnect(struct ask *ask, struct pass *pass) {
	int err;

	if (!ask->is_away)
		LOG(ask->log,
		    LOG_LEVEL_WARNING,
		    handle_is_full(ask->handle)
			    ? "no connection to the database is left; waiting for one"
			    : "lost the database; waiting for it",
		    log_str("error", handle_error(ask->handle)));
	ask->is_away = true;
	reach_note(ask->reach, false);
	err = handle_reopen(ask->handle, ask->reconnect_ms, ask->nap, ask->nap_ctx);
	if (err == 0)
		return 0;
	ask->is_away = false;
	if (is_stopped(ask))
		return -ECANCELED;
	snprintf(
		pass->facts.error,
		sizeof(pass->facts.error),
		"the database was lost and did not come back within --database-patience: %s",
		handle_error(ask->handle)
	);
	return err;
}

// The handle did what it is for.
static void note_success(struct ask *ask) {
	int64_t away_ms = handle_worked(ask->handle);

	reach_note(ask->reach, true);
	if (ask->is_away)
		LOG(ask->log, LOG_LEVEL_WARNING, "the database is back", log_int("away_ms", away_ms)
		);
	ask->is_away = false;
}

// The database is away, whatever is asked: that is no try of this question.
static bool is_away(const struct ask *ask, int err) {
	return err == -ENOTCONN && !handle_broke(ask->handle);
}

// A query that was asked again may work: the connection was lost, a lock was in its way, it took
// too long. 0: ask again.
static int mend(struct ask *ask, struct pass *pass, int err) {
	if (is_stopped(ask))
		return -ECANCELED;
	if (err == -ENOTCONN)
		err = reconnect(ask, pass);
	else if (err == -EAGAIN || err == -ETIME)
		err = 0;
	if (err == 0 && !ask->nap(ask->nap_ctx, SCAN_AGAIN_MS))
		err = -ECANCELED;
	return err;
}

struct count {
	struct estimate *estimate; // NULL: what stays is counted
	int64_t enough;
	int64_t staying;
};

static bool can_count(const struct target *target, const struct count *out) {
	return out->estimate != NULL ? target->scanner->estimate != NULL
				     : target->scanner->count_staying != NULL;
}

static int count(struct ask *ask, struct pass *pass, int64_t limit_ms, struct count *out) {
	const struct target *target = ask->target;
	const void *config = ask->config;
	struct handle *handle = ask->handle;

	if (out->estimate != NULL)
		return target->scanner->estimate(config, handle, pass, limit_ms, out->estimate);
	return target->scanner->count_staying(
		config, handle, pass, limit_ms, out->enough, &out->staying
	);
}

// All tries share the time that is left; waiting for a lost database does not count.
static int keep_counting(struct ask *ask, struct pass *pass, int64_t *left_ms, struct count *out) {
	int tries = 0;
	bool counts;
	int err;

	do {
		int64_t began_ms = clock_mono_ms();

		out->staying = -1;
		if (out->estimate != NULL)
			*out->estimate = (struct estimate){.eligible = -1, .uncounted = -1};
		if (*left_ms <= 0 || !can_count(ask->target, out))
			return 0;
		err = count(ask, pass, *left_ms, out);
		*left_ms -= clock_mono_ms() - began_ms;
		counts = !is_away(ask, err);
		if (err == 0)
			note_success(ask);
	} while (err < 0 && (!counts || ++tries < PAGE_TRIES) && (err = mend(ask, pass, err)) == 0);
	return err;
}

int ask_estimate(struct ask *ask, struct pass *pass, int64_t *left_ms, struct estimate *out) {
	struct count wish = {.estimate = out};

	return keep_counting(ask, pass, left_ms, &wish);
}

int ask_staying(
	struct ask *ask, struct pass *pass, int64_t *left_ms, int64_t enough, int64_t *out
) {
	struct count wish = {.enough = enough};
	int err = keep_counting(ask, pass, left_ms, &wish);

	*out = wish.staying;
	return err;
}

static bool shrink_page(struct ask *ask, struct pass *pass, int *tries) {
	char why[400];

	if (++*tries < PAGE_TRIES)
		return true;
	snprintf(
		why,
		sizeof(why),
		"%.399s",
		pass->facts.error[0] != '\0' ? pass->facts.error : handle_error(ask->handle)
	);
	if (pass->wish.page_rows == 1) {
		snprintf(
			pass->facts.error,
			sizeof(pass->facts.error),
			"a page of the scan does not work, however small: %s",
			why
		);
		return false;
	}
	*tries = 0;
	pass->wish.page_rows = pass->wish.page_rows / PAGE_SHRINK > 0
		? pass->wish.page_rows / PAGE_SHRINK
		: 1;
	LOG(ask->log,
	    LOG_LEVEL_WARNING,
	    "a page of the scan does not work; trying a smaller one",
	    log_int("rows", (int64_t)pass->wish.page_rows),
	    log_str("error", why));
	return true;
}

static void grow_page(const struct ask *ask, struct pass *pass) {
	size_t most = ask->page_rows;

	pass->wish.page_rows = pass->wish.page_rows < most / 2 ? pass->wish.page_rows * 2 : most;
}

// A page that is not only published is judged by its scan, and data is deleted on its word: none of
// it comes from a server that is no longer the primary.
static int scan(struct ask *ask, struct pass *pass, struct page *page) {
	int err;

	handle_want_writable(ask->handle, !pass->wish.scan_only && !pass->wish.dryrun);
	err = handle_open(ask->handle);
	if (err < 0)
		return err;
	return ask->target->scanner->page(ask->config, ask->handle, pass, page);
}

int ask_page(struct ask *ask, struct pass *pass, struct page *page) {
	int tries = 0;

	for (;;) {
		int err;

		page_init(page);
		if (pass->wish.warn_after_ms > 0)
			page->overdue.before_ms = pass->wish.started_wall_ms -
				pass->wish.warn_after_ms;
		pass->facts.error[0] = '\0'; // what an earlier try said
		err = scan(ask, pass, page);
		if (err == 0) {
			note_success(ask);
			grow_page(ask, pass);
			return 0;
		}
		page_fini(page);
		if (err != -ENOTCONN && err != -EAGAIN && err != -ETIME)
			return err;
		if (!is_away(ask, err) && !shrink_page(ask, pass, &tries))
			return err;
		err = mend(ask, pass, err);
		if (err < 0)
			return err;
	}
}

void ask_narrate(const struct ask *ask, const struct pass *pass, bool ended) {
	bool is_warning = false;
	struct narration line = {.ended = ended, .is_warning = &is_warning};
	char words[800];

	if (ask->target->scanner->narrate == NULL)
		return;
	while (ask->target->scanner->narrate(ask->config, pass, &line, words, sizeof(words))) {
		LOG(ask->log, is_warning ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, words);
		is_warning = false;
		line.index++;
	}
}

void ask_tell_warning(const struct ask *ask, struct pass *pass) {
	if (pass->facts.warning[0] != '\0')
		LOG(ask->log, LOG_LEVEL_WARNING, pass->facts.warning);
	pass->facts.warning[0] = '\0';
}
