// SPDX-License-Identifier: MPL-2.0
// moment_test: points in time as operators write them.
#include "support/test.h"

#include "common/text/moment.h"

#include <errno.h>

static const int64_t now_ms = 1769860800123; // 2026-01-31T12:00:00.123Z

static int64_t read(const char *text) {
	int64_t ms = -1;
	int err = moment_parse(text, now_ms, &ms);

	return err < 0 ? err : ms;
}

static void a_time_of_rfc_3339_is_read(void **state) {
	static const struct {
		const char *text;
		int64_t ms;
	} rows[] = {
		{"1970-01-01T00:00:00Z", 0},
		{"2026-01-31T12:00:00Z", 1769860800000},
		{"2026-01-31t12:00:00z", 1769860800000},
		{"2026-01-31 12:00:00Z", 1769860800000},
		{"2026-01-31T12:00Z", 1769860800000},
		{"2026-01-31T12:00:00.5Z", 1769860800500},
		{"2026-01-31T12:00:00.1239999Z", 1769860800123},
		{"2026-01-31T13:00:00+01:00", 1769860800000},
		{"2026-01-31T06:30:00-05:30", 1769860800000},
		{"2026-01-31", 1769817600000},
		{"2024-02-29", 1709164800000},
		{"2000-02-29", 951782400000},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(read(rows[i].text), rows[i].ms);
}

static void a_time_before_now_is_read(void **state) {
	(void)state;
	assert_int_equal(read("now"), now_ms);
	assert_int_equal(read("0s"), now_ms);
	assert_int_equal(read("250ms ago"), now_ms - 250);
	assert_int_equal(read("90s"), now_ms - 90000);
	assert_int_equal(read("10m ago"), now_ms - 600000);
	assert_int_equal(read("2h ago"), now_ms - 7200000);
	assert_int_equal(read("7d"), now_ms - INT64_C(604800000));
}

static void what_is_no_time_is_refused(void **state) {
	static const char *const texts[] = {
		"",
		"yesterday",
		"2h later",
		"2 h",
		"2",
		"-2h",
		"2w",
		"99999999999999999999s",
		"2026",
		"2026-1-31",
		"2026-02-29",
		"1900-02-28",
		"2026-13-01",
		"2026-00-10",
		"2026-01-32",
		"2026-01-31T",
		"2026-01-31T24:00:00Z",
		"2026-01-31T12:60:00Z",
		"2026-01-31T12:00:00",
		"2026-01-31T12:00:00.Z",
		"2026-01-31T12:00:00+01",
		"2026-01-31T12:00:00+24:00",
		"2026-01-31T12:00:00Zx",
		"2026-01-31x12:00:00Z",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_int_equal(read(texts[i]), -EINVAL);
}

static void a_time_before_1970_is_out_of_range(void **state) {
	(void)state;
	assert_int_equal(read("1970-01-01T00:00:00+01:00"), -ERANGE);
	assert_int_equal(read("999999d"), -ERANGE);
}

static void a_time_is_written_so_that_it_reads_back(void **state) {
	char text[MOMENT_BYTES];
	(void)state;
	moment_format(1769860800000, text);
	assert_string_equal(text, "2026-01-31T12:00:00Z");
	moment_format(now_ms, text);
	assert_string_equal(text, "2026-01-31T12:00:00.123Z");
	assert_int_equal(read(text), now_ms);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_time_of_rfc_3339_is_read),
		cmocka_unit_test(a_time_before_now_is_read),
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(a_time_before_1970_is_out_of_range),
		cmocka_unit_test(a_time_is_written_so_that_it_reads_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
