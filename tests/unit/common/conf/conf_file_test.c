// SPDX-License-Identifier: MPL-2.0
// conf_file_test: options from an INI file.
#include "common/conf/conf.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support/options.h"
#include "support/test.h"

struct file { // in memory, but with a path
	int fd;
	char path[64];
};

static void open_file(struct file *file, const void *bytes, size_t len) {
	file->fd = memfd_create("options", MFD_CLOEXEC);
	assert_true(file->fd >= 0);
	assert_int_equal(write(file->fd, bytes, len), (ssize_t)len);
	snprintf(file->path, sizeof(file->path), "/proc/self/fd/%d", file->fd);
}

// Parses `line` and the file at `path`.
static int parse_with(
	struct fixture *fixture, const char *line, const char *path, struct conf_input input
) {
	char with_file[256];

	snprintf(with_file, sizeof(with_file), "--secret-file %s %s", path, line);
	input.file_row = "secret-file";
	return parse_input(fixture, with_file, input);
}

// Parses `line` and a file with `text`.
static int parse_file(
	struct fixture *fixture, const char *line, const char *text, struct conf_input input
) {
	struct file file;
	int ret;

	open_file(&file, text, strlen(text));
	ret = parse_with(fixture, line, file.path, input);
	close(file.fd);
	return ret;
}

static void reads_keys_and_values(void **state) {
	struct fixture fixture;
	int ret = parse_file(
		&fixture,
		"",
		"\xEF\xBB\xBF# a comment\n"
		"; another\r\n"
		"\n"
		"port = 42\r\n"
		"  max_records=5  \n"
		"\toverride-node\t=\thttp://n/?a=b#c ; d \n"
		"force = yes\n"
		"allow-node = a, b\n"
		"allow-node = c\n"
		"purge-interval = 5m\n"
		"secret = s e c\n"
		"node-keys = uid",
		(struct conf_input){0}
	);

	(void)state;
	assert_int_equal(ret, 0);
	assert_int_equal(fixture.options.port, 42);
	assert_int_equal(fixture.options.max_records, 5);
	assert_string_equal(fixture.options.node, "http://n/?a=b#c ; d");
	assert_true(fixture.options.force);
	assert_int_equal(fixture.options.allow.count, 3);
	assert_string_equal(fixture.options.allow.items[1], "b");
	assert_int_equal(fixture.options.interval_ms, 300000);
	assert_string_equal(fixture.options.secret, "s e c");
	assert_int_equal(fixture.options.node_keys, 1);
	assert_true(conf_is_set(fixture.conf, "port"));
	conf_free(fixture.conf);
}

static void goes_behind_words_and_environment(void **state) {
	static char *env[] = {"OLD_PORT=2", "THE_SECRET=", NULL};
	static const struct conf_preset presets[] = {{"share", "0.1"}, {"port", "5"}, {NULL, NULL}};
	struct fixture fixture;
	int ret = parse_file(
		&fixture,
		"--max-records 1",
		"max-records = 9\nport = 9\nshare = 0.5\nsecret = filed\n",
		(struct conf_input){.envp = env, .presets = presets}
	);

	(void)state;
	assert_int_equal(ret, 0);
	assert_int_equal(fixture.options.max_records, 1);
	assert_int_equal(fixture.options.port, 2);
	assert_float_equal(fixture.options.share, 0.5, 0);
	assert_string_equal(fixture.options.secret, "filed");
	conf_free(fixture.conf);
}

static void reads_what_is_before_and_in_the_section_of_that_name(void **state) {
	static const struct {
		const char *text;
		int64_t port;
	} cases[] = {
		{"port = 1\n[ purgefleet ]\nport = 2\n", 2},
		{"port = 1\n[purgefleet]\n", 1},
		{"", 8125},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture fixture;

		assert_int_equal(
			parse_file(&fixture, "", cases[i].text, (struct conf_input){0}), 0
		);
		assert_int_equal(fixture.options.port, cases[i].port);
		conf_free(fixture.conf);
	}
}

