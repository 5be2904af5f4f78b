// SPDX-License-Identifier: MPL-2.0
// account_book: what became of each account whose containers this process finds and reaps, for the
// line that ends its pass. Thread: any; it has a lock of its own.
//
// Design notes
// - The scan opens an account, says how many of its containers it put, and closes it. Each that
//   comes to its end is entered. The last one, or the closing, makes the line.
// - A worker that takes containers from a queue of others has a share of an account, from the first
//   one that it takes in until none is left in work. Its line tells of that share: those of all
//   workers add up to what became of the account.
#pragma once

#include "common/targets/swift/book/counts.h"
#include "common/targets/swift/ring/name_hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct account_book; // opaque

struct account_book_terms {
	// Accounts that were deleted so long ago should be gone.
	int64_t warn_after_us;
	bool wants_times; // account_book_take_time is asked
};

// NULL: out of memory.
struct account_book *account_book_new(const struct account_book_terms *terms);
void account_book_free(struct account_book *book); // NULL is fine
// Forgets all, as a new pass begins.
void account_book_clear(struct account_book *book);

// 0 or -ENOMEM. deleted_us: when the account was; now_us: the wall clock, here and below.
int account_book_open(
	struct account_book *book, struct name_part account, int64_t deleted_us, int64_t now_us
);
void account_book_put(struct account_book *book, struct name_part account); // one more container
void account_book_close(struct account_book *book, struct name_part account, int64_t now_us);
// A container is taken in, of an account that no scan of this process may have opened. 0, -ENOMEM.
int account_book_join(
	struct account_book *book, struct name_part account, int64_t deleted_us, int64_t now_us
);
// A container came to its end, however it did.
void account_book_enter(
	struct account_book *book,
	struct name_part account,
	const struct counts *counts,
	int64_t now_us
);
// Something that an operator has to know, for a line of its own; lost when there is no memory.
void account_book_warn(struct account_book *book, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
// The next line that is ready: a warning; "Completed pass on account …", and behind it, as a
// warning, that the account should be gone. False: there is none.
bool account_book_take_line(
	struct account_book *book, bool *is_warning, char *out, size_t out_bytes
);

// A device could not be looked at.
void account_book_note_error(struct account_book *book);
int64_t account_book_take_errors(struct account_book *book); // since it was asked last
// How long an account took whose line was taken, each once. False: there is none.
bool account_book_take_time(struct account_book *book, int64_t *out_ms);
