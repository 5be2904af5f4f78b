// SPDX-License-Identifier: MPL-2.0
// guard_test: which runs are refused.
#include "support/test.h"

#include "producer/guard.h"

#include <string.h>

static void decides_as_the_table_says(void **state) {
	(void)state;
	static const struct {
		const char *what;
		int64_t eligible;
		bool exact;
		int64_t total;
		double max_fraction;
		enum guard_outcome outcome;
	} cases[] = {
		{"nothing to do", 0, true, 0, 0.9, GUARD_PASSED},
		{"few rows may all go", 1000, true, 1000, 0.9, GUARD_PASSED},
		{"one more is a share", 1001, true, 1001, 0.9, GUARD_REFUSED},
		{"exactly the share", 9000, true, 10000, 0.9, GUARD_PASSED},
		{"just above the share", 9001, true, 10000, 0.9, GUARD_REFUSED},
		{"switched off", 10000, true, 10000, 0, GUARD_OFF},
		{"switched off and unknown", -1, false, -1, 0, GUARD_OFF},
		{"backlog unknown", -1, false, 10000, 0.9, GUARD_UNKNOWN},
		{"table unknown", 5000, true, -1, 0.9, GUARD_UNKNOWN},
		{"few rows of an unknown table", 10, true, -1, 0.9, GUARD_PASSED},
		{"at least few is not few", 10, false, -1, 0.9, GUARD_UNKNOWN},
		{"at least more than the share", 9500, false, 10000, 0.9, GUARD_REFUSED},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct estimate estimate = {
			.eligible = cases[i].eligible,
			.eligible_exact = cases[i].exact,
			.total = cases[i].total};
		struct guard_verdict verdict = guard_decide(&estimate, cases[i].max_fraction);
		if (verdict.outcome != cases[i].outcome)
			fail_msg("%s: %s", cases[i].what, guard_outcome_name(verdict.outcome));
	}
}

static void a_refusal_names_the_numbers_and_the_remedy(void **state) {
	(void)state;
	struct estimate estimate = {.eligible = 9001, .eligible_exact = true, .total = 10000};
	struct guard_verdict verdict = guard_decide(&estimate, 0.9);
	assert_non_null(strstr(verdict.message, "9001 of 10000"));
	assert_non_null(strstr(verdict.message, "--max-fraction 0"));
	estimate.eligible = -1;
	verdict = guard_decide(&estimate, 0.9);
	assert_non_null(strstr(verdict.message, "unknown"));
	assert_non_null(strstr(verdict.message, "--max-fraction 0"));
}

static void a_limit_bounds_only_the_records_that_count_towards_it(void **state) {
	(void)state;
	enum { FEW = 10 };
	static const struct {
		const char *what;
		int64_t eligible, uncounted, max_records;
		bool all_count;
		int64_t most;
	} cases[] = {
		{"no limit", 3000, 0, 0, false, 3000},
		{"all count", 3000, 0, FEW, false, FEW},
		{"none counts", 3000, 3000, FEW, false, 3000},
		{"some count", 3000, 1500, FEW, false, 1510},
		{"fewer count than may go", 3000, 2995, FEW, false, 3000},
		{"unknown bounds nothing", 3000, -1, FEW, false, 3000},
		{"both unknown", -1, -1, FEW, false, -1},
		{"the backlog unknown", -1, 5, FEW, false, 15},
		{"each counts, whatever the table says", 3000, -1, FEW, true, FEW},
		{"each counts of an unknown backlog", -1, -1, FEW, true, FEW},
		{"a limit without end", 3000, 5, INT64_MAX, false, 3000},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct estimate estimate = {
			.eligible = cases[i].eligible,
			.eligible_exact = cases[i].eligible >= 0,
			.uncounted = cases[i].uncounted,
			.total = 3001};
		struct estimate limited =
			guard_limited(&estimate, cases[i].max_records, cases[i].all_count);
		if (limited.eligible != cases[i].most ||
		    limited.eligible_exact != (cases[i].most >= 0))
			fail_msg("%s: %lld", cases[i].what, (long long)limited.eligible);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decides_as_the_table_says),
		cmocka_unit_test(a_limit_bounds_only_the_records_that_count_towards_it),
		cmocka_unit_test(a_refusal_names_the_numbers_and_the_remedy),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
