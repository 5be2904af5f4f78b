// SPDX-License-Identifier: MPL-2.0
// account_book: what became of each account whose containers this process finds and reaps.
//
// Source: the words and the timer of AccountReaper.reap_account of Swift 2.38.3.
#include "common/targets/swift/book/account_book.h"

#include "common/base/buf.h"
#include "common/base/monitor.h"
#include "common/targets/swift/account/account_time.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

enum { US_PER_MS = 1000 };

struct account {
	TAILQ_ENTRY(account) link;
	struct counts counts;
	int64_t deleted_us, begun_us, ended_us;
	// Containers that did not come to their end.
	int64_t open;
	bool is_closed;
	// Opened by the containers that were taken in, and not by a scan.
	bool is_share;
	bool is_told, is_warned, is_timed;
	size_t name_len;
	char name[];
};

TAILQ_HEAD(account_list, account);

struct warning {
	STAILQ_ENTRY(warning) link;
	char *text;
};

STAILQ_HEAD(warning_list, warning);

struct account_book {
	struct monitor monitor;
	struct account_list accounts;
	struct warning_list warnings;
	struct account_book_terms terms;
	int64_t errors;
};

struct account_book *account_book_new(const struct account_book_terms *terms) {
	struct account_book *book = calloc(1, sizeof(*book));

	if (book == NULL)
		return NULL;
	book->terms = *terms;
	monitor_init(&book->monitor);
	TAILQ_INIT(&book->accounts);
	STAILQ_INIT(&book->warnings);
	return book;
}

static void drop(struct account_book *book, struct account *account) {
	TAILQ_REMOVE(&book->accounts, account, link);
	free(account);
}

void account_book_clear(struct account_book *book) {
	struct account *account;

	monitor_lock(&book->monitor);
	while ((account = TAILQ_FIRST(&book->accounts)) != NULL)
		// NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it is out of the list
		drop(book, account);
	monitor_unlock(&book->monitor);
}

static bool take_warning(struct account_book *book, char *out, size_t out_bytes) {
	struct warning *warning = STAILQ_FIRST(&book->warnings);

	if (warning == NULL)
		return false;
	STAILQ_REMOVE_HEAD(&book->warnings, link);
	if (out != NULL)
		snprintf(out, out_bytes, "%s", warning->text);
	free(warning->text);
	free(warning);
	return true;
}

void account_book_free(struct account_book *book) {
	if (book == NULL)
		return;
	account_book_clear(book);
	while (take_warning(book, NULL, 0))
		;
	monitor_fini(&book->monitor);
	free(book);
}

// The account's entry, with the lock; the newest first, for there may be one of an earlier visit.
static struct account *find(struct account_book *book, struct name_part name) {
	struct account *account = NULL;

	TAILQ_FOREACH_REVERSE(account, &book->accounts, account_list, link) {
		if (name_is_same((struct name_part){account->name, account->name_len}, name))
			return account;
	}
	return NULL;
}

static struct account *account_new(struct name_part name, int64_t deleted_us, int64_t now_us) {
	struct account *account = calloc(1, sizeof(*account) + name.len + 1);

	if (account == NULL)
		return NULL;
	account->name_len = name.len;
	memcpy(account->name, name.bytes, name.len);
	account->deleted_us = deleted_us;
	account->begun_us = account->ended_us = now_us;
	return account;
}

int account_book_open(
	struct account_book *book, struct name_part account, int64_t deleted_us, int64_t now_us
) {
	struct account *entry = account_new(account, deleted_us, now_us);

	if (entry == NULL)
		return -ENOMEM;
	monitor_lock(&book->monitor);
	TAILQ_INSERT_TAIL(&book->accounts, entry, link);
	monitor_unlock(&book->monitor);
	return 0;
}

static bool is_over(const struct account *account) {
	return account->is_closed && account->open == 0;
}

// The share of the account that is in work here; with the lock. NULL: out of memory.
static struct account *open_share(
	struct account_book *book, struct name_part name, int64_t deleted_us, int64_t now_us
) {
	struct account *account = find(book, name);

	if (account != NULL && !is_over(account))
		return account;
	account = account_new(name, deleted_us, now_us);
	if (account == NULL)
		return NULL;
	account->is_share = account->is_closed = true;
	TAILQ_INSERT_TAIL(&book->accounts, account, link);
	return account;
}

int account_book_join(
	struct account_book *book, struct name_part account, int64_t deleted_us, int64_t now_us
) {
	struct account *entry;

	monitor_lock(&book->monitor);
	entry = open_share(book, account, deleted_us, now_us);
	if (entry != NULL && entry->is_share)
		entry->open++;
	monitor_unlock(&book->monitor);
	return entry == NULL ? -ENOMEM : 0;
}

void account_book_put(struct account_book *book, struct name_part account) {
	struct account *entry;

	monitor_lock(&book->monitor);
	entry = find(book, account);
	if (entry != NULL)
		entry->open++;
	monitor_unlock(&book->monitor);
}

void account_book_close(struct account_book *book, struct name_part account, int64_t now_us) {
	struct account *entry;

	monitor_lock(&book->monitor);
	entry = find(book, account);
	if (entry != NULL) {
		entry->is_closed = true;
		entry->ended_us = now_us;
	}
	monitor_unlock(&book->monitor);
}

static void add(struct counts *to, const struct counts *from) {
	for (int i = 0; i < REAPED_KINDS; i++) {
		to->containers[i] += from->containers[i];
		to->objects[i] += from->objects[i];
		to->replies[i] += from->replies[i];
	}
	for (size_t i = 0; i < sizeof(to->codes) / sizeof(to->codes[0]); i++)
		to->codes[i] += from->codes[i];
	to->absent += from->absent;
	to->container_failures += from->container_failures;
	to->object_failures += from->object_failures;
}

