// SPDX-License-Identifier: MPL-2.0
// conf_several_words_test: words that fill a row each.
#include "support/test.h"

#include "common/conf/conf.h"

#include <errno.h>
#include <stddef.h>

struct fields {
	char *verb;
	int64_t age;
	int64_t most;
	bool dry;
};

static const struct conf_row rows[] = {
	{.name = "verb", .kind = CONF_STRING, .offset = offsetof(struct fields, verb)},
	{.name = "age", .kind = CONF_INT, .offset = offsetof(struct fields, age)},
	{.name = "most", .kind = CONF_INT, .offset = offsetof(struct fields, most)},
	{.name = "dry",
	 .letter = 'd',
	 .kind = CONF_FLAG,
	 .offset = offsetof(struct fields, dry),
	 .word = "dryly"},
};

static int parse(struct fields *fields, struct conf **conf, char *error, char *const *words) {
	static const char *const names[] = {"verb", "age", "most", NULL};
	const struct conf_group group = {.rows = rows, .count = 4, .base = fields};
	struct conf_input input = {.argv = (char **)words, .words = names};
	*fields = (struct fields){0};
	while (words[input.argc] != NULL)
		input.argc++;
	return conf_parse(conf, &group, 1, &input, error, 200);
}

static void fill_their_rows_in_order_among_options(void **state) {
	(void)state;
	char *const lines[][6] = {
		{"purge", "30", "-1", "-d", NULL},
		{"-d", "purge", "--", "30", "-1", NULL},
		{"purge", "--dry", "30", "--most=-1", NULL},
	};
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		struct fields fields;
		struct conf *conf;
		char error[200];
		assert_int_equal(parse(&fields, &conf, error, lines[i]), 0);
		assert_string_equal(fields.verb, "purge");
		assert_int_equal(fields.age, 30);
		assert_int_equal(fields.most, -1);
		assert_true(fields.dry);
		conf_free(conf);
	}
}

static void are_refused_when_there_are_too_many(void **state) {
	(void)state;
	char *const words[] = {"purge", "1", "2", "3", NULL};
	struct fields fields;
	struct conf *conf;
	char error[200];
	assert_int_equal(parse(&fields, &conf, error, words), -EINVAL);
	assert_string_equal(error, "unexpected word '3'");
}

static void a_flag_is_set_by_its_own_word(void **state) {
	(void)state;
	static const char *const names[] = {"verb", "dry", NULL};
	char *good[] = {"purge", "dryly"}, *wrong[] = {"purge", "true"}, *none[] = {"purge"};
	struct fields fields = {0};
	const struct conf_group group = {.rows = rows, .count = 4, .base = &fields};
	struct conf_input input = {.argv = good, .argc = 2, .words = names};
	struct conf *conf;
	char error[200];

	assert_int_equal(conf_parse(&conf, &group, 1, &input, error, sizeof(error)), 0);
	assert_true(fields.dry);
	conf_free(conf);
	fields = (struct fields){0};
	input.argv = wrong;
	assert_int_equal(conf_parse(&conf, &group, 1, &input, error, sizeof(error)), -EINVAL);
	assert_string_equal(error, "unexpected word 'true'; only 'dryly' may stand there");
	input.argv = none;
	input.argc = 1;
	assert_int_equal(conf_parse(&conf, &group, 1, &input, error, sizeof(error)), 0);
	assert_false(fields.dry);
	conf_free(conf);
}

static void a_flag_is_set_by_its_word_with_dashes_too(void **state) {
	(void)state;
	static const char *const names[] = {"verb", "dry", NULL};
	static const struct conf_row without_letter[] = {
		{.name = "verb", .kind = CONF_STRING, .offset = offsetof(struct fields, verb)},
		{.name = "parched",
		 .kind = CONF_FLAG,
		 .offset = offsetof(struct fields, dry),
		 .word = "once"},
	};
	static const char *const parched[] = {"verb", "parched", NULL};
	char *long_words[] = {"--dryly", "purge"}, letter[] = "-o", *letters[] = {"purge", letter};
	char *cut[] = {"--on"};
	struct fields fields = {0};
	struct conf_group group = {.rows = rows, .count = 4, .base = &fields};
	struct conf_input input = {.argv = long_words, .argc = 2, .words = names};
	struct conf *conf;
	char error[200];

	assert_int_equal(conf_parse(&conf, &group, 1, &input, error, sizeof(error)), 0);
	assert_true(fields.dry);
	assert_string_equal(fields.verb, "purge");
	conf_free(conf);
	fields = (struct fields){0};
	group.rows = without_letter;
	group.count = 2;
	input.argv = letters;
	input.words = parched;
	assert_int_equal(conf_parse(&conf, &group, 1, &input, error, sizeof(error)), 0);
	assert_true(fields.dry);
	conf_free(conf);
	input.argv = cut;
	input.argc = 1;
	assert_int_equal(conf_parse(&conf, &group, 1, &input, error, sizeof(error)), -EINVAL);
	// Where it is no word it is no option.
	input.argv = letters;
	input.argc = 2;
	input.words = NULL;
	input.positional = "verb";
	assert_int_equal(conf_parse(&conf, &group, 1, &input, error, sizeof(error)), -EINVAL);
	assert_string_equal(error, "unknown option '-o'; see --help");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fill_their_rows_in_order_among_options),
		cmocka_unit_test(a_flag_is_set_by_its_own_word),
		cmocka_unit_test(a_flag_is_set_by_its_word_with_dashes_too),
		cmocka_unit_test(are_refused_when_there_are_too_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
