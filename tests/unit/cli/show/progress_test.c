// SPDX-License-Identifier: MPL-2.0
// progress_test: what is said while a run goes on.
#include "support/test.h"

#include "cli/show/progress.h"

#include <string.h>

static void durations_read_well(void **state) {
	(void)state;
	static const struct {
		int64_t seconds;
		const char *text;
	} cases[] = {
		{0, "0s"},
		{59, "59s"},
		{60, "1m00s"},
		{3599, "59m59s"},
		{3600, "1h00m00s"},
		{90061, "25h01m01s"}};
	char text[32];
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		progress_duration(text, sizeof(text), cases[i].seconds);
		assert_string_equal(text, cases[i].text);
	}
}

static void a_log_gets_a_line_a_minute(void **state) {
	(void)state;
	struct progress progress;
	progress_begin(&progress, false, 0);
	assert_false(progress_is_due(&progress, PROGRESS_LOG_MS - 1));
	assert_true(progress_is_due(&progress, PROGRESS_LOG_MS));
	progress_begin(&progress, true, 0);
	assert_true(progress_is_due(&progress, PROGRESS_EVERY_MS));
}

static void a_line_fits_into_one_of_the_terminal(void **state) {
	(void)state;
	static const struct {
		int columns;
		size_t len;
	} cases[] = {{1, 0}, {2, 1}, {40, 39}, {100, 99}, {101, 100}, {102, 100}, {0, 79}};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char line[101];
		memset(line, 'x', 100);
		line[100] = '\0';
		progress_cut(line, cases[i].columns);
		assert_int_equal(strlen(line), cases[i].len);
	}
}

static void expect_words(struct progress_counts counts, double rate_per_s, const char *wanted) {
	char line[256];
	progress_words(line, sizeof(line), &counts, rate_per_s);
	assert_string_equal(line, wanted);
}

static void a_line_says_how_far_it_is_and_how_long_it_takes(void **state) {
	(void)state;
	struct progress_counts counts = {.done = 40, .total = 100, .in_work = 7, .failed = 1};
	expect_words(
		counts, 10, "40 of 100 (40%) rows, 10 rows/s, 7 in work, 1 failed, time left 7s"
	);
	expect_words(
		counts, 0, "40 of 100 (40%) rows, 0 rows/s, 7 in work, 1 failed, time left unknown"
	);
	counts.total = -1;
	expect_words(counts, 10, "40 rows, 10 rows/s, 7 in work, 1 failed, time left unknown");
}

static void a_line_promises_no_end_while_only_nodes_are_waited_for(void **state) {
	(void)state;
	struct progress_counts counts = {.done = 40, .total = 100, .in_work = 7, .nodes_waited = 1};
	expect_words(
		counts, 1, "40 of 100 (40%) rows, 1 rows/s, 7 in work, 0 failed, waiting for 1 node"
	);
	counts.nodes_waited = 2;
	counts.postponed = 3;
	expect_words(
		counts,
		1,
		"40 of 100 (40%) rows, 1 rows/s, 7 in work, 0 failed, 3 postponed, waiting for 2 "
		"nodes"
	);
	counts.stopping = true;
	expect_words(
		counts,
		1,
		"40 of 100 (40%) rows, 1 rows/s, 7 in work, 0 failed, 3 postponed, stopping"
	);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_read_well),
		cmocka_unit_test(a_log_gets_a_line_a_minute),
		cmocka_unit_test(a_line_says_how_far_it_is_and_how_long_it_takes),
		cmocka_unit_test(a_line_promises_no_end_while_only_nodes_are_waited_for),
		cmocka_unit_test(a_line_fits_into_one_of_the_terminal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