void account_book_enter(
	struct account_book *book,
	struct name_part account,
	const struct counts *counts,
	int64_t now_us
) {
	struct account *entry;

	monitor_lock(&book->monitor);
	entry = find(book, account);
	if (entry != NULL && entry->open > 0) {
		entry->open--;
		entry->ended_us = now_us;
		add(&entry->counts, counts);
	}
	monitor_unlock(&book->monitor);
}

// --- the line

static void say_part(struct buf *line, int64_t count, const char *words) {
	if (count > 0)
		buf_fmt(line, ", %" PRId64 " %s", count, words);
}

static void say_codes(struct buf *line, const struct counts *counts) {
	const char *before = ", return codes: ";

	for (size_t i = 0; i < sizeof(counts->codes) / sizeof(counts->codes[0]); i++) {
		if (counts->codes[i] == 0)
			continue;
		buf_fmt(line, "%s%" PRId64 " %zuxxs", before, counts->codes[i], i);
		before = ", ";
	}
}

static void say_account(const struct account *account, char *out, size_t out_bytes) {
	const struct counts *counts = &account->counts;
	double elapsed_s = (double)(account->ended_us - account->begun_us) / 1000000;
	struct buf line;

	buf_init(&line, 0);
	buf_fmt(&line, "Completed pass on account %.300s", account->name);
	say_part(&line, counts->containers[REAPED_DELETED], "containers deleted");
	say_part(&line, counts->replies[REAPED_DELETED], "objects deleted");
	say_part(&line, counts->containers[REAPED_REMAINING], "containers remaining");
	say_part(&line, counts->replies[REAPED_REMAINING], "objects remaining");
	say_part(&line, counts->containers[REAPED_POSSIBLY], "containers possibly remaining");
	say_part(&line, counts->replies[REAPED_POSSIBLY], "objects possibly remaining");
	say_codes(&line, counts);
	buf_fmt(&line, ", elapsed: %.02fs", elapsed_s < 0 ? 0 : elapsed_s);
	snprintf(out, out_bytes, "%s", buf_text(&line));
	buf_fini(&line);
}

// Containers remain of one that should be gone; as the reaper counts.
static bool is_overdue(const struct account_book *book, const struct account *account) {
	return account->counts.containers[REAPED_REMAINING] > 0 &&
		account->begun_us - account->deleted_us >= book->terms.warn_after_us;
}

static bool has_line(const struct account_book *book, const struct account *account) {
	return is_over(account) &&
		(!account->is_told || (!account->is_warned && is_overdue(book, account)));
}

static void drop_if_told(struct account_book *book, struct account *account) {
	if (!has_line(book, account) && account->is_told &&
	    (account->is_timed || !book->terms.wants_times))
		drop(book, account);
}

static void say_line(struct account *account, bool *is_warning, char *out, size_t out_bytes) {
	char iso[ACCOUNT_TIME_ISO_BYTES];

	*is_warning = account->is_told;
	if (!account->is_told) {
		account->is_told = true;
		say_account(account, out, out_bytes);
		return;
	}
	account->is_warned = true;
	account_time_iso(account->deleted_us, iso);
	snprintf(out, out_bytes, "Account %.300s has not been reaped since %s", account->name, iso);
}

static struct account *find_line(struct account_book *book) {
	struct account *account;

	TAILQ_FOREACH (account, &book->accounts, link) {
		if (has_line(book, account))
			return account;
	}
	return NULL;
}

void account_book_warn(struct account_book *book, const char *format, ...) {
	struct warning *warning = calloc(1, sizeof(*warning));
	va_list args;
	int len;

	if (warning == NULL)
		return;
	va_start(args, format);
	len = vasprintf(&warning->text, format, args);
	va_end(args);
	if (len < 0) {
		free(warning);
		return;
	}
	monitor_lock(&book->monitor);
	STAILQ_INSERT_TAIL(&book->warnings, warning, link);
	monitor_unlock(&book->monitor);
}

bool account_book_take_line(
	struct account_book *book, bool *is_warning, char *out, size_t out_bytes
) {
	struct account *account;

	bool has_warning;

	monitor_lock(&book->monitor);
	has_warning = take_warning(book, out, out_bytes);
	if (has_warning)
		*is_warning = true;
	account = has_warning ? NULL : find_line(book);
	if (account != NULL) {
		say_line(account, is_warning, out, out_bytes);
		drop_if_told(book, account);
	}
	monitor_unlock(&book->monitor);
	return has_warning || account != NULL;
}

// --- numbers

void account_book_note_error(struct account_book *book) {
	monitor_lock(&book->monitor);
	book->errors++;
	monitor_unlock(&book->monitor);
}

int64_t account_book_take_errors(struct account_book *book) {
	int64_t errors;

	monitor_lock(&book->monitor);
	errors = book->errors;
	book->errors = 0;
	monitor_unlock(&book->monitor);
	return errors;
}

bool account_book_take_time(struct account_book *book, int64_t *out_ms) {
	struct account *account;

	monitor_lock(&book->monitor);
	TAILQ_FOREACH (account, &book->accounts, link) {
		if (is_over(account) && account->is_told && !account->is_timed)
			break;
	}
	if (account != NULL) {
		*out_ms = (account->ended_us - account->begun_us) / US_PER_MS;
		account->is_timed = true;
		drop_if_told(book, account);
	}
	monitor_unlock(&book->monitor);
	return account != NULL;
}
