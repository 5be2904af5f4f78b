// SPDX-License-Identifier: MPL-2.0
// guard: refuses a pass that would purge more of a table than anyone wants. Pure. Thread: any.
#pragma once

#include "common/target/pass.h"
#include "common/target/target.h"

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
	// For refused and unknown: why, and the option that approves it.
	char message[320];
};

// As the target's own limits have it.
struct estimate guard_by_target(const struct estimate *estimate);
// What can go at most in a pass with this limit (0: none). Records that count towards no limit go
// besides; while it is not known how many those are, the limit bounds nothing. all_count: each
// record counts, whatever the estimate says.
struct estimate guard_limited(const struct estimate *estimate, int64_t max_records, bool all_count);
// How many rows have to stay, besides those eligible, so that what `limited` says may go; 0:
// nothing has to be counted for the answer. `eligible`: without the limits; -1: unknown.
// max_fraction 0: off.
int64_t guard_enough(const struct estimate *limited, int64_t eligible, double max_fraction);
// staying: so many stay, or at least as many as guard_enough says; -1: unknown.
struct guard_verdict guard_decide(
	const struct estimate *limited, int64_t eligible, int64_t staying, double max_fraction
);
const char *guard_outcome_name(enum guard_outcome outcome);
