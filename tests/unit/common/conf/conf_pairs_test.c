// SPDX-License-Identifier: MPL-2.0
// conf_pairs_test: options whose name goes on behind a dot.
#include "common/conf/conf.h"
#include "common/conf/conf_help.h"
#include "support/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct wishes {
	bool force;
	struct conf_list properties;
	char *file;
};

static const char *item(const struct wishes *wishes, size_t index) {
	return index < wishes->properties.count && wishes->properties.items != NULL
		? wishes->properties.items[index]
		: "";
}

static const struct conf_row rows[] = {
	{.name = "force", .kind = CONF_FLAG, .offset = offsetof(struct wishes, force)},
	{.name = "client.",
	 .kind = CONF_PAIRS,
	 .offset = offsetof(struct wishes, properties),
	 .secret = true},
	{.name = "file", .kind = CONF_STRING, .offset = offsetof(struct wishes, file)},
};

static int parse_words(struct conf **conf, struct wishes *wishes, char **argv, int argc) {
	const struct conf_group group = {.title = "t", .rows = rows, .count = 3, .base = wishes};
	const struct conf_input input = {.argc = argc, .argv = argv, .file_row = "file"};
	char error[256];

	memset(wishes, 0, sizeof(*wishes));
	return conf_parse(conf, &group, 1, &input, error, sizeof(error));
}

static void takes_the_key_from_the_name(void **state) {
	char first[] = "--client.a_b.c-d=1,2";
	char second[] = "--client.x";
	char value[] = "-5";
	char flag[] = "--force";
	char *argv[] = {first, second, value, flag};
	struct wishes wishes;
	struct conf *conf;

	(void)state;
	assert_int_equal(parse_words(&conf, &wishes, argv, 4), 0);
	assert_int_equal(wishes.properties.count, 2);
	assert_string_equal(item(&wishes, 0), "a_b.c-d=1,2");
	assert_string_equal(item(&wishes, 1), "x=-5");
	assert_true(wishes.force);
	assert_string_equal(value, "xx");
	conf_free(conf);
}

static void refuses_a_key_without_a_value_and_a_name_without_a_key(void **state) {
	static const char *const words[] = {"--client.a", "--client.=b", "--client=b"};

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		char word[32];
		char *argv[] = {word};
		struct wishes wishes;
		struct conf *conf;

		snprintf(word, sizeof(word), "%s", words[i]);
		assert_int_equal(parse_words(&conf, &wishes, argv, 1), -EINVAL);
	}
}

static void puts_the_pairs_of_the_file_before_those_of_the_command_line(void **state) {
	char path[] = "/tmp/conf_pairs_XXXXXX";
	static const char text[] = "client.a = from file\nclient.b = also\n";
	char word[] = "--client.a=from words";
	char option[] = "--file";
	char *argv[] = {word, option, path};
	struct wishes wishes;
	struct conf *conf;
	int fd = mkstemp(path);

	(void)state;
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, sizeof(text) - 1), sizeof(text) - 1);
	close(fd);
	assert_int_equal(parse_words(&conf, &wishes, argv, 3), 0);
	unlink(path);
	assert_string_equal(wishes.file, path);
	assert_int_equal(wishes.properties.count, 3);
	assert_string_equal(item(&wishes, 0), "a=from file");
	assert_string_equal(item(&wishes, 1), "b=also");
	assert_string_equal(item(&wishes, 2), "a=from words");
	conf_free(conf);
}

static void shows_the_key_in_help(void **state) {
	struct wishes wishes;
	const struct conf_group group = {.title = "t", .rows = rows, .count = 3, .base = &wishes};
	char *help = conf_help(&group, 1, &(struct conf_facts){.has = 0});

	(void)state;
	assert_non_null(help);
	assert_non_null(strstr(help, "--client.KEY=VALUE"));
	free(help);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_the_key_from_the_name),
		cmocka_unit_test(refuses_a_key_without_a_value_and_a_name_without_a_key),
		cmocka_unit_test(puts_the_pairs_of_the_file_before_those_of_the_command_line),
		cmocka_unit_test(shows_the_key_in_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
