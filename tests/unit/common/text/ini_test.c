// SPDX-License-Identifier: MPL-2.0
// ini_test: the lines of an INI text.
#include "support/test.h"

#include "common/text/ini.h"

#include <stdio.h>
#include <string.h>

static const struct ini_manner own = {.blanks = " \t\r", .section_fault = "no end"};
static const struct ini_manner oslo = {
	.blanks = " \t\r\v\f", .section_fault = "no end", .is_oslo = true};

static char memory[512];

static struct ini begin(const struct ini_manner *manner, const char *text, size_t len) {
	struct ini ini;

	assert_true(len < sizeof(memory));
	memcpy(memory, text, len);
	memory[len] = '\0';
	ini_begin(&ini, manner, memory, len);
	return ini;
}

// Writes down all that is found, up to the first fault.
static const char *all(const struct ini_manner *manner, const char *text) {
	static char words[512];
	struct ini ini = begin(manner, text, strlen(text));
	enum ini_kind kind = INI_VALUE;
	size_t len = 0;

	words[0] = '\0';
	while (kind != INI_FAULT && (kind = ini_next(&ini)) != INI_END) {
		char *at = words + len;
		size_t size = sizeof(words) - len;
		int more = 0;

		if (kind == INI_SECTION)
			more = snprintf(at, size, "%zu[%s];", ini.line, ini.section);
		else if (kind == INI_FAULT)
			more = snprintf(at, size, "%zu!%s", ini.line, ini.fault);
		else
			more = snprintf(
				at,
				size,
				"%zu%s%s=%s;",
				ini.line,
				kind == INI_MORE ? "+" : " ",
				ini.key,
				ini.value
			);
		len += (size_t)more;
		assert_true(len < sizeof(words));
	}
	return words;
}

static void reads_sections_and_values_and_passes_comments_over(void **state) {
	(void)state;
	assert_string_equal(all(&own, ""), "");
	assert_string_equal(
		all(&own,
		    "\xEF\xBB\xBF# a comment\r\n; another\n\n[ one ]\r\n  a = 1 = 2 \nb=\n=c"),
		"4[one];5 a=1 = 2;6 b=;7 =c;"
	);
}

static void tells_what_is_wrong_and_where(void **state) {
	static const char nothing[] = "neither 'key = value', nor '[section]', nor a comment";
	struct ini ini;
	char words[128];

	(void)state;
	assert_string_equal(all(&own, "\n[one"), "2!no end");
	assert_string_equal(all(&own, "["), "1!no end");
	assert_string_equal(all(&own, "[one] two"), "1!no end");
	snprintf(words, sizeof(words), "1 a=1;2!%s", nothing);
	assert_string_equal(all(&own, "a=1\nb\n"), words);
	ini = begin(&own, "a = 1\n# b\0\nc = 2\n", 17);
	assert_int_equal(ini_next(&ini), INI_VALUE);
	assert_int_equal(ini_next(&ini), INI_FAULT);
	assert_string_equal(ini.fault, "not text");
	assert_int_equal(ini.line, 2);
}

static void takes_off_the_blanks_it_is_told_of(void **state) {
	static const struct ini_manner more = {.blanks = " \f", .section_fault = "no end"};

	(void)state;
	assert_string_equal(all(&own, "a =\t1\f\r"), "1 a=1\f;");
	assert_string_equal(all(&more, "\fa\f= 1\t\f"), "1 a=1\t;");
}

static void goes_on_with_a_value_as_oslo_does(void **state) {
	(void)state;
	assert_string_equal(
		all(&oslo, "[one]\ra: 1\r\n  2\n\t# 3\n# no value\nb = 4\n"),
		"1[one];2 a=1;3+a=2;4+a=# 3;6 b=4;"
	);
	assert_string_equal(all(&own, "a = 1\n b = 2\n"), "1 a=1;2 b=2;");
}

static void refuses_what_oslo_and_others_read_in_two_ways(void **state) {
	static const struct {
		const char *text, *words;
	} cases[] = {
		{"[]", "1!no end"},
		{"[ one ]\n", "1[ one ];"},
		{"a = 1", "1!a value before the first section"},
		{"[one]\n a = 1", "1[one];2!begins with a blank, but goes on with no value"},
		{"[one]\na = 1\n\n 2",
		 "1[one];2 a=1;4!begins with a blank, but goes on with no value"},
		{"[one]\na = 1\x01", "1[one];2!a control character"},
		{"[one]\n#\x01", "1[one];"},
		{"[one]\n= 1", "1[one];2!the key has a character that no key has, or none at all"},
		{"[one]\n\xC2\xA0 = 1",
		 "1[one];2!the key has a character that no key has, or none at all"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_string_equal(all(&oslo, cases[i].text), cases[i].words);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_sections_and_values_and_passes_comments_over),
		cmocka_unit_test(tells_what_is_wrong_and_where),
		cmocka_unit_test(takes_off_the_blanks_it_is_told_of),
		cmocka_unit_test(goes_on_with_a_value_as_oslo_does),
		cmocka_unit_test(refuses_what_oslo_and_others_read_in_two_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