static const char *const sections[] = {"run", "work", NULL};
static const struct conf_row others[] = {
	{.name = "brokers", .kind = CONF_LIST},
	{.name = "kafka.", .kind = CONF_PAIRS},
};
static const struct conf_group elsewhere[] = {{.rows = others, .count = 2}};
static const struct conf_input of_work = {
	.section = "work", .sections = sections, .elsewhere = elsewhere, .elsewhere_count = 1};

static void the_section_of_the_command_goes_first_and_those_of_others_are_passed_over(void **state
) {
	static const struct {
		const char *text;
		int64_t port;
	} cases[] = {
		{"port = 1\n[work]\nport = 2\n", 2},
		{"[work]\nport = 2\n[purgefleet]\nport = 1\n", 2},
		{"[work]\nport = 2\n[work]\nport = 3\n", 3},
		{"port = 1\n[run]\nport = 2\nwhat_is_this = 3\n", 1},
		{"[run]\nport = 2\n[work]\n", 8125},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture fixture;

		assert_int_equal(parse_file(&fixture, "", cases[i].text, of_work), 0);
		assert_int_equal(fixture.options.port, cases[i].port);
		conf_free(fixture.conf);
		assert_int_equal(parse_file(&fixture, "--port 9", cases[i].text, of_work), 0);
		assert_int_equal(fixture.options.port, 9);
		conf_free(fixture.conf);
	}
}

