// SPDX-License-Identifier: MPL-2.0
// swift_account_time_test: points in time as Swift writes them.
#include "support/test.h"

#include "common/targets/swift/account/account_time.h"

#include <errno.h>

static void assert_time(const char *text, int64_t wanted) {
	int64_t time_us = -1;

	assert_int_equal(account_time_read(text, &time_us), 0);
	assert_int_equal(time_us, wanted);
}

static void a_time_has_five_decimals_or_fewer_or_none(void **state) {
	(void)state;
	assert_time("1795880050.00000", INT64_C(1795880050000000));
	assert_time("1795887844.55833", INT64_C(1795887844558330));
	assert_time("0000000001.00001", 1000010);
	assert_time("1.5", 1500000);
	assert_time("1.000001", 1000001);
	assert_time("17", 17000000);
	assert_time("0", 0);
	assert_time("9999999999.99999", INT64_C(9999999999999990));
}

static void what_is_behind_the_underscore_does_not_count(void **state) {
	(void)state;
	assert_time("1795880050.00000_00000000000000ff", INT64_C(1795880050000000));
	assert_time("1795880050.12345_f", INT64_C(1795880050123450));
	assert_time("7_0000000000000000", 7000000);
}

static void what_is_no_time_is_refused(void **state) {
	static const char *const texts[] = {
		"",     "_",         "_1",    ".",           ".5",
		"1.",   "1._2",      "-1",    "+1",          " 1",
		"1 ",   "1e5",       "nan",   "0x1",         "1.2.3",
		"1.-5", "1.0000001", "1,5",   "10000000000", "99999999999999999999.0",
		"1.0_", "1.0_xyz",   "7_1.5", "7_0_0",       "7_00000000000000001",
	};
	int64_t time_us = 5;

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (account_time_read(texts[i], &time_us) != -EINVAL)
			fail_msg("'%s' is taken", texts[i]);
		assert_int_equal(time_us, 5);
	}
}

static void a_time_is_shown_in_utc_with_six_decimals(void **state) {
	char text[ACCOUNT_TIME_ISO_BYTES];

	(void)state;
	account_time_iso(INT64_C(1795328677346320), text);
	assert_string_equal(text, "2026-11-22T06:24:37.346320");
	account_time_iso(0, text);
	assert_string_equal(text, "1970-01-01T00:00:00.000000");
	account_time_iso(INT64_C(9999999999000001), text);
	assert_string_equal(text, "2286-11-20T17:46:39.000001");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_has_five_decimals_or_fewer_or_none),
		cmocka_unit_test(what_is_behind_the_underscore_does_not_count),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(a_time_is_shown_in_utc_with_six_decimals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
