// SPDX-License-Identifier: MPL-2.0
// letter_filter: which letters an operator means. Pure. Thread: any.
#pragma once

#include "cli/dead/letter.h"

#include <stdbool.h>
#include <stdint.h>

struct letter_filter { // zeroed: all
	// A bit for each of letter_reason.h; 0: all.
	unsigned reasons;
	const char *node; // NULL: all
	const char *id; // likewise
	bool has_range_start, has_range_end;
	int64_t range_start, range_end; // both exclusive, as in every command
	// Written before or after a moment, in Unix time.
	bool has_before, has_after;
	int64_t before_ms, after_ms;
};

// A letter that cannot be decoded has no node and no key of a range; one without a time stamp has
// no time: it is none of those that are asked for by these.
bool letter_filter_takes(const struct letter_filter *filter, const struct letter *letter);
