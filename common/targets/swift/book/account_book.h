// SPDX-License-Identifier: MPL-2.0
// account_book: what became of each account whose containers this process finds and reaps, for the
// line that ends its pass. Thread: any; it has a lock of its own.
//
// Design notes
// - The scan opens an account, says how many of its containers it put, and closes it. Each
// container
//   that comes to its end is entered. The last one, or the closing, makes the line.
// - What a worker takes from a queue of others was opened by nobody here: it is not entered.
#pragma once

#include "common/targets/swift/book/counts.h"
#include "common/targets/swift/ring/name_hash.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct account_book; // opaque

struct account_book *account_book_new(void); // NULL: out of memory
void account_book_free(struct account_book *book); // NULL is fine
// Forgets all, as a new pass begins.
void account_book_clear(struct account_book *book);

// 0 or -ENOMEM. now_us: the wall clock, here and below.
int account_book_open(struct account_book *book, struct name_part account, int64_t now_us);
void account_book_put(struct account_book *book, struct name_part account); // one more container
void account_book_close(struct account_book *book, struct name_part account, int64_t now_us);
// A container came to its end, however it did.
void account_book_enter(
	struct account_book *book,
	struct name_part account,
	const struct counts *counts,
	int64_t now_us
);
// The next line that is ready: "Completed pass on account …". False: there is none.
bool account_book_take_line(struct account_book *book, char *out, size_t out_bytes);