static void what_other_commands_have_may_stand_where_it_is_for_all(void **state) {
	static const struct {
		const char *text, *error; // NULL: fine
	} cases[] = {
		{"brokers = x\nkafka.sasl_mechanism = y\n[purgefleet]\nBROKERS=\n",
		 "line 4: unknown key 'BROKERS'; see --help"},
		{"brokers = x\n[purgefleet]\nkafka.acks = all\nkafka.a_b=c\n", NULL},
		{"[work]\nbrokers = x\n", "line 2: unknown key 'brokers'; see --help"},
		{"[work]\nport = 1\n[purgefleet]\nbrokers = x\n", NULL},
		{"broker = x\n", "line 1: unknown key 'broker'; see --help"},
		{"kafka. = x\n", "line 1: unknown key 'kafka.'; see --help"},
		{"[works]\n",
		 "line 1: a section is [purgefleet], for all commands, or the name of one; put the "
		 "options there"},
		{"[work]\nport = x\n",
		 "line 2: '--port' wants a whole number from 1 to 65535, not 'x'"},
		{"[run]\nno line\n",
		 "line 2: neither 'key = value', nor '[section]', nor a comment"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture fixture;
		int ret = parse_file(&fixture, "", cases[i].text, of_work);

		assert_int_equal(ret, cases[i].error == NULL ? 0 : -EINVAL);
		if (cases[i].error != NULL)
			assert_string_equal(strstr(fixture.error, "line"), cases[i].error);
		conf_free(fixture.conf);
	}
}

static void names_the_line_that_is_wrong(void **state) {
	static const struct {
		const char *text, *error;
	} cases[] = {
		{"port = 1\n[other]\nport = 3\n",
		 "line 2: a section is [purgefleet], for all commands, or the name of one; put the "
		 "options there"},
		{"[]\nport = 3",
		 "line 1: a section is [purgefleet], for all commands, or the name of one; put the "
		 "options there"},
		{"\nprot = 1\n", "line 2: unknown key 'prot'; did you mean 'port'?"},
		{"what_is_this = 1\n", "line 1: unknown key 'what_is_this'; see --help"},
		{"grace = 1\n", "line 1: unknown key 'grace'; see --help"},
		{"port = 1\n\nport = x",
		 "line 3: '--port' wants a whole number from 1 to 65535, not 'x'"},
		{"force =\n", "line 1: '--force' wants true or false, not ''"},
		{"hunter2\n", "line 1: neither 'key = value', nor '[section]', nor a comment"},
		{"[purgefleet\n", "line 1: a section must end with ']'"},
		{"[\n", "line 1: a section must end with ']'"},
		{"\nsecret_file = /x\n",
		 "line 2: a file cannot name another one; put its options here"},
		{" = 5\n", "line 1: unknown key ''; see --help"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture fixture;
		int ret = parse_file(&fixture, "", cases[i].text, (struct conf_input){0});

		assert_int_equal(ret, -EINVAL);
		assert_non_null(strstr(fixture.error, "file /proc/self/fd/"));
		assert_string_equal(strstr(fixture.error, "line"), cases[i].error);
	}
}

static void refuses_bytes_that_are_no_text(void **state) {
	struct fixture fixture;
	struct file file;

	(void)state;
	open_file(&file, "port = 1\0x\n", 11);
	assert_int_equal(parse_with(&fixture, "", file.path, (struct conf_input){0}), -EINVAL);
	assert_string_equal(strstr(fixture.error, "line"), "line 1: not text");
	close(file.fd);
}

static void refuses_a_file_that_is_too_large(void **state) {
	struct fixture fixture;
	struct file file;

	(void)state;
	open_file(&file, "", 0);
	assert_int_equal(ftruncate(file.fd, 1048576), 0);
	assert_int_equal(parse_with(&fixture, "", file.path, (struct conf_input){0}), -EINVAL);
	assert_non_null(strstr(fixture.error, "is too large"));
	close(file.fd);
}

static void tells_why_a_file_cannot_be_read(void **state) {
	struct fixture fixture;

	(void)state;
	assert_int_equal(
		parse_with(&fixture, "", "/nowhere/file", (struct conf_input){0}), -ENOENT
	);
	assert_string_equal(
		fixture.error, "cannot read file /nowhere/file: No such file or directory"
	);
	assert_int_equal(parse_with(&fixture, "", "/", (struct conf_input){0}), -EISDIR);
}

static void reads_the_file_that_a_row_names(void **state) {
	const struct conf_input input = {.file_row = "override-node"};
	struct fixture fixture;
	struct file file;
	char line[128];

	(void)state;
	open_file(&file, "port = 5\n", 9);
	snprintf(line, sizeof(line), "--override /nowhere/file --over=%s", file.path);
	assert_int_equal(parse_input(&fixture, line, input), 0);
	assert_int_equal(fixture.options.port, 5);
	conf_free(fixture.conf);
	assert_int_equal(parse_input(&fixture, "", input), 0);
	assert_int_equal(fixture.options.port, 8125);
	conf_free(fixture.conf);
	close(file.fd);
}

static void does_not_read_the_file_for_help(void **state) {
	struct fixture fixture;

	(void)state;
	assert_int_equal(
		parse_with(&fixture, "--help", "/nowhere/file", (struct conf_input){0}), 1
	);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_keys_and_values),
		cmocka_unit_test(goes_behind_words_and_environment),
		cmocka_unit_test(reads_what_is_before_and_in_the_section_of_that_name),
		cmocka_unit_test(
			the_section_of_the_command_goes_first_and_those_of_others_are_passed_over
		),
		cmocka_unit_test(what_other_commands_have_may_stand_where_it_is_for_all),
		cmocka_unit_test(names_the_line_that_is_wrong),
		cmocka_unit_test(refuses_bytes_that_are_no_text),
		cmocka_unit_test(refuses_a_file_that_is_too_large),
		cmocka_unit_test(tells_why_a_file_cannot_be_read),
		cmocka_unit_test(reads_the_file_that_a_row_names),
		cmocka_unit_test(does_not_read_the_file_for_help),
	};

	return cmocka_run_group_tests_name("conf_file", tests, NULL, NULL);
}
