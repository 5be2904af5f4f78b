// SPDX-License-Identifier: MPL-2.0
// conf_env_file_test: options from a file of environment variables.
#include "common/conf/conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support/options.h"
#include "support/test.h"

// The file's path in what was told is FILE.
static void shorten(struct fixture *fixture, const char *path) {
	char *at = strstr(fixture->error, path);
	char rest[sizeof(fixture->error)];

	if (at == NULL)
		return;
	snprintf(rest, sizeof(rest), "%s", at + strlen(path));
	snprintf(at, sizeof(fixture->error) - (size_t)(at - fixture->error), "FILE%s", rest);
}

// Parses `line`, with the variable `env` (NULL: none) and a file with `text`.
static int parse_env(struct fixture *fixture, const char *line, const char *env, const char *text) {
	int fd = memfd_create("variables", MFD_CLOEXEC);
	char copy[64] = "", path[64];
	char *envp[] = {env == NULL ? NULL : copy, NULL};
	int ret;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	snprintf(copy, sizeof(copy), "%s", env == NULL ? "" : env);
	ret = parse_input(fixture, line, (struct conf_input){.envp = envp, .env_file = path});
	shorten(fixture, path);
	close(fd);
	return ret;
}

static void assert_port(int64_t port, const char *line, const char *env, const char *text) {
	struct fixture fixture;
	int ret = parse_env(&fixture, line, env, text);

	if (ret != 0)
		fail_msg("%s", fixture.error);
	assert_int_equal(fixture.options.port, port);
	assert_int_equal(conf_is_set(fixture.conf, "port"), port != 8125);
	conf_free(fixture.conf);
}

static void it_goes_behind_command_line_and_environment(void **state) {
	(void)state;
	assert_port(1, "", NULL, "OTHER=7\nNEW_PORT=1\n");
	assert_port(2, "--port 2", NULL, "NEW_PORT=1\n");
	assert_port(3, "", "NEW_PORT=3", "NEW_PORT=1\n");
	assert_port(3, "", "OLD_PORT=3", "NEW_PORT=1\n");
	assert_port(1, "", "NEW_PORT=", "NEW_PORT=1\n");
}

static void the_last_one_counts_and_an_empty_one_is_not_set(void **state) {
	(void)state;
	assert_port(2, "", NULL, "NEW_PORT=1\nNEW_PORT=2\n");
	assert_port(2, "", NULL, "NEW_PORT=$x\nNEW_PORT=2\n");
	assert_port(8125, "", NULL, "NEW_PORT=1\nNEW_PORT=\n");
	assert_port(3, "", NULL, "OLD_PORT=3\nNEW_PORT=\n");
	assert_port(1, "", NULL, "OLD_PORT=3\nNEW_PORT=1\n");
}

static void it_goes_before_the_file_of_options(void **state) {
	int fd = memfd_create("options", MFD_CLOEXEC);
	int env_fd = memfd_create("variables", MFD_CLOEXEC);
	char path[64], line[128];
	struct fixture fixture;

	(void)state;
	assert_int_equal(write(fd, "port = 5\nmax-records = 6\n", 25), 25);
	assert_int_equal(write(env_fd, "NEW_PORT=4\n", 11), 11);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", env_fd);
	snprintf(line, sizeof(line), "--secret-file /proc/self/fd/%d", fd);
	assert_int_equal(
		parse_input(
			&fixture,
			line,
			(struct conf_input){.file_row = "secret-file", .env_file = path}
		),
		0
	);
	assert_int_equal(fixture.options.port, 4);
	assert_int_equal(fixture.options.max_records, 6);
	conf_free(fixture.conf);
	close(fd);
	close(env_fd);
}

static void assert_refused(const char *text, const char *error) {
	struct fixture fixture;

	assert_int_equal(parse_env(&fixture, "", NULL, text), -EINVAL);
	assert_null(fixture.conf);
	assert_string_equal(fixture.error, error);
}

static void what_is_wrong_is_told_with_its_line(void **state) {
	(void)state;
	assert_refused(
		"\nNEW_PORT\n", "environment file FILE line 2: neither NAME=VALUE nor a comment"
	);
	assert_refused(
		"NEW_PORT=$PORT",
		"environment file FILE line 1: nothing is expanded here: put the value with its $ "
		"or ` between single quotes"
	);
	assert_refused(
		"A=1\nNEW_PORT=0",
		"environment file FILE line 2: '--port' wants a whole number from 1 to 65535, not "
		"'0'"
	);
}

static void odd_values_of_what_no_option_names_are_nothing_to_it(void **state) {
	(void)state;
	assert_port(1, "", NULL, "PATH=$PATH:/x\nGREETING=it's\nNEW_PORT=1\n");
}

static void only_one_that_may_miss_may(void **state) {
	struct fixture fixture;
	struct conf_input input = {.env_file = "/nowhere/at/all", .env_file_may_miss = true};

	(void)state;
	assert_int_equal(parse_input(&fixture, "", input), 0);
	conf_free(fixture.conf);
	input.env_file_may_miss = false;
	assert_int_equal(parse_input(&fixture, "", input), -ENOENT);
	assert_string_equal(
		fixture.error,
		"cannot read environment file /nowhere/at/all: No such file or directory"
	);
	input = (struct conf_input){.env_file = "/", .env_file_may_miss = true};
	assert_int_equal(parse_input(&fixture, "", input), -EISDIR);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_goes_behind_command_line_and_environment),
		cmocka_unit_test(the_last_one_counts_and_an_empty_one_is_not_set),
		cmocka_unit_test(it_goes_before_the_file_of_options),
		cmocka_unit_test(what_is_wrong_is_told_with_its_line),
		cmocka_unit_test(odd_values_of_what_no_option_names_are_nothing_to_it),
		cmocka_unit_test(only_one_that_may_miss_may),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
