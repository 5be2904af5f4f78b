// SPDX-License-Identifier: MPL-2.0
// number_test: numbers that anyone may have written.
#include "support/test.h"

#include "common/text/number.h"

#include <errno.h>
#include <string.h>

// 0 when there is none, as of a header.
static int64_t read_up_to(const char *text, size_t len, int64_t most) {
	int64_t number = 0;
	int err = number_parse(text, len, 0, most, &number);

	assert_true(err == 0 || number == 0);
	return number;
}

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
			read_up_to(cases[i].text, strlen(cases[i].text), cases[i].most),
			cases[i].number
		);
}

static void takes_anything_else_for_none(void **state) {
	static const char *const texts[] = {"", " 7", "7 ", "+7", "-7", "7x", "0x7", "7.0", "\xff"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(read_up_to(texts[i], strlen(texts[i]), 9), 0);
	assert_int_equal(read_up_to("7\0junk", 6, 9), 0);
	assert_int_equal(read_up_to("79", 1, 9), 7);
	assert_int_equal(read_up_to(NULL, 0, 9), 0);
}

static void reads_a_sign_where_a_number_may_be_negative(void **state) {
	static const struct {
		const char *text;
		int64_t number;
	} cases[] = {
		{"-1", -1},
		{"+7", 7},
		{"-0", 0},
		{"9223372036854775807", INT64_MAX},
		{"-9223372036854775808", INT64_MIN},
	};
	int64_t number = 5;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *text = cases[i].text;
		int err = number_parse(text, strlen(text), INT64_MIN, INT64_MAX, &number);

		assert_int_equal(err, 0);
		assert_int_equal(number, cases[i].number);
	}
	assert_int_equal(number_parse("-0", 2, 0, 9, &number), -EINVAL);
	assert_int_equal(number_parse("+7", 2, 0, 9, &number), -EINVAL);
}

static void tells_what_is_no_number_from_what_is_out_of_bounds(void **state) {
	static const struct {
		const char *text;
		int err;
	} cases[] = {
		{"", -EINVAL},
		{"-", -EINVAL},
		{"--1", -EINVAL},
		{"- 1", -EINVAL},
		{"99999999999999999999x", -EINVAL},
		{"10", -ERANGE},
		{"-10", -ERANGE},
		{"9223372036854775808", -ERANGE},
		{"-9223372036854775809", -ERANGE},
		{"99999999999999999999999", -ERANGE},
	};
	int64_t number = 5;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *text = cases[i].text;

		assert_int_equal(number_parse(text, strlen(text), -9, 9, &number), cases[i].err);
		assert_int_equal(number, 5);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_decimal_numbers_up_to_a_bound),
		cmocka_unit_test(takes_anything_else_for_none),
		cmocka_unit_test(reads_a_sign_where_a_number_may_be_negative),
		cmocka_unit_test(tells_what_is_no_number_from_what_is_out_of_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
