// SPDX-License-Identifier: MPL-2.0
// http_header_test: back-off headers and dates, the hostile ones too.
#include "support/test.h"

#include "common/http/http_header.h"

#include <string.h>

enum { NOW_S = 784111777 }; // Sun, 06 Nov 1994 08:49:37 GMT

static const int64_t day_ms = HTTP_HEADER_HOLD_MAX_MS;

struct row {
	const char *lines[3];
	int64_t hold_ms;
};

static const char *const waits[] = {"X-Backoff", "X-Weave-Backoff", NULL};

static const struct row rows[] = {
	{{"Retry-After: 120\r\n"}, 120000},
	{{"retry-after:120"}, 120000},
	{{"RETRY-AFTER: \t 7 \r\n"}, 7000},
	{{"Retry-After: 0"}, 0},
	{{"X-Backoff: 1.5"}, 1500},
	{{"X-Weave-Backoff: 0.0001"}, 1},
	{{"X-Weave-Backoff: 2."}, 2000},
	{{"X-Weave-Backoff: 86400"}, day_ms},
	{{"X-Weave-Backoff: 86401"}, day_ms},
	{{"X-Weave-Backoff: 99999999999999999999999999999999999999"}, day_ms},
	{{"X-Backoff: 0.99999999999999999999999999999999999999999"}, 1000},
	// the longest counts
	{{"Retry-After: 3", "X-Backoff: 9", "X-Weave-Backoff: 5"}, 9000},
	{{"Retry-After: 3", "Retry-After: garbage"}, 3000},
	// dates
	{{"Retry-After: Sun, 06 Nov 1994 08:50:37 GMT"}, 60000},
	{{"Retry-After: Sunday, 06-Nov-94 08:50:37 GMT"}, 60000},
	{{"Retry-After: Sun Nov  6 08:50:37 1994"}, 60000},
	{{"Retry-After: Sun, 06 Nov 1994 08:49:37 GMT"}, 0},
	{{"Retry-After: Sun, 06 Nov 1904 08:49:37 GMT"}, 0},
	{{"Retry-After: Fri, 31 Dec 9999 23:59:59 GMT"}, day_ms},
	{{"Retry-After: Sun, 06 Nov 1994 08:50:37 GMT", "X-Backoff: 61"}, 61000},
	// a date counts from the node's own clock
	{{"Retry-After: Sun, 06 Nov 1994 12:00:10 GMT", "Date: Sun, 06 Nov 1994 12:00:00 GMT"},
	 10000},
	{{"Date: Sun, 06 Nov 1994 12:00:00 GMT", "Retry-After: Sun, 06 Nov 1994 12:00:10 GMT"},
	 10000},
	{{"Date: nonsense", "Retry-After: Sun, 06 Nov 1994 08:50:37 GMT"}, 60000},
	// as if not sent
	{{"Retry-After: -5"}, 0},
	{{"Retry-After: +5"}, 0},
	{{"Retry-After: 1e9"}, 0},
	{{"Retry-After: 0x10"}, 0},
	{{"Retry-After: 5 6"}, 0},
	{{"Retry-After: 120, 120"}, 0},
	{{"Retry-After: inf"}, 0},
	{{"Retry-After: nan"}, 0},
	{{"Retry-After: "}, 0},
	{{"Retry-After:"}, 0},
	{{"Retry-After"}, 0},
	{{"Retry-After : 5"}, 0},
	{{"Retry-Afterwards: 5"}, 0},
	{{"X-Backoff: ."}, 0},
	{{"X-Backoff: .5"}, 0},
	{{"X-Backoff: 1.2.3"}, 0},
	{{"X-Backoff: Sun, 06 Nov 1994 08:50:37 GMT"}, 0},
	{{"Retry-After: Sun, 06 Nov 1994 08:50:37 GMT and some more"}, 0},
	{{"Retry-After: Sun, 99 Nov 1994 08:50:37 GMT"}, 0},
	{{"Retry-After: Sun, 06 Nov 1994 08:50:37 CET"}, 0},
	{{"Retry-After: Sun, 06 Nov                                     1994 08:50:37 GMT"}, 0},
	{{"\r\n"}, 0},
	{{""}, 0},
};

static void reads_what_the_table_says(void **state) {
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct http_header_hints hints = {.wait_names = waits};
		for (size_t j = 0; j < 3 && rows[i].lines[j]; j++)
			http_header_read(&hints, rows[i].lines[j], strlen(rows[i].lines[j]));
		int64_t hold_ms = http_header_hold_ms(&hints, NOW_S);
		if (hold_ms != rows[i].hold_ms)
			fail_msg("'%s': %lld ms", rows[i].lines[0], (long long)hold_ms);
	}
}

static void reads_no_further_than_the_line(void **state) {
	(void)state;
	struct http_header_hints hints = {.wait_names = waits};
	http_header_read(&hints, "Retry-After: 12345", strlen("Retry-After: 12"));
	assert_int_equal(http_header_hold_ms(&hints, NOW_S), 12000);
}

static void an_embedded_nul_is_not_understood(void **state) {
	(void)state;
	static const char line[] = "Retry-After: 5\0 6";
	static const char date[] = "Sun, 06 Nov 1994 08:49:37 GMT\0";
	struct http_header_hints hints = {.wait_names = waits};
	http_header_read(&hints, line, sizeof(line) - 1);
	assert_int_equal(http_header_hold_ms(&hints, NOW_S), 0);
	assert_int_equal(http_header_date_s(date, sizeof(date) - 1), 0);
}

static void keeps_the_date(void **state) {
	(void)state;
	static const char line[] = "date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";
	struct http_header_hints hints = {.wait_names = waits};
	http_header_read(&hints, line, sizeof(line) - 1);
	assert_int_equal(hints.date_s, NOW_S);
	assert_int_equal(http_header_hold_ms(&hints, NOW_S), 0);
}

static void keeps_the_headers_that_are_asked_for(void **state) {
	(void)state;
	static const char *const wanted[] = {"X-Account-Status", "X-Put", NULL};
	static const char *const lines[] = {
		"x-account-status:  Deleted \r\n",
		"X-Put: 1\r\n",
		"X-Putter: 2\r\n",
		"X-PUT: 3\r\n"};
	struct http_header_hints hints = {.keep = wanted};
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
		http_header_read(&hints, lines[i], strlen(lines[i]));
	assert_string_equal(hints.kept[0], "Deleted");
	assert_string_equal(hints.kept[1], "3");
	assert_string_equal(hints.kept[2], "");
}

static void cuts_a_long_value_that_it_keeps(void **state) {
	(void)state;
	static const char *const wanted[] = {"X", NULL};
	struct http_header_hints hints = {.keep = wanted};
	char line[3 + 2 * HTTP_KEPT_BYTES];
	memset(line, 'v', sizeof(line));
	line[0] = 'X';
	line[1] = ':';
	http_header_read(&hints, line, sizeof(line));
	assert_int_equal(strlen(hints.kept[0]), HTTP_KEPT_BYTES - 1);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_what_the_table_says),
		cmocka_unit_test(reads_no_further_than_the_line),
		cmocka_unit_test(an_embedded_nul_is_not_understood),
		cmocka_unit_test(keeps_the_date),
		cmocka_unit_test(keeps_the_headers_that_are_asked_for),
		cmocka_unit_test(cuts_a_long_value_that_it_keeps),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
