// SPDX-License-Identifier: MPL-2.0
// account_book: what became of each account whose containers this process finds and reaps.
//
// Source: the words of AccountReaper.reap_account of Swift 2.38.3.
#include "common/targets/swift/book/account_book.h"

#include "common/base/buf.h"
#include "common/base/monitor.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

struct account {
	TAILQ_ENTRY(account) link;
	struct counts counts;
	int64_t begun_us, ended_us;
	// Containers that did not come to their end.
	int64_t open;
	bool is_closed;
	size_t name_len;
	char name[];
};

TAILQ_HEAD(account_list, account);

struct account_book {
	struct monitor monitor;
	struct account_list accounts;
};

struct account_book *account_book_new(void) {
	struct account_book *book = calloc(1, sizeof(*book));

	if (book == NULL)
		return NULL;
	monitor_init(&book->monitor);
	TAILQ_INIT(&book->accounts);
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

void account_book_free(struct account_book *book) {
	if (book == NULL)
		return;
	account_book_clear(book);
	monitor_fini(&book->monitor);
	free(book);
}

// The account's entry, with the lock; the newest first, for there may be one of an earlier visit.
static struct account *find(struct account_book *book, struct name_part name) {
	struct account *account = NULL;

	TAILQ_FOREACH_REVERSE(account, &book->accounts, account_list, link) {
		if (account->name_len == name.len &&
		    memcmp(account->name, name.bytes, name.len) == 0)
			return account;
	}
	return NULL;
}

int account_book_open(struct account_book *book, struct name_part account, int64_t now_us) {
	struct account *entry = calloc(1, sizeof(*entry) + account.len + 1);

	if (entry == NULL)
		return -ENOMEM;
	entry->name_len = account.len;
	memcpy(entry->name, account.bytes, account.len);
	entry->begun_us = now_us;
	monitor_lock(&book->monitor);
	TAILQ_INSERT_TAIL(&book->accounts, entry, link);
	monitor_unlock(&book->monitor);
	return 0;
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

bool account_book_take_line(struct account_book *book, char *out, size_t out_bytes) {
	struct account *account;

	monitor_lock(&book->monitor);
	TAILQ_FOREACH (account, &book->accounts, link) {
		if (account->is_closed && account->open == 0)
			break;
	}
	if (account != NULL) {
		say_account(account, out, out_bytes);
		drop(book, account);
	}
	monitor_unlock(&book->monitor);
	return account != NULL;
}
