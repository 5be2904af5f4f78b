// SPDX-License-Identifier: MPL-2.0
// whole_number_test: whole numbers as people write them.
#include "support/test.h"

#include "common/targets/softdelete/config/whole_number.h"

#include <errno.h>

static void reads_whole_numbers(void **state) {
	(void)state;
	static const struct {
		const char *text;
		int64_t value;
	} cases[] = {
		{"0", 0},
		{"-1", -1},
		{"+7", 7},
		{" 30 ", 30},
		{"007", 7},
		{"99999999999999999999999", INT64_MAX},
		{"-99999999999999999999999", INT64_MIN},
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int64_t value = 5;
		assert_int_equal(whole_number_read(cases[i].text, &value), 0);
		assert_int_equal(value, cases[i].value);
	}
}

static void refuses_everything_else(void **state) {
	(void)state;
	static const char *const texts[] = {
		"", " ", "x", "1x", "1.5", "--1", "- 1", "0x10", "1 2", "+"};
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		int64_t value = 5;
		assert_int_equal(whole_number_read(texts[i], &value), -EINVAL);
		assert_int_equal(value, 5);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_whole_numbers),
		cmocka_unit_test(refuses_everything_else),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
