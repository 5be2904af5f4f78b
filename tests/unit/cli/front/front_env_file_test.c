// SPDX-License-Identifier: MPL-2.0
// front_env_file_test: which file of environment variables a command reads.
#include "support/test.h"

#include "cli/front/front.h"
#include "common/target/target.h"
#include "common/target/target_front.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct wishes {
	char *fruit;
};

static const struct conf_row rows[] = {
	{.name = "fruit",
	 .kind = CONF_STRING,
	 .env = "FRUIT",
	 .offset = offsetof(struct wishes, fruit)},
};

// A file in memory. Returns its descriptor.
static int make_file(const char *text, char path[64]) {
	int fd = memfd_create("variables", MFD_CLOEXEC);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	snprintf(path, 64, "/proc/self/fd/%d", fd);
	return fd;
}

// What a target with this file, and with this variable (NULL: none), gets; or the error.
static int parse(const char *env_file, char *variable, char *fruit, size_t bytes) {
	const struct target_front of_target = {.env_file = env_file};
	const struct target target = {.name = "garden", .front = &of_target};
	char *envp[] = {variable, NULL};
	struct wishes wishes = {.fruit = NULL};
	const struct conf_group group = {.title = "t", .rows = rows, .count = 1, .base = &wishes};
	const struct front_command command = {.name = "run", .groups = &group, .group_count = 1};
	const struct invocation invocation = {.envp = envp, .command = "run", .target = &target};
	struct conf *conf = NULL;
	int err = front_parse(&conf, &invocation, &command);

	snprintf(fruit, bytes, "%s", wishes.fruit == NULL ? "" : wishes.fruit);
	conf_free(conf);
	return err;
}

static void the_targets_own_is_read_when_it_is_there(void **state) {
	char path[64], fruit[16], variable[] = "FRUIT=plum";
	int fd = make_file("FRUIT=pear\n", path);

	(void)state;
	assert_int_equal(parse(path, NULL, fruit, sizeof(fruit)), 0);
	assert_string_equal(fruit, "pear");
	assert_int_equal(parse(path, variable, fruit, sizeof(fruit)), 0);
	assert_string_equal(fruit, "plum");
	assert_int_equal(parse("/nowhere/at/all", NULL, fruit, sizeof(fruit)), 0);
	assert_string_equal(fruit, "");
	assert_int_equal(parse(NULL, NULL, fruit, sizeof(fruit)), 0);
	close(fd);
}

static void another_one_may_be_named_or_none(void **state) {
	char path[64], other[64], fruit[16], variable[96], none[] = "PURGEFLEET_ENV_FILE=";
	int fd = make_file("FRUIT=pear\n", path);
	int other_fd = make_file("FRUIT=fig\n", other);

	(void)state;
	snprintf(variable, sizeof(variable), "PURGEFLEET_ENV_FILE=%s", other);
	assert_int_equal(parse(path, variable, fruit, sizeof(fruit)), 0);
	assert_string_equal(fruit, "fig");
	assert_int_equal(parse(NULL, variable, fruit, sizeof(fruit)), 0);
	assert_string_equal(fruit, "fig");
	assert_int_equal(parse(path, none, fruit, sizeof(fruit)), 0);
	assert_string_equal(fruit, "");
	close(fd);
	close(other_fd);
}

static void one_that_is_named_and_missing_or_wrong_is_wrong_usage(void **state) {
	char path[64], fruit[16], variable[] = "PURGEFLEET_ENV_FILE=/nowhere/at/all";
	int fd = make_file("FRUIT=pear\nwhat\n", path);

	(void)state;
	assert_int_equal(parse(NULL, variable, fruit, sizeof(fruit)), -EINVAL);
	assert_int_equal(parse(path, NULL, fruit, sizeof(fruit)), -EINVAL);
	close(fd);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_targets_own_is_read_when_it_is_there),
		cmocka_unit_test(another_one_may_be_named_or_none),
		cmocka_unit_test(one_that_is_named_and_missing_or_wrong_is_wrong_usage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
