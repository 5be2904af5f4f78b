// SPDX-License-Identifier: MPL-2.0
// env_file_test: the lines of a file of environment variables.
#include "support/test.h"

#include "common/text/env_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char memory[512];

static struct env_file begin(const char *text, size_t len) {
	struct env_file file;

	assert_true(len < sizeof(memory));
	memcpy(memory, text, len);
	memory[len] = '\0';
	env_file_begin(&file, memory, len);
	return file;
}

// Writes down all that is found, up to the first line that cannot be understood.
static const char *all(const char *text) {
	static char words[512];
	struct env_file file = begin(text, strlen(text));
	enum env_file_kind kind = ENV_FILE_VALUE;
	size_t len = 0;

	words[0] = '\0';
	while (kind != ENV_FILE_FAULT && (kind = env_file_next(&file)) != ENV_FILE_END) {
		char *at = words + len;
		size_t size = sizeof(words) - len;

		if (kind == ENV_FILE_FAULT)
			len += (size_t)snprintf(at, size, "%zu!", file.line);
		else if (kind == ENV_FILE_ODD)
			len += (size_t)snprintf(at, size, "%zu?%s;", file.line, file.name);
		else
			len += (size_t
			)snprintf(at, size, "%zu %s=%s;", file.line, file.name, file.value);
		assert_true(len < sizeof(words));
		assert_true((kind == ENV_FILE_VALUE) == (file.fault == NULL));
	}
	return words;
}

static void reads_values_and_passes_comments_over(void **state) {
	(void)state;
	assert_string_equal(
		all("# a comment\n; another\n\n  # a third\nA=1\n B = two words \nc_3=\nD=a=b#c;d"),
		"5 A=1;6 B=two words;7 c_3=;8 D=a=b#c;d;"
	);
	assert_string_equal(
		all("\xEF\xBB\xBF"
		    "A=1\r\nB=2\r\n"),
		"1 A=1;2 B=2;"
	);
	assert_string_equal(all(""), "");
	assert_string_equal(all("\n\r\n"), "");
	assert_string_equal(all("A=1\nA=2\n"), "1 A=1;2 A=2;");
}

static void passes_the_shells_export_over(void **state) {
	(void)state;
	assert_string_equal(
		all("export A=1\nexport\t B=2\nexport=3\nexporter=4\nexport C\n"),
		"1 A=1;2 B=2;3 export=3;4 exporter=4;5!"
	);
}

static void takes_quotes_off_the_whole_value(void **state) {
	(void)state;
	assert_string_equal(
		all("A='a b'\nB=\"a 'b' #c\" \nC=''\nD=' $x `y` \\n\"'\n"),
		"1 A=a b;2 B=a 'b' #c;3 C=;4 D= $x `y` \\n\";"
	);
	assert_string_equal(
		all("A=\"a\\\"b\\\\c\\$d\\`e\"\nB=\"a\\nb\"\n"), "1 A=a\"b\\c$d`e;2 B=a\\nb;"
	);
}

static void says_where_others_would_read_something_else(void **state) {
	(void)state;
	assert_string_equal(
		all("A=$HOME\nB=`id`\nC=\"a$b\"\nD=\"`id`\"\nE=1\n"), "1?A;2?B;3?C;4?D;5 E=1;"
	);
	assert_string_equal(
		all("A=it's\nB=a\"b\"\nC=a\\ b\nD=a\\\nE=a #b\nF='a'b\nG=\"a\" # b\nH=1"),
		"1?A;2?B;3?C;4?D;5?E;6?F;7?G;8 H=1;"
	);
}

static void refuses_what_it_does_not_understand(void **state) {
	static const char *const wrong[] = {
		"A", "=1", "1A=1", "A-B=1", "A B=1", "A='b", "A=\"b", "A=\"b\\\"", "[a]", "A.b=c"};
	struct env_file file;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_string_equal(all(wrong[i]), "1!");
	file = begin("A=1\nB=\0002\nC=3", 12);
	assert_int_equal(env_file_next(&file), ENV_FILE_VALUE);
	assert_int_equal(env_file_next(&file), ENV_FILE_FAULT);
	assert_string_equal(file.fault, "not text");
}

static void reads_lines_of_any_length(void **state) {
	enum { BYTES = 100 * 1000 };
	char *text = malloc(BYTES + 1);
	struct env_file file;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', BYTES);
	memcpy(text, "A=", 2);
	text[BYTES] = '\0';
	env_file_begin(&file, text, BYTES);
	assert_int_equal(env_file_next(&file), ENV_FILE_VALUE);
	assert_int_equal(strlen(file.value), BYTES - 2);
	assert_int_equal(env_file_next(&file), ENV_FILE_END);
	free(text);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_values_and_passes_comments_over),
		cmocka_unit_test(passes_the_shells_export_over),
		cmocka_unit_test(takes_quotes_off_the_whole_value),
		cmocka_unit_test(says_where_others_would_read_something_else),
		cmocka_unit_test(refuses_what_it_does_not_understand),
		cmocka_unit_test(reads_lines_of_any_length),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
