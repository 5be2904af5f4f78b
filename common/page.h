// SPDX-License-Identifier: MPL-2.0
// page: what one step of a scan found: candidates, and counts of what was passed over.
// Thread: scan. Owner: the producer.
#pragma once

#include "common/candidate.h"
#include "common/overdue.h"
#include "common/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PAGE_CURSOR_BYTES = 128 };

enum page_note_kind {
	PAGE_INFO,
	PAGE_WARNING,
	// Something that may be due could not be looked at: the pass does the rest.
	PAGE_TROUBLE,
};

struct page_note {
	struct page_note *next;
	enum page_note_kind kind;
	char words[];
};

struct page {
	struct candidate *first; // list, in scan order
	struct candidate **tail;
	size_t count;
	int64_t rows; // rows read, passed-over ones included
	int64_t left[REASON_COUNT]; // passed over, by reason
	// Some of them for what `held` of the scanner tells of.
	bool holds;
	// Rows that were due long ago and are still there, those that cannot go now too;
	// `before_ms` is set by who asks for the page.
	struct overdue overdue;
	// Behind this page, for pass->wish.resume of a later pass; "": cannot be gone on from.
	char cursor[PAGE_CURSOR_BYTES];
	// What the log is to say of it. Owner: the page.
	struct page_note *notes;
	struct page_note **notes_tail;
	int64_t troubles; // of these, the untold ones too
	// Behind this page scanner.estimate knows what it did not know before: it settles, and the
	// guard is asked before anything more is put.
	bool has_estimate;
	// Nothing more is scanned before all that was put has its fate: pass->wish.removed is then
	// up to date.
	bool settle;
	// Nothing more in this stage; settles as well.
	bool end_of_stage;
	bool end_of_pass; // nothing more at all
};

void page_init(struct page *page);
// Frees what was not taken; a zeroed page is fine.
void page_fini(struct page *page);
int page_add(struct page *page, const struct candidate *like); // copies; 0 or -ENOMEM
// A line for the log, cut to 600 bytes. Out of memory: there is none.
void page_note(struct page *page, enum page_note_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
// Moves so many candidates, or all there are, from the front of `from` to the end of `to`.
void page_move(struct page *to, struct page *from, size_t count);
// Adds what `more` has, behind what is there, and leaves nothing in it: candidates, notes and
// counts. What says how the scan goes on (cursor, flags) stays as it is.
void page_merge(struct page *page, struct page *more);
// Keeps at most so many, from the front.
void page_cut(struct page *page, size_t count);
// All of them were found with this cutoff.
void page_stamp(struct page *page, int64_t cutoff);
// As page_cut with `room`, and where nothing more may come the pass ends with it. Returns the room
// that is left.
int64_t page_limit(struct page *page, int64_t room);
struct candidate *page_take(struct page *page); // takes the whole list
