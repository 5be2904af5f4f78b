// SPDX-License-Identifier: MPL-2.0
// ask: asks the target, and asks again when the connection was lost or a query did not work this
// once.
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/page.h"
#include "producer/producer_state.h"

#include <errno.h>
#include <stdio.h>

enum {
	SCAN_AGAIN_MS = 50,
	PAGE_TRIES = 3, // of one size
	PAGE_SHRINK = 4,
};

bool ask_is_stopped(struct producer *producer) {
	bool stop;

	pthread_mutex_lock(&producer->lock);
	stop = producer->stop || producer->exit;
	pthread_mutex_unlock(&producer->lock);
	return stop;
}

// Waits unless stopped; false: stopped.
static bool nap(void *ctx, int64_t ms) {
	struct producer *producer = ctx;
	struct timespec until = clock_mono_after(ms);
	bool go_on;

	pthread_mutex_lock(&producer->lock);
	while (!producer->stop && !producer->exit &&
	       pthread_cond_timedwait(&producer->moved, &producer->lock, &until) == 0)
		;
	go_on = !producer->stop && !producer->exit;
	pthread_mutex_unlock(&producer->lock);
	return go_on;
}

// 0, -ECANCELED when stopped meanwhile, or an error with words in the pass.
static int reconnect(struct producer *producer, struct pass *pass) {
	int err;

	if (!producer->is_away)
		LOG(producer->setup.log,
		    LOG_LEVEL_WARNING,
		    handle_is_full(producer->handle)
			    ? "no connection to the database is left; waiting for one"
			    : "lost the database; waiting for it",
		    log_str("error", handle_error(producer->handle)));
	producer->is_away = true;
	err = handle_reopen(producer->handle, producer->options->reconnect_ms, nap, producer);
	if (err == 0)
		return 0;
	producer->is_away = false;
	if (ask_is_stopped(producer))
		return -ECANCELED;
	snprintf(
		pass->error,
		sizeof(pass->error),
		"the database was lost and did not come back within --database-patience: %s",
		handle_error(producer->handle)
	);
	return err;
}

// The handle did what it is for.
static void note_success(struct producer *producer) {
	int64_t away_ms = handle_worked(producer->handle);

	if (producer->is_away)
		LOG(producer->setup.log,
		    LOG_LEVEL_WARNING,
		    "the database is back",
		    log_int("away_ms", away_ms));
	producer->is_away = false;
}

// The database is away, whatever is asked: that is no try of this question.
static bool is_away(const struct producer *producer, int err) {
	return err == -ENOTCONN && !handle_broke(producer->handle);
}

// A query that was asked again may work: the connection was lost, a lock was in its way, it took
// too long. 0: ask again.
static int mend(struct producer *producer, struct pass *pass, int err) {
	if (ask_is_stopped(producer))
		return -ECANCELED;
	if (err == -ENOTCONN)
		err = reconnect(producer, pass);
	else if (err == -EAGAIN || err == -ETIME)
		err = 0;
	if (err == 0 && !nap(producer, SCAN_AGAIN_MS))
		err = -ECANCELED;
	return err;
}

struct count {
	struct estimate *estimate; // NULL: what stays is counted
	int64_t enough;
	int64_t staying;
};

static bool can_count(const struct target *target, const struct count *out) {
	return out->estimate != NULL ? target->estimate != NULL : target->count_staying != NULL;
}

static int count(
	struct producer *producer, struct pass *pass, int64_t limit_ms, struct count *out
) {
	const struct target *target = producer->target;
	const void *config = producer->setup.config;
	struct handle *handle = producer->handle;

	if (out->estimate != NULL)
		return target->estimate(config, handle, pass, limit_ms, out->estimate);
	return target->count_staying(config, handle, pass, limit_ms, out->enough, &out->staying);
}

// All tries share the time that is left; waiting for a lost database does not count.
static int keep_counting(
	struct producer *producer, struct pass *pass, int64_t *left_ms, struct count *out
) {
	int tries = 0;
	bool counts;
	int err;

	do {
		int64_t began_ms = clock_mono_ms();

		out->staying = -1;
		if (out->estimate != NULL)
			*out->estimate = (struct estimate){.eligible = -1, .uncounted = -1};
		if (*left_ms <= 0 || !can_count(producer->target, out))
			return 0;
		err = count(producer, pass, *left_ms, out);
		*left_ms -= clock_mono_ms() - began_ms;
		counts = !is_away(producer, err);
		if (err == 0)
			note_success(producer);
	} while (err < 0 && (!counts || ++tries < PAGE_TRIES) &&
		 (err = mend(producer, pass, err)) == 0);
	return err;
}

int ask_estimate(
	struct producer *producer, struct pass *pass, int64_t *left_ms, struct estimate *out
) {
	struct count wish = {.estimate = out};

	return keep_counting(producer, pass, left_ms, &wish);
}

int ask_staying(
	struct producer *producer, struct pass *pass, int64_t *left_ms, int64_t enough, int64_t *out
) {
	struct count wish = {.enough = enough};
	int err = keep_counting(producer, pass, left_ms, &wish);

	*out = wish.staying;
	return err;
}

static bool shrink_page(struct producer *producer, struct pass *pass, int *tries) {
	char why[400];

	if (++*tries < PAGE_TRIES)
		return true;
	snprintf(
		why,
		sizeof(why),
		"%.399s",
		pass->error[0] != '\0' ? pass->error : handle_error(producer->handle)
	);
	if (pass->page_rows == 1) {
		snprintf(
			pass->error,
			sizeof(pass->error),
			"a page of the scan does not work, however small: %s",
			why
		);
		return false;
	}
	*tries = 0;
	pass->page_rows = pass->page_rows / PAGE_SHRINK > 0 ? pass->page_rows / PAGE_SHRINK : 1;
	LOG(producer->setup.log,
	    LOG_LEVEL_WARNING,
	    "a page of the scan does not work; trying a smaller one",
	    log_int("rows", (int64_t)pass->page_rows),
	    log_str("error", why));
	return true;
}

static void grow_page(const struct producer *producer, struct pass *pass) {
	size_t most = (size_t)producer->options->page_rows;

	pass->page_rows = pass->page_rows < most / 2 ? pass->page_rows * 2 : most;
}

// A page that is not only published is judged by its scan, and data is deleted on its word: none of
// it comes from a server that is no longer the primary.
static int scan(struct producer *producer, struct pass *pass, struct page *page) {
	int err;

	handle_want_writable(producer->handle, !pass->scan_only && !pass->dryrun);
	err = handle_open(producer->handle);
	if (err < 0)
		return err;
	return producer->target->scan(producer->setup.config, producer->handle, pass, page);
}

// Reads one page. A lost connection is mended and the same page read again; one that keeps failing
// is read in smaller pieces, down to one row.
int ask_page(struct producer *producer, struct pass *pass, struct page *page) {
	int tries = 0;

	for (;;) {
		int err;

		page_init(page);
		pass->error[0] = '\0'; // what an earlier try said
		err = scan(producer, pass, page);
		if (err == 0) {
			note_success(producer);
			grow_page(producer, pass);
			return 0;
		}
		page_fini(page);
		if (err != -ENOTCONN && err != -EAGAIN && err != -ETIME)
			return err;
		if (!is_away(producer, err) && !shrink_page(producer, pass, &tries))
			return err;
		err = mend(producer, pass, err);
		if (err < 0)
			return err;
	}
}
