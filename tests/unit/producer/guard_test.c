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
		int64_t staying;
		double max_fraction;
		enum guard_outcome outcome;
	} cases[] = {
		{"nothing to do", 0, true, 0, 0.9, GUARD_PASSED},
		{"few rows may all go", 1000, true, 0, 0.9, GUARD_PASSED},
		{"one more is a share", 1001, true, 0, 0.9, GUARD_REFUSED},
		{"exactly the share", 9000, true, 1000, 0.9, GUARD_PASSED},
		{"just above the share", 9001, true, 1000, 0.9, GUARD_REFUSED},
		{"just enough for it", 9001, true, 1001, 0.9, GUARD_PASSED},
		{"all may go", 9001, true, 0, 1, GUARD_PASSED},
		{"switched off", 10000, true, 0, 0, GUARD_OFF},
		{"switched off and unknown", -1, false, -1, 0, GUARD_OFF},
		{"backlog unknown", -1, false, 10000, 0.9, GUARD_UNKNOWN},
		{"the rest unknown", 5000, true, -1, 0.9, GUARD_UNKNOWN},
		{"the rest unknown, and all may go", 5000, true, -1, 1, GUARD_PASSED},
		{"few rows of an unknown table", 10, true, -1, 0.9, GUARD_PASSED},
		{"at least few is not few", 10, false, -1, 0.9, GUARD_UNKNOWN},
		{"at least few of hardly more", 10, false, 1, 0.9, GUARD_REFUSED},
		{"at least more than the share", 9500, false, 500, 0.9, GUARD_REFUSED},
		{"at least less than the share", 9000, false, 5000, 0.9, GUARD_UNKNOWN},
		{"nearly nothing may go", 1001, true, INT64_MAX - 1, 1e-300, GUARD_REFUSED},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct estimate estimate = {
			.eligible = cases[i].eligible, .eligible_exact = cases[i].exact};
		struct guard_verdict verdict = guard_decide(
			&estimate, cases[i].eligible, cases[i].staying, cases[i].max_fraction
		);
		if (verdict.outcome != cases[i].outcome)
			fail_msg("%s: %s", cases[i].what, guard_outcome_name(verdict.outcome));
	}
}

static void wants_no_more_counted_than_the_answer_hangs_on(void **state) {
	(void)state;
	static const struct {
		const char *what;
		int64_t going, eligible;
		double max_fraction;
		int64_t enough;
	} cases[] = {
		{"a ninth of what goes", 9000, 9000, 0.9, 1000},
		{"rounded up", 9001, 9001, 0.9, 1001},
		{"three times as many", 2000, 2000, 0.25, 6000},
		{"few", 1000, 1000, 0.9, 0},
		{"off", 9000, 9000, 0, 0},
		{"all may go", 9000, 9000, 1, 0},
		{"the limit is a small share", 2000, 50000, 0.9, 0},
		{"the limit is nearly all", 9500, 10000, 0.9, 556},
		{"a limit of an unknown backlog", 9000, -1, 0.9, 10000},
		{"unknown", -1, -1, 0.9, 0},
		{"more than there can be", 9000, 9000, 1e-300, INT64_MAX},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct estimate limited = {
			.eligible = cases[i].going, .eligible_exact = cases[i].going >= 0};
		int64_t enough = guard_enough(&limited, cases[i].eligible, cases[i].max_fraction);
		if (enough != cases[i].enough)
			fail_msg("%s: %lld", cases[i].what, (long long)enough);
	}
}

static void a_limit_of_an_unknown_backlog_passes_when_enough_rows_stay(void **state) {
	(void)state;
	struct estimate limited = {.eligible = 9000, .eligible_exact = true};
	assert_int_equal(guard_decide(&limited, -1, 10000, 0.9).outcome, GUARD_PASSED);
	assert_int_equal(guard_decide(&limited, -1, 9999, 0.9).outcome, GUARD_UNKNOWN);
}

static void a_refusal_names_the_numbers_and_the_remedy(void **state) {
	(void)state;
	struct estimate estimate = {.eligible = 9001, .eligible_exact = true};
	struct guard_verdict verdict = guard_decide(&estimate, 9001, 999, 0.9);
	assert_non_null(strstr(verdict.message, "9001 of 10000"));
	assert_non_null(strstr(verdict.message, "--max-fraction 0"));
	verdict = guard_decide(&estimate, 9001, -1, 0.9);
	assert_non_null(strstr(verdict.message, "rows to purge: known, rows in all: unknown"));
	estimate.eligible = -1;
	verdict = guard_decide(&estimate, -1, -1, 0.9);
	assert_non_null(strstr(verdict.message, "rows to purge: unknown, rows in all: unknown"));
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
			.uncounted = cases[i].uncounted};
		struct estimate limited = guard_limited(
			&estimate, cases[i].max_records, cases[i].all_count
		);
		if (limited.eligible != cases[i].most ||
		    limited.eligible_exact != (cases[i].most >= 0))
			fail_msg("%s: %lld", cases[i].what, (long long)limited.eligible);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(decides_as_the_table_says),
		cmocka_unit_test(wants_no_more_counted_than_the_answer_hangs_on),
		cmocka_unit_test(a_limit_of_an_unknown_backlog_passes_when_enough_rows_stay),
		cmocka_unit_test(a_limit_bounds_only_the_records_that_count_towards_it),
		cmocka_unit_test(a_refusal_names_the_numbers_and_the_remedy),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
