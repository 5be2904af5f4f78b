// SPDX-License-Identifier: MPL-2.0
// progress_test: durations for people.
#include "support/test.h"

#include "cli/progress.h"

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

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(durations_read_well),
		cmocka_unit_test(a_log_gets_a_line_a_minute),
		cmocka_unit_test(a_line_fits_into_one_of_the_terminal),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
