// SPDX-License-Identifier: MPL-2.0
// pack_json_test: encoded values shown as JSON.
#include "common/pack/pack_json.h"
#include "support/test.h"

#include <errno.h>
#include <string.h>

static const struct {
	const char *bytes;
	size_t len;
	const char *json;
} cases[] = {
	{"\x07", 1, "7"},
	{"\xff", 1, "-1"},
	{"\xc0", 1, "null"},
	{"\xc3", 1, "true"},
	{"\xc2", 1, "false"},
	{"\xcd\x01\x00", 3, "256"},
	{"\xcf\xff\xff\xff\xff\xff\xff\xff\xff", 9, "18446744073709551615"},
	{"\xd0\x80", 2, "-128"},
	{"\xd1\xff\x00", 3, "-256"},
	{"\xd2\xff\xff\xff\xff", 5, "-1"},
	{"\xd3\x80\x00\x00\x00\x00\x00\x00\x00", 9, "-9223372036854775808"},
	{"\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00", 9, "1.5"},
	{"\xca\x3f\xc0\x00\x00", 5, "1.5"},
	{"\xcb\x7f\xf0\x00\x00\x00\x00\x00\x00", 9, "null"},
	{"\xa3\x61\"\n", 4, "\"a\\\"\\n\""},
	{"\xa0", 1, "\"\""},
	{"\xc4\x02\x01\xff", 4, "\"01ff\""},
	{"\xd4\x01\xab", 3, "\"01ab\""},
	{"\x80", 1, "{}"},
	{"\x90", 1, "[]"},
	{"\x93\x01\x80\x90", 4, "[1,{},[]]"},
	{"\x82\xa1\x61\x01\xa1\x62\x81\xa1\x63\x92\x01\x02", 12, "{\"a\":1,\"b\":{\"c\":[1,2]}}"},
	{"\x81\x01\x02", 3, "{\"01\":2}"},
	{"\x81\x91\xa1\x78\x02", 5, "{\"91a178\":2}"},
};

static void shows_each_type(void **state) {
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct buf out;
		size_t used = 0;

		buf_init(&out, 0);
		assert_int_equal(
			pack_json(&out, (const unsigned char *)cases[i].bytes, cases[i].len, &used),
			0
		);
		assert_string_equal(buf_text(&out), cases[i].json);
		assert_int_equal(used, cases[i].len);
		buf_fini(&out);
	}
}

static void appends_nothing_for_what_is_no_value(void **state) {
	struct buf out;
	size_t used = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		buf_init(&out, 0);
		assert_int_equal(
			pack_json(
				&out, (const unsigned char *)cases[i].bytes, cases[i].len - 1, &used
			),
			-EBADMSG
		);
		assert_int_equal(out.len, 0);
		buf_fini(&out);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shows_each_type),
		cmocka_unit_test(appends_nothing_for_what_is_no_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
