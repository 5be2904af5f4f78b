// SPDX-License-Identifier: MPL-2.0
// handover_number_test: numbers in headers that anyone may have written.
#include "support/test.h"
#include "worker/handover/handover_number.h"

#include <stdint.h>
#include <string.h>

static void reads_decimal_numbers_up_to_a_bound(void **state) {
	static const struct {
		const char *text;
		int64_t most, number;
	} cases[] = {
		{"0", 9, 0},
		{"7", 9, 7},
		{"7", 6, 0},
		{"9", 9, 9},
		{"10", 9, 0},
		{"007", 9, 7},
		{"1000000", 1000000, 1000000},
		{"1000001", 1000000, 0},
		{"9223372036854775807", INT64_MAX, INT64_MAX},
		{"9223372036854775808", INT64_MAX, 0},
		{"99999999999999999999999999", INT64_MAX, 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
			handover_number(cases[i].text, strlen(cases[i].text), cases[i].most),
			cases[i].number
		);
}

static void takes_anything_else_for_none(void **state) {
	static const char *const texts[] = {"", " 7", "7 ", "+7", "-7", "7x", "0x7", "7.0", "\xff"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(handover_number(texts[i], strlen(texts[i]), 9), 0);
	assert_int_equal(handover_number("7\0junk", 6, 9), 0);
	assert_int_equal(handover_number("79", 1, 9), 7);
	assert_int_equal(handover_number(NULL, 0, 9), 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_decimal_numbers_up_to_a_bound),
		cmocka_unit_test(takes_anything_else_for_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
