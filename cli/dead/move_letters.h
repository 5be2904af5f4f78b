// SPDX-License-Identifier: MPL-2.0
// move_letters: puts the records of letters back, or drops the letters, as an operator orders it.
// Blocks. Thread: main.
#pragma once

#include "cli/dead/letter_filter.h"
#include "cli/dead/letter_rows.h"
#include "cli/dead/letters.h"

#include <stdbool.h>

// More than so many letters have to be asked for.
enum { MOVE_LETTERS_UNASKED_MAX = 1000 };

struct move_order {
	const struct letter_filter *filter;
	bool puts_back; // else they are dropped
	bool json;
	bool dryrun;
	bool yes;
};

// letters_fold was called. `rows`: NULL: nobody looks for them. 0; a negative errno after the error
// was told; -EINVAL: they are too many to be moved unasked, and nothing was done.
int move_letters(struct letters *letters, struct letter_rows *rows, const struct move_order *order);
