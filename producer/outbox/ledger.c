// SPDX-License-Identifier: MPL-2.0
// ledger: which pages of a pass the brokers have acknowledged, in scan order.
#include "producer/outbox/ledger.h"

#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

struct ledger_page {
	struct ledger_page *next;
	size_t unacked;
	bool is_sealed;
	char cursor[PAGE_CURSOR_BYTES];
};

struct ledger {
	struct ledger_page *first; // in scan order
	struct ledger_page **tail;
	// The last one, unless that is sealed.
	struct ledger_page *open;
	size_t unacked;
	char cursor[PAGE_CURSOR_BYTES];
};

struct ledger *ledger_new(void) {
	struct ledger *ledger = calloc(1, sizeof(*ledger));

	if (ledger != NULL)
		ledger->tail = &ledger->first;
	return ledger;
}

void ledger_reset(struct ledger *ledger) {
	while (ledger->first != NULL) {
		struct ledger_page *next = ledger->first->next;

		free(ledger->first);
		ledger->first = next;
	}
	*ledger = (struct ledger){.tail = &ledger->first};
}

void ledger_free(struct ledger *ledger) {
	if (ledger == NULL)
		return;
	ledger_reset(ledger);
	free(ledger);
}

struct ledger_page *ledger_page(struct ledger *ledger) {
	if (ledger->open != NULL)
		return ledger->open;
	ledger->open = calloc(1, sizeof(*ledger->open));
	if (ledger->open == NULL)
		return NULL;
	*ledger->tail = ledger->open;
	ledger->tail = &ledger->open->next;
	return ledger->open;
}

// Drops the pages at the front that are done, and keeps the last one's cursor.
static void advance(struct ledger *ledger) {
	struct ledger_page *page;

	while ((page = ledger->first) != NULL && page->is_sealed && page->unacked == 0) {
		if (page->cursor[0] != '\0')
			snprintf(ledger->cursor, sizeof(ledger->cursor), "%s", page->cursor);
		ledger->first = page->next;
		if (ledger->first == NULL)
			ledger->tail = &ledger->first;
		free(page);
	}
}

void ledger_sent(struct ledger *ledger, struct ledger_page *page) {
	page->unacked++;
	ledger->unacked++;
}

void ledger_acked(struct ledger *ledger, struct ledger_page *page) {
	assert(page->unacked > 0);
	page->unacked--;
	ledger->unacked--;
	advance(ledger);
}

int ledger_seal(struct ledger *ledger, const char *cursor) {
	struct ledger_page *page = ledger_page(ledger);

	if (page == NULL)
		return -ENOMEM;
	snprintf(page->cursor, sizeof(page->cursor), "%s", cursor);
	page->is_sealed = true;
	ledger->open = NULL;
	advance(ledger);
	return 0;
}

size_t ledger_unacked(const struct ledger *ledger) {
	return ledger->unacked;
}

const char *ledger_cursor(const struct ledger *ledger) {
	return ledger->cursor;
}
