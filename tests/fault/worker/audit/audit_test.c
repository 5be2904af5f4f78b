// SPDX-License-Identifier: MPL-2.0
// audit_test: processes that share an audit log get in nobody's way.
#include "support/test.h"

#include "worker/audit/audit.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { WRITERS = 4, LINES = 5000, LINE_BYTES = 1024 };

static const struct audit_entry entry = {
	.target = "fruit",
	.id = "an id that makes lines long enough for many of them to lie in two pages of the file",
	.end = "purged",
};

static int set_up(void **state) {
	static char path[] = "/tmp/purgefleet-audit-XXXXXX";
	int fd;

	snprintf(path, sizeof(path), "/tmp/purgefleet-audit-XXXXXX");
	fd = mkstemp(path);
	*state = path;
	return fd < 0 ? -1 : close(fd);
}

static int tear_down(void **state) {
	return unlink(*state);
}

static void write_lines(const char *path, int count) {
	struct audit *audit;
	char error[256];

	if (audit_open(&audit, path, error, sizeof(error)) < 0)
		_exit(1);
	for (int i = 0; i < count; i++)
		if (audit_note(audit, &entry) < 0)
			_exit(1);
	audit_close(audit);
}

static void start_writer(const char *path) {
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid > 0)
		return;
	write_lines(path, LINES);
	_exit(0);
}

static void await_writer(void) {
	int status = -1;

	assert_true(wait(&status) > 0);
	assert_int_equal(status, 0);
}

// All lines are whole.
static int count_lines(const char *path) {
	char line[LINE_BYTES];
	FILE *file = fopen(path, "re");
	int count = 0;

	assert_non_null(file);
	for (; fgets(line, sizeof(line), file) != NULL; count++) {
		assert_memory_equal(line, "{\"at\":", 6);
		assert_string_equal(line + strlen(line) - 3, "e}\n");
	}
	fclose(file);
	return count;
}

static void lines_of_several_are_whole_and_none_is_empty(void **state) {
	for (int i = 0; i < WRITERS; i++)
		start_writer(*state);
	for (int i = 0; i < WRITERS; i++)
		await_writer();
	assert_int_equal(count_lines(*state), WRITERS * LINES);
}

static void one_that_is_frozen_with_the_lock_holds_up_nobody(void **state) {
	FILE *file = fopen(*state, "ae");

	assert_non_null(file);
	assert_int_equal(flock(fileno(file), LOCK_EX), 0);
	write_lines(*state, 2);
	assert_int_equal(count_lines(*state), 2);
	fclose(file);
}

static void who_has_no_lock_looks_at_no_line_of_another(void **state) {
	FILE *file = fopen(*state, "ae");
	char line[2 * LINE_BYTES];

	assert_non_null(file);
	assert_int_equal(flock(fileno(file), LOCK_EX), 0);
	fputs("{\"half", file);
	fflush(file);
	write_lines(*state, 1);
	fclose(file);
	file = fopen(*state, "re");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	assert_memory_equal(line, "{\"half{\"at\":", 12);
	fclose(file);
}

static void the_lock_is_there_for_others_once_a_line_is_written(void **state) {
	FILE *file = fopen(*state, "ae");
	struct audit *audit;
	char error[256];

	assert_non_null(file);
	assert_int_equal(audit_open(&audit, *state, error, sizeof(error)), 0);
	assert_int_equal(audit_note(audit, &entry), 0);
	assert_int_equal(flock(fileno(file), LOCK_EX | LOCK_NB), 0);
	fclose(file);
	audit_close(audit);
}

static void a_file_that_was_removed_is_made_anew(void **state) {
	struct audit *audit;
	char error[256];

	assert_int_equal(audit_open(&audit, *state, error, sizeof(error)), 0);
	assert_int_equal(audit_note(audit, &entry), 0);
	assert_int_equal(unlink(*state), 0);
	assert_int_equal(audit_note(audit, &entry), 0);
	audit_close(audit);
	assert_int_equal(count_lines(*state), 1);
}

static void a_line_that_was_cut_off_is_ended(void **state) {
	char line[LINE_BYTES];
	FILE *file = fopen(*state, "ae");

	assert_non_null(file);
	fputs("{\"cut o", file);
	fclose(file);
	write_lines(*state, 1);
	file = fopen(*state, "re");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	assert_string_equal(line, "{\"cut o\n");
	assert_non_null(fgets(line, sizeof(line), file));
	assert_memory_equal(line, "{\"at\":", 6);
	fclose(file);
}

// As on a full disk: so many bytes fit.
static void limit_files(rlim_t bytes) {
	struct rlimit limit = {.rlim_cur = bytes, .rlim_max = RLIM_INFINITY};

	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_new_file_owes_nothing_for_a_line_that_was_cut_off_in_the_one_before(void **state) {
	struct audit *audit;
	char error[256];

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(audit_open(&audit, *state, error, sizeof(error)), 0);
	limit_files(20);
	assert_true(audit_note(audit, &entry) < 0);
	limit_files(RLIM_INFINITY);
	assert_int_equal(unlink(*state), 0); // and away it is
	assert_int_equal(audit_reopen(audit), 0);
	assert_int_equal(audit_note(audit, &entry), 0);
	audit_close(audit);
	assert_int_equal(count_lines(*state), 1);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			lines_of_several_are_whole_and_none_is_empty, set_up, tear_down
		),
		cmocka_unit_test_setup_teardown(
			one_that_is_frozen_with_the_lock_holds_up_nobody, set_up, tear_down
		),
		cmocka_unit_test_setup_teardown(
			who_has_no_lock_looks_at_no_line_of_another, set_up, tear_down
		),
		cmocka_unit_test_setup_teardown(
			the_lock_is_there_for_others_once_a_line_is_written, set_up, tear_down
		),
		cmocka_unit_test_setup_teardown(
			a_file_that_was_removed_is_made_anew, set_up, tear_down
		),
		cmocka_unit_test_setup_teardown(
			a_line_that_was_cut_off_is_ended, set_up, tear_down
		),
		cmocka_unit_test_setup_teardown(
			a_new_file_owes_nothing_for_a_line_that_was_cut_off_in_the_one_before,
			set_up,
			tear_down
		),
	};

	return cmocka_run_group_tests_name("audit", tests, NULL, NULL);
}
