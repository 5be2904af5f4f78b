// SPDX-License-Identifier: MPL-2.0
// conf_again_test: the file is read again. verbose, max-records and override-node are live.
#include "common/base/buf.h"
#include "common/conf/conf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support/options.h"
#include "support/test.h"

struct case_file {
	struct fixture fixture;
	int fd;
	// "NAME KIND BEFORE NOW;" for each change.
	struct buf told;
	char error[512];
};

static void write_file(const struct case_file *file, const char *text) {
	assert_int_equal(ftruncate(file->fd, 0), 0);
	assert_int_equal(pwrite(file->fd, text, strlen(text), 0), (ssize_t)strlen(text));
}

// A command was started with `line` and a file with `text`.
static void start_input(
	struct case_file *file, const char *line, const char *text, struct conf_input input
) {
	char with_file[256];

	*file = (struct case_file){.fd = memfd_create("options", MFD_CLOEXEC)};
	assert_true(file->fd >= 0);
	write_file(file, text);
	snprintf(with_file, sizeof(with_file), "--secret-file /proc/self/fd/%d %s", file->fd, line);
	input.file_row = "secret-file";
	if (parse_input(&file->fixture, with_file, input) != 0)
		fail_msg("%s", file->fixture.error);
}

static void start(struct case_file *file, const char *line, const char *text) {
	start_input(file, line, text, (struct conf_input){0});
}

static void end(struct case_file *file) {
	conf_free(file->fixture.conf);
	buf_fini(&file->told);
	close(file->fd);
}

static void tell(void *ctx, const struct conf_change *change) {
	static const char *const kinds[] = {"taken", "waits", "overruled"};

	buf_fmt(ctx,
		"%s %s %s %s;",
		change->row->name,
		kinds[change->kind],
		change->before == NULL ? "-" : change->before,
		change->now == NULL ? "-" : change->now);
}

static int again(struct case_file *file, const char *text) {
	write_file(file, text);
	buf_clear(&file->told);
	return conf_again(file->fixture.conf, tell, &file->told, file->error, sizeof(file->error));
}

// The file says `text` now, and of that `told` is told.
static void tells(struct case_file *file, const char *text, const char *told) {
	assert_int_equal(again(file, text), 0);
	assert_string_equal(buf_text(&file->told), told);
}

static void a_live_option_takes_what_the_file_says_now(void **state) {
	struct case_file file;

	(void)state;
	start(&file, "", "max-records = 5\noverride-node = http://a\n");
	tells(&file,
	      "max-records = 6\noverride-node = http://b\nverbose = true\n",
	      "verbose taken - true;max-records taken 5 6;"
	      "override-node taken http://a http://b;");
	assert_int_equal(file.fixture.options.max_records, 6);
	assert_string_equal(file.fixture.options.node, "http://b");
	assert_true(file.fixture.options.verbose);
	tells(&file, "max-records = 6\noverride-node = http://b\nverbose = true\n", "");
	end(&file);
}

static void one_that_is_gone_from_the_file_has_its_default_again(void **state) {
	struct case_file file;

	(void)state;
	start(&file, "", "max-records = 5\noverride-node = http://a\nverbose = on\n");
	tells(&file, "", "verbose taken on -;max-records taken 5 7;override-node taken http://a -;"
	);
	assert_int_equal(file.fixture.options.max_records, 7);
	assert_null(file.fixture.options.node);
	assert_false(file.fixture.options.verbose);
	assert_false(conf_is_set(file.fixture.conf, "max-records"));
	end(&file);
}

static void others_wait_and_are_told_each_time_by_their_names_alone(void **state) {
	static const char now[] = "port = 2\nsecret = new\nallow-node = a,c\n";
	static const char told[] = "port waits - -;allow-node waits - -;secret waits - -;";
	struct case_file file;

	(void)state;
	start(&file, "", "port = 1\nsecret = old\nallow-node = a\nallow-node = b\n");
	tells(&file, now, told);
	tells(&file, now, told);
	assert_int_equal(file.fixture.options.port, 1);
	assert_string_equal(file.fixture.options.secret, "old");
	assert_int_equal(file.fixture.options.allow.count, 2);
	tells(&file, "port = 1\nsecret = old\nallow-node = a\nallow-node = b\n", "");
	tells(&file,
	      "port = 1\nsecret = old\nallow-node = a\nallow-node = c\n",
	      "allow-node waits - -;");
	end(&file);
}

static void a_value_that_is_refused_changes_nothing(void **state) {
	struct case_file file;

	(void)state;
	start(&file, "", "max-records = 5\n");
	assert_int_equal(again(&file, "max-records = 6\nport = 0\n"), -EINVAL);
	assert_non_null(strstr(file.error, "port"));
	assert_string_equal(buf_text(&file.told), "");
	assert_int_equal(file.fixture.options.max_records, 5);
	assert_int_equal(file.fixture.options.port, 8125);
	assert_int_equal(again(&file, "max-record = 6\n"), -EINVAL);
	tells(&file, "max-records = 6\n", "max-records taken 5 6;");
	end(&file);
}

