// SPDX-License-Identifier: MPL-2.0
// utf8_test: characters of a text.
#include "support/test.h"

#include "common/base/utf8.h"

#include <string.h>

static void reads_a_character_of_each_length(void **state) {
	static const struct {
		const char *text;
		size_t len;
		uint32_t rune;
	} cases[] = {
		{"a", 1, 'a'},
		{"\x7f.", 1, 0x7f},
		{"\xc2\x80", 2, 0x80},
		{"\xdf\xbf.", 2, 0x7ff},
		{"\xe0\xa0\x80", 3, 0x800},
		{"\xed\x9f\xbf", 3, 0xd7ff},
		{"\xee\x80\x80", 3, 0xe000},
		{"\xef\xbf\xbf.", 3, 0xffff},
		{"\xf0\x90\x80\x80", 4, 0x10000},
		{"\xf4\x8f\xbf\xbf.", 4, 0x10ffff},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint32_t rune = 7;
		size_t len = utf8_read(cases[i].text, strlen(cases[i].text), &rune);

		assert_int_equal(len, cases[i].len);
		assert_int_equal(rune, cases[i].rune);
	}
}

static void reads_a_nul_as_a_character(void **state) {
	uint32_t rune = 7;

	(void)state;
	assert_int_equal(utf8_read("\0", 1, &rune), 1);
	assert_int_equal(rune, 0);
}

static void refuses_what_is_no_utf8(void **state) {
	static const char *const texts[] = {
		"",
		"\x80",
		"\xbf",
		"\xc0\xaf",
		"\xc1\xbf",
		"\xc3(",
		"\xe0\x9f\xbf",
		"\xe2\x82",
		"\xed\xa0\x80",
		"\xed\xbf\xbf",
		"\xf0\x8f\xbf\xbf",
		"\xf0\x9f\x98(",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xff",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		uint32_t rune = 7;

		assert_int_equal(utf8_read(texts[i], strlen(texts[i]), &rune), 0);
		assert_int_equal(rune, 7);
	}
}

static void does_not_look_past_the_end(void **state) {
	uint32_t rune = 7;

	(void)state;
	for (size_t len = 0; len < 4; len++)
		assert_int_equal(utf8_read("\xf0\x9f\x98\x80", len, &rune), 0);
	assert_int_equal(utf8_read("\xf0\x9f\x98\x80", 4, &rune), 4);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_character_of_each_length),
		cmocka_unit_test(reads_a_nul_as_a_character),
		cmocka_unit_test(refuses_what_is_no_utf8),
		cmocka_unit_test(does_not_look_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
