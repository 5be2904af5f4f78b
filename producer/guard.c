// SPDX-License-Identifier: MPL-2.0
// guard: refuses a pass that would purge more of a table than anyone wants.
#include "producer/guard.h"

#include <inttypes.h>
#include <stdio.h>

static bool is_few(const struct estimate *estimate) {
	return estimate->eligible_exact && estimate->eligible >= 0 &&
		estimate->eligible <= GUARD_FREE_ROWS;
}

struct estimate
guard_limited(const struct estimate *estimate, int64_t max_records, bool all_count) {
	struct estimate limited = *estimate;
	int64_t uncounted = all_count ? 0 : estimate->uncounted;

	if (max_records <= 0 || uncounted < 0)
		return limited;
	if (limited.eligible < 0 || limited.eligible - uncounted > max_records) {
		limited.eligible = max_records + uncounted;
		limited.eligible_exact = true;
	}
	return limited;
}

struct guard_verdict guard_decide(const struct estimate *estimate, double max_fraction) {
	struct guard_verdict verdict = {.outcome = GUARD_PASSED};

	if (max_fraction <= 0) {
		verdict.outcome = GUARD_OFF;
	} else if (is_few(estimate)) {
		return verdict;
	} else if (estimate->eligible < 0 || estimate->total < 0) {
		verdict.outcome = GUARD_UNKNOWN;
		snprintf(
			verdict.message,
			sizeof(verdict.message),
			"refused: could not count in time how much of the table could be purged "
			"(rows to "
			"purge: %s, rows in all: %s); to approve this run give --max-fraction 0",
			estimate->eligible < 0 ? "unknown" : "known",
			estimate->total < 0 ? "unknown" : "known"
		);
	} else if ((double)estimate->eligible > max_fraction * (double)estimate->total) {
		verdict.outcome = GUARD_REFUSED;
		snprintf(
			verdict.message,
			sizeof(verdict.message),
			"refused: %" PRId64 "%s of %" PRId64
			" rows could be purged, more than --max-fraction "
			"%g allows; try a few with --max-records N, or approve this run with "
			"--max-fraction 0",
			estimate->eligible,
			estimate->eligible_exact ? "" : " or more",
			estimate->total,
			max_fraction
		);
	}
	return verdict;
}

const char *guard_outcome_name(enum guard_outcome outcome) {
	static const char *const names[] = {
		[GUARD_NOT_ASKED] = "not_asked",
		[GUARD_OFF] = "off",
		[GUARD_PASSED] = "passed",
		[GUARD_REFUSED] = "refused",
		[GUARD_UNKNOWN] = "unknown",
	};

	return names[outcome];
}
