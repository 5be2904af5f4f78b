// SPDX-License-Identifier: MPL-2.0
// guard: refuses a pass that would purge more of a table than anyone wants.
#include "producer/guard.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

static bool is_few(const struct estimate *estimate) {
	return estimate->eligible_exact && estimate->eligible >= 0 &&
		estimate->eligible <= GUARD_FREE_ROWS;
}

struct estimate guard_by_target(const struct estimate *estimate) {
	struct estimate judged = *estimate;

	if (judged.is_limited && (judged.eligible < 0 || judged.eligible > judged.most)) {
		judged.eligible = judged.most;
		judged.eligible_exact = true;
	}
	return judged;
}

struct estimate guard_limited(
	const struct estimate *estimate, int64_t max_records, bool all_count
) {
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

int64_t guard_enough(const struct estimate *limited, int64_t eligible, double max_fraction) {
	double all, missing;

	if (max_fraction <= 0 || limited->eligible < 0 || is_few(limited))
		return 0;
	all = ceil((double)limited->eligible / max_fraction);
	missing = all - (double)(eligible > 0 ? eligible : 0);
	if (missing <= 0)
		return 0;
	return missing < (double)INT64_MAX ? (int64_t)missing : INT64_MAX;
}

static void say_unknown(struct guard_verdict *verdict, bool knows_going) {
	verdict->outcome = GUARD_UNKNOWN;
	snprintf(
		verdict->message,
		sizeof(verdict->message),
		"refused: could not count in time how much of the table could be purged (rows to "
		"purge: %s, rows in all: unknown); to approve this run give --max-fraction 0",
		knows_going ? "known" : "unknown"
	);
}

struct guard_verdict guard_decide(
	const struct estimate *limited, int64_t eligible, int64_t staying, double max_fraction
) {
	struct guard_verdict verdict = {.outcome = GUARD_PASSED};
	int64_t enough = guard_enough(limited, eligible, max_fraction);

	if (max_fraction <= 0)
		verdict.outcome = GUARD_OFF;
	else if (limited->eligible < 0)
		say_unknown(&verdict, false);
	else if (limited->eligible_exact && (enough == 0 || staying >= enough))
		return verdict;
	else if (eligible < 0 || staying < 0 || (!limited->eligible_exact && staying >= enough))
		say_unknown(&verdict, true);
	else {
		verdict.outcome = GUARD_REFUSED;
		snprintf(
			verdict.message,
			sizeof(verdict.message),
			"refused: %" PRId64 "%s of %" PRId64
			" rows could be purged, more than --max-fraction "
			"%g allows; try a few with --max-records N, or approve this run with "
			"--max-fraction 0",
			limited->eligible,
			limited->eligible_exact ? "" : " or more",
			staying > INT64_MAX - eligible ? INT64_MAX : eligible + staying,
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
