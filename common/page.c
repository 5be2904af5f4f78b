// SPDX-License-Identifier: MPL-2.0
// page: what one step of a scan found.
#include "common/page.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NOTE_BYTES = 600 };

void page_init(struct page *page) {
	memset(page, 0, sizeof(*page));
	page->tail = &page->first;
	page->notes_tail = &page->notes;
}

static void free_notes(struct page *page) {
	while (page->notes != NULL) {
		struct page_note *next = page->notes->next;

		free(page->notes);
		page->notes = next;
	}
}

void page_note(struct page *page, enum page_note_kind kind, const char *format, ...) {
	char words[NOTE_BYTES];
	struct page_note *note;
	va_list args;
	size_t bytes;

	va_start(args, format);
	vsnprintf(words, sizeof(words), format, args);
	va_end(args);
	page->troubles += kind == PAGE_TROUBLE;
	bytes = strlen(words) + 1;
	note = malloc(sizeof(*note) + bytes);
	if (note == NULL)
		return;
	note->next = NULL;
	note->kind = kind;
	memcpy(note->words, words, bytes);
	*page->notes_tail = note;
	page->notes_tail = &note->next;
}

void page_fini(struct page *page) {
	free_notes(page);
	while (page->first != NULL) {
		struct candidate *next = page->first->next;
		candidate_free(page->first);
		page->first = next;
	}
}

int page_add(struct page *page, const struct candidate *like) {
	struct candidate *candidate = candidate_new(like);

	if (candidate == NULL)
		return -ENOMEM;
	*page->tail = candidate;
	page->tail = &candidate->next;
	page->count++;
	return 0;
}

void page_stamp(struct page *page, int64_t cutoff) {
	for (struct candidate *one = page->first; one != NULL; one = one->next)
		one->cutoff = cutoff;
}

void page_cut(struct page *page, size_t count) {
	struct candidate **end = &page->first;

	if (count >= page->count)
		return;
	for (size_t i = 0; i < count; i++)
		end = &(*end)->next;
	while (*end != NULL) {
		struct candidate *next = (*end)->next;

		candidate_free(*end);
		*end = next;
	}
	page->tail = end;
	page->count = count;
}

struct candidate *page_take(struct page *page) {
	struct candidate *first = page->first;

	page->first = NULL;
	page->tail = &page->first;
	page->count = 0;
	return first;
}

void page_move(struct page *to, struct page *from, size_t count) {
	struct candidate **end = &from->first;
	size_t moved = 0;

	for (; moved < count && *end != NULL; moved++)
		end = &(*end)->next;
	if (moved == 0)
		return;
	*to->tail = from->first;
	to->tail = end;
	to->count += moved;
	from->first = *end;
	*end = NULL;
	from->count -= moved;
	if (from->first == NULL)
		from->tail = &from->first;
}

void page_merge(struct page *page, struct page *more) {
	page_move(page, more, more->count);
	if (more->notes != NULL) {
		*page->notes_tail = more->notes;
		page->notes_tail = more->notes_tail;
	}
	page->rows += more->rows;
	page->troubles += more->troubles;
	for (size_t i = 0; i < REASON_COUNT; i++)
		page->left[i] += more->left[i];
	page->holds |= more->holds;
	overdue_merge(&page->overdue, &more->overdue);
	page_init(more);
}

int64_t page_limit(struct page *page, int64_t room) {
	page_cut(page, (size_t)room);
	room -= (int64_t)page->count;
	if (room == 0)
		page->end_of_pass = true;
	return room;
}