static void what_command_line_and_environment_say_stays_and_that_is_told_once(void **state) {
	static char *env[] = {"OLD_PORT=2", NULL};
	struct case_file file;

	(void)state;
	start_input(
		&file,
		"--max-records 1",
		"max-records = 5\nport = 1\n",
		(struct conf_input){.envp = env}
	);
	tells(&file, "max-records = 6\nport = 3\n", "max-records overruled 5 6;");
	tells(&file, "max-records = 6\nport = 3\n", "");
	assert_int_equal(file.fixture.options.max_records, 1);
	assert_int_equal(file.fixture.options.port, 2);
	end(&file);
}

static void a_secret_that_argv_has_no_more_is_the_same(void **state) {
	struct case_file file;

	(void)state;
	start(&file, "--secret hushhush", "max-records = 5\n");
	assert_string_not_equal(file.fixture.argv[3], "hushhush");
	tells(&file, "max-records = 6\n", "max-records taken 5 6;");
	assert_string_equal(file.fixture.options.secret, "hushhush");
	end(&file);
}

static void the_section_of_the_command_still_goes_first(void **state) {
	static const char *const sections[] = {"work", "run", NULL};
	struct case_file file;

	(void)state;
	start_input(
		&file,
		"",
		"max-records = 1\n",
		(struct conf_input){.section = "work", .sections = sections}
	);
	tells(&file,
	      "max-records = 1\n[work]\nmax-records = 2\n[run]\nmax-records = 3\n",
	      "max-records taken 1 2;");
	assert_int_equal(file.fixture.options.max_records, 2);
	tells(&file, "max-records = 4\n[work]\nmax-records = 2\n", "");
	tells(&file, "max-records = 4\n", "max-records taken 2 4;");
	assert_int_equal(file.fixture.options.max_records, 4);
	end(&file);
}

static void options_of_other_commands_are_still_passed_over(void **state) {
	struct conf_row others[] = {{.name = "brokers", .kind = CONF_LIST}};
	struct conf_group elsewhere[] = {{.rows = others, .count = 1}};
	struct case_file file;

	(void)state;
	start_input(
		&file,
		"",
		"brokers = a\n",
		(struct conf_input){.elsewhere = elsewhere, .elsewhere_count = 1}
	);
	memset(elsewhere, 0, sizeof(elsewhere)); // it was the caller's
	tells(&file, "brokers = b\nmax-records = 2\n", "max-records taken 7 2;");
	end(&file);
}

static void what_is_no_regular_file_is_not_read_again(void **state) {
	struct case_file file;
	int null = open("/dev/null", O_RDONLY | O_CLOEXEC);

	(void)state;
	start(&file, "", "max-records = 5\n");
	assert_int_equal(dup3(null, file.fd, O_CLOEXEC), file.fd);
	assert_int_equal(
		conf_again(file.fixture.conf, tell, NULL, file.error, sizeof(file.error)), -ENOTSUP
	);
	assert_non_null(strstr(file.error, "is no regular file"));
	assert_int_equal(file.fixture.options.max_records, 5);
	close(null);
	end(&file);
}

static void a_file_that_is_gone_changes_nothing(void **state) {
	struct case_file file;

	(void)state;
	start(&file, "", "max-records = 5\n");
	close(file.fd);
	assert_int_equal(
		conf_again(file.fixture.conf, tell, NULL, file.error, sizeof(file.error)), -ENOENT
	);
	assert_non_null(strstr(file.error, "cannot read file"));
	assert_int_equal(file.fixture.options.max_records, 5);
	file.fd = -1;
	end(&file);
}

static void whether_there_is_a_file_is_known(void **state) {
	struct case_file file;
	struct fixture fixture;

	(void)state;
	start(&file, "", "");
	assert_true(conf_has_file(file.fixture.conf));
	end(&file);
	assert_int_equal(
		parse_input(&fixture, "", (struct conf_input){.file_row = "secret-file"}), 0
	);
	assert_false(conf_has_file(fixture.conf));
	conf_free(fixture.conf);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_live_option_takes_what_the_file_says_now),
		cmocka_unit_test(one_that_is_gone_from_the_file_has_its_default_again),
		cmocka_unit_test(others_wait_and_are_told_each_time_by_their_names_alone),
		cmocka_unit_test(a_value_that_is_refused_changes_nothing),
		cmocka_unit_test(what_command_line_and_environment_say_stays_and_that_is_told_once),
		cmocka_unit_test(a_secret_that_argv_has_no_more_is_the_same),
		cmocka_unit_test(the_section_of_the_command_still_goes_first),
		cmocka_unit_test(options_of_other_commands_are_still_passed_over),
		cmocka_unit_test(what_is_no_regular_file_is_not_read_again),
		cmocka_unit_test(a_file_that_is_gone_changes_nothing),
		cmocka_unit_test(whether_there_is_a_file_is_known),
	};

	return cmocka_run_group_tests_name("conf_again", tests, NULL, NULL);
}
