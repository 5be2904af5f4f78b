// SPDX-License-Identifier: MPL-2.0
// conf_own_file_test: options that a file of the application's own says.
#include "common/conf/conf.h"
#include "support/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct wishes {
	char *app;
	int64_t rate;
	int64_t size;
};

static const struct conf_row rows[] = {
	{.name = "app", .kind = CONF_STRING, .offset = offsetof(struct wishes, app)},
	{.name = "rate",
	 .kind = CONF_INT,
	 .offset = offsetof(struct wishes, rate),
	 .fallback = "1",
	 .env = "RATE",
	 .min = 1,
	 .max = 100},
	{.name = "size",
	 .kind = CONF_INT,
	 .offset = offsetof(struct wishes, size),
	 .fallback = "2"},
};

static const struct conf_preset presets[] = {{"rate", "5"}, {"size", "6"}, {NULL, NULL}};
static const char *rate; // that the file says

static int read_own(
	const char *path, conf_take_own *take, void *ctx, char *error, size_t error_bytes
) {
	int err;

	if (strcmp(path, "/app.conf") != 0) {
		snprintf(error, error_bytes, "cannot read %s", path);
		return -ENOENT;
	}
	err = take(ctx, "rate", rate, &(struct conf_place){path, 7});
	// Of another command.
	return err == 0 ? take(ctx, "colour", "red", &(struct conf_place){path, 8}) : err;
}

static const struct conf_own_file own_file = {.row = "app", .read = read_own};

struct story {
	struct wishes wishes;
	struct conf *conf;
	char error[256];
};

static int parse(struct story *story, char **argv, int argc, char **envp) {
	const struct conf_group group = {
		.title = "t", .rows = rows, .count = 3, .base = &story->wishes};
	const struct conf_input input = {
		.argc = argc,
		.argv = argv,
		.envp = envp,
		.own_file = &own_file,
		.presets = presets,
	};

	memset(story, 0, sizeof(*story));
	return conf_parse(&story->conf, &group, 1, &input, story->error, sizeof(story->error));
}

static void goes_before_presets_and_behind_all_else(void **state) {
	char app[] = "--app=/app.conf", word[] = "--rate=9", variable[] = "RATE=8";
	char *argv[] = {app, word}, *envp[] = {variable, NULL};
	struct story story;

	(void)state;
	rate = "7";
	assert_int_equal(parse(&story, argv, 1, NULL), 0);
	assert_int_equal(story.wishes.rate, 7);
	assert_string_equal(story.wishes.app, "/app.conf");
	assert_int_equal(story.wishes.size, 6);
	conf_free(story.conf);
	assert_int_equal(parse(&story, argv, 1, envp), 0);
	assert_int_equal(story.wishes.rate, 8);
	conf_free(story.conf);
	assert_int_equal(parse(&story, argv, 2, envp), 0);
	assert_int_equal(story.wishes.rate, 9);
	conf_free(story.conf);
}

static void is_not_read_when_nobody_names_it(void **state) {
	struct story story;

	(void)state;
	assert_int_equal(parse(&story, NULL, 0, NULL), 0);
	assert_int_equal(story.wishes.rate, 5);
	conf_free(story.conf);
}

static void a_value_that_is_wrong_is_named_with_its_place(void **state) {
	char app[] = "--app=/app.conf", word[] = "--rate=9";
	char *argv[] = {app, word};
	struct story story;

	(void)state;
	rate = "101";
	assert_int_equal(parse(&story, argv, 1, NULL), -EINVAL);
	assert_string_equal(
		story.error,
		"file /app.conf line 7: '--rate' wants a whole number from 1 to 100, not '101'"
	);
	// What another one says instead does no harm.
	assert_int_equal(parse(&story, argv, 2, NULL), 0);
	conf_free(story.conf);
}

static void a_file_that_cannot_be_read_is_an_error(void **state) {
	char app[] = "--app=/nowhere";
	char *argv[] = {app};
	struct story story;

	(void)state;
	assert_int_equal(parse(&story, argv, 1, NULL), -ENOENT);
	assert_string_equal(story.error, "cannot read /nowhere");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_before_presets_and_behind_all_else),
		cmocka_unit_test(is_not_read_when_nobody_names_it),
		cmocka_unit_test(a_value_that_is_wrong_is_named_with_its_place),
		cmocka_unit_test(a_file_that_cannot_be_read_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
