// SPDX-License-Identifier: MPL-2.0
// guard: refuses a pass that would purge more of a table than anyone wants. Pure. Thread: any.
#pragma once

#include "common/target.h"

#include <stdbool.h>
#include <stdint.h>

enum { GUARD_FREE_ROWS = 1000 }; // so many may always go

enum guard_outcome {
	GUARD_NOT_ASKED, // the run ended before
	GUARD_OFF,
	GUARD_PASSED,
	GUARD_REFUSED,
	GUARD_UNKNOWN,
};

struct guard_verdict {
	enum guard_outcome outcome;
	char message[320]; // for refused and unknown: why, and the option that approves it
};

// What can go at most in a pass with this limit (0: none). Records that count towards no limit go besides; while it is not
// known how many those are, the limit bounds nothing. all_count: each record counts, whatever the estimate says.
struct estimate guard_limited(const struct estimate *estimate, int64_t max_records, bool all_count);
// max_fraction 0: off.
struct guard_verdict guard_decide(const struct estimate *estimate, double max_fraction);
const char *guard_outcome_name(enum guard_outcome outcome);
