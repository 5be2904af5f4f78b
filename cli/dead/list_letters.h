// SPDX-License-Identifier: MPL-2.0
// list_letters: says which letters there are, and shows them whole. Both block. Thread: main.
#pragma once

#include "cli/dead/letter_counts.h"
#include "cli/dead/letter_filter.h"
#include "cli/dead/letter_rows.h"
#include "cli/dead/letters.h"

#include <stdbool.h>

struct list_order {
	const struct letter_filter *filter;
	bool each; // a line for each
	bool json;
	bool by_node;
};

// All: 0; a negative errno after the error was told. letters_fold was called.

int list_letters(
	const struct letters *letters, struct letter_rows *rows, const struct list_order *order
);
int list_letters_whole(const struct letters *letters, const struct list_order *order);

// Counts those that the filter takes, and looks for their rows; `each`: is called for each of them.
// May be NULL; 0, or a negative errno after the error was told.
typedef int list_letters_each(void *ctx, const struct letter *letter);
int list_letters_count(
	const struct letters *letters,
	struct letter_rows *rows, // NULL: nobody looks for them
	const struct letter_filter *filter,
	struct letter_counts *out,
	list_letters_each *each,
	void *ctx
);
