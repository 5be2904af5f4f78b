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

// max_fraction 0: off.
struct guard_verdict guard_decide(const struct estimate *estimate, double max_fraction);
const char *guard_outcome_name(enum guard_outcome outcome);
