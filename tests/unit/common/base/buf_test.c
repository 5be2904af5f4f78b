// SPDX-License-Identifier: MPL-2.0
// buf_test: growing, the ceiling, sticky errors and JSON text.
#include "common/base/buf.h"

#include <errno.h>
#include <string.h>

#include "support/test.h"

static void an_empty_one_reads_as_no_text(void **state) {
	struct buf buf = {0};

	(void)state;
	assert_string_equal(buf_text(&buf), "");
	buf_clear(&buf);
	buf_fini(&buf);
	assert_int_equal(buf_add(&buf, NULL, 0), 0);
	assert_string_equal(buf_text(&buf), "");
	buf_fini(&buf);
	assert_null(buf.data);
}

static void appends_bytes_text_and_formats(void **state) {
	struct buf buf;

	(void)state;
	buf_init(&buf, 0);
	assert_int_equal(buf_add(&buf, "ab\0c", 4), 0);
	assert_int_equal(buf_str(&buf, "de"), 0);
	assert_int_equal(buf_fmt(&buf, "-%d-%s", 42, "x"), 0);
	assert_int_equal(buf.len, 11);
	assert_memory_equal(buf.data, "ab\0cde-42-x", 12);
	buf_fini(&buf);
}

static void is_terminated_after_every_append(void **state) {
	struct buf buf;

	(void)state;
	buf_init(&buf, 0);
	for (size_t i = 1; i <= 5000; i++) {
		assert_int_equal(i % 2 ? buf_add(&buf, "x", 1) : buf_fmt(&buf, "%c", 'y'), 0);
		assert_int_equal(strlen(buf_text(&buf)), i);
	}
	buf_fini(&buf);
}

static void takes_exactly_as_much_as_the_ceiling(void **state) {
	struct buf buf;

	(void)state;
	buf_init(&buf, 4);
	assert_int_equal(buf_str(&buf, "ab"), 0);
	assert_int_equal(buf_fmt(&buf, "%d", 12), 0);
	assert_int_equal(buf_add(&buf, "", 0), 0);
	assert_int_equal(buf_str(&buf, "x"), -EMSGSIZE);
	assert_string_equal(buf_text(&buf), "ab12");
	buf_fini(&buf);
}

static void an_error_stays_until_it_is_cleared(void **state) {
	struct buf buf;

	(void)state;
	buf_init(&buf, 4);
	assert_int_equal(buf_fmt(&buf, "%s", "12345"), -EMSGSIZE);
	assert_int_equal(buf_str(&buf, "a"), -EMSGSIZE);
	assert_int_equal(buf_json(&buf, "a", 1), -EMSGSIZE);
	assert_int_equal(buf.error, -EMSGSIZE);
	assert_string_equal(buf_text(&buf), "");
	buf_clear(&buf);
	assert_int_equal(buf.error, 0);
	assert_int_equal(buf_str(&buf, "a"), 0);
	assert_string_equal(buf_text(&buf), "a");
	buf_fini(&buf);
}

static void refuses_a_length_that_would_wrap(void **state) {
	struct buf buf;

	(void)state;
	buf_init(&buf, SIZE_MAX);
	assert_int_equal(buf_str(&buf, "ab"), 0);
	assert_int_equal(buf_add(&buf, "", SIZE_MAX), -EMSGSIZE);
	assert_int_equal(buf_add(&buf, "", SIZE_MAX - 2), -EMSGSIZE);
	assert_string_equal(buf_text(&buf), "ab");
	buf_fini(&buf);
}

static void json_text_is_safe_and_valid(void **state) {
	static const struct {
		const char *text;
		const char *wanted;
	} rows[] = {
		{"", ""},
		{"plain / text", "plain / text"},
		{"say \"hi\" \\ bye", "say \\\"hi\\\" \\\\ bye"},
		{"\b\t\n\f\r", "\\b\\t\\n\\f\\r"},
		{"\v\x01\x1f\x7f", "\\u000b\\u0001\\u001f\\u007f"},
		{"caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
		 "caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"},
		{"\xc2\x9b\x33m", "\\u009b3m"}, // a terminal's control sequence introducer
		{"\xc2\xa0", "\xc2\xa0"},
		{"a\xff\x80z", "a\\ufffd\\ufffdz"},
		{"\xc0\xaf", "\\ufffd\\ufffd"}, // over-long '/'
		{"\xe0\x80\xaf", "\\ufffd\\ufffd\\ufffd"}, // the same in three bytes
		{"\xed\xa0\x80", "\\ufffd\\ufffd\\ufffd"}, // a surrogate
		{"\xf4\x90\x80\x80", "\\ufffd\\ufffd\\ufffd\\ufffd"}, // above U+10FFFF
		{"\xf0\x82\x82\xac", "\\ufffd\\ufffd\\ufffd\\ufffd"}, // over-long in four bytes
		{"x\xe2\x82", "x\\ufffd\\ufffd"}, // torn at the end
		{"\xe2\x82\"", "\\ufffd\\ufffd\\\""},
	};
	struct buf buf;

	(void)state;
	buf_init(&buf, 0);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		buf_clear(&buf);
		assert_int_equal(buf_json(&buf, rows[i].text, strlen(rows[i].text)), 0);
		assert_string_equal(buf_text(&buf), rows[i].wanted);
	}
	buf_clear(&buf);
	assert_int_equal(buf_json(&buf, "a\0b", 3), 0);
	assert_string_equal(buf_text(&buf), "a\\u0000b");
	buf_fini(&buf);
}

static void json_text_does_not_look_past_its_end(void **state) {
	struct buf buf;

	(void)state;
	buf_init(&buf, 0);
	assert_int_equal(buf_json(&buf, "\xc3\xa9", 1), 0);
	assert_string_equal(buf_text(&buf), "\\ufffd");
	buf_fini(&buf);
}

static void json_text_has_quotes_and_null_none(void **state) {
	struct buf buf;

	(void)state;
	buf_init(&buf, 0);
	assert_int_equal(buf_json_text(&buf, "say \"hi\""), 0);
	assert_int_equal(buf_json_text(&buf, ""), 0);
	assert_int_equal(buf_json_text(&buf, NULL), 0);
	assert_string_equal(buf_text(&buf), "\"say \\\"hi\\\"\"\"\"null");
	buf_fini(&buf);
	buf_init(&buf, 3);
	assert_int_equal(buf_json_text(&buf, "ab"), -EMSGSIZE);
	buf_fini(&buf);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_one_reads_as_no_text),
		cmocka_unit_test(appends_bytes_text_and_formats),
		cmocka_unit_test(is_terminated_after_every_append),
		cmocka_unit_test(takes_exactly_as_much_as_the_ceiling),
		cmocka_unit_test(an_error_stays_until_it_is_cleared),
		cmocka_unit_test(refuses_a_length_that_would_wrap),
		cmocka_unit_test(json_text_is_safe_and_valid),
		cmocka_unit_test(json_text_does_not_look_past_its_end),
		cmocka_unit_test(json_text_has_quotes_and_null_none),
	};

	return cmocka_run_group_tests_name("buf", tests, NULL, NULL);
}
