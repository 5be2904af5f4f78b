// SPDX-License-Identifier: MPL-2.0
// dlrepo_erase_test: a directory is removed with all that is in it, and nothing besides.
#include "support/test.h"

#include "common/targets/dlrepo/repo/erase.h"
#include "common/targets/dlrepo/repo/subtree.h"
#include "support/repository.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DEEP = 110 };

static void assert_erased(const struct repository *repository, const char *name) {
	char where[300] = "untouched";

	assert_int_equal(erase(repository->fd, name, NULL, where, sizeof(where)), 0);
	assert_string_equal(where, "");
	assert_false(repository_has(repository, name));
}

static int check(const struct repository *repository, const char *path, char where[300]) {
	int fd = repository_open(repository, path);
	int err = erase_check(fd, NULL, where, 300);

	close(fd);
	return err;
}

static void a_deep_tree_goes_whole(void **state) {
	const struct repository *repository = *state;
	char where[300];

	repository_make_file(repository, "t/job/fmt/a/b/c/d/e/f/file", "x");
	repository_make_file(repository, "t/job/.stamp", "");
	repository_make_file(repository, "t/job/\xff \n", "");
	repository_make_dir(repository, "t/empty/inner");
	assert_int_equal(mkfifoat(repository->fd, "t/fifo", 0600), 0);
	repository_make_file(repository, "other", "x");
	assert_int_equal(check(repository, "t", where), 0);
	assert_string_equal(where, "");
	assert_true(repository_has(repository, "t/job/.stamp"));
	assert_erased(repository, "t");
	repository_assert_text(repository, "other", "x");
}

static void a_link_goes_and_what_it_leads_to_stays(void **state) {
	const struct repository *repository = *state;

	repository_make_file(repository, "elsewhere/file", "x");
	repository_make_link(repository, "t/tree", "../elsewhere");
	repository_make_link(repository, "t/file", "../elsewhere/file");
	repository_make_link(repository, "t/nowhere", "nothing");
	repository_make_link(repository, "t/above", "..");
	assert_erased(repository, "t");
	repository_make_link(repository, "link", "elsewhere");
	assert_erased(repository, "link");
	repository_assert_text(repository, "elsewhere/file", "x");
}

static void another_name_of_a_file_stays(void **state) {
	const struct repository *repository = *state;

	repository_make_file(repository, ".blobs/e3", "x");
	repository_make_name(repository, "t/file", ".blobs/e3");
	assert_erased(repository, "t");
	repository_assert_text(repository, ".blobs/e3", "x");
}

static void whatever_it_is_goes_and_what_is_gone_is_fine(void **state) {
	const struct repository *repository = *state;

	repository_make_file(repository, "file", "x");
	assert_erased(repository, "file");
	assert_erased(repository, "file");
}

static void directories_too_deep_to_be_meant_are_found_before_any_is_touched(void **state) {
	const struct repository *repository = *state;
	char path[2 * DEEP + 2] = "t", where[300];
	char *before, *after;

	for (size_t i = 0; i < DEEP; i++)
		memcpy(path + 1 + 2 * i, "/d", 3);
	repository_make_dir(repository, path);
	before = repository_tell(repository, "t");
	assert_int_equal(check(repository, "t", where), -EMLINK);
	assert_non_null(strstr(where, "d/d/d"));
	after = repository_tell(repository, "t");
	assert_string_equal(before, after);
	assert_int_equal(erase(repository->fd, "t", NULL, where, sizeof(where)), -EMLINK);
	assert_true(repository_has(repository, path));
	free(before);
	free(after);
}

static void what_may_not_be_read_stays_and_the_rest_goes(void **state) {
	struct repository *repository = *state;
	char where[300];

	repository_make_file(repository, "t/a/file", "x");
	repository_make_file(repository, "t/m/secret/file", "x");
	repository_make_file(repository, "t/z/file", "x");
	repository_drop_rights(repository);
	repository_chmod(repository, "t/m/secret", 0);
	assert_int_equal(check(repository, "t", where), -EACCES);
	assert_string_equal(where, "m/secret");
	assert_true(repository_has(repository, "t/a/file"));
	assert_int_equal(erase(repository->fd, "t", NULL, where, sizeof(where)), -EACCES);
	assert_string_equal(where, "t/m/secret");
	assert_false(repository_has(repository, "t/a"));
	assert_false(repository_has(repository, "t/z"));
	repository_chmod(repository, "t/m/secret", 0700);
	repository_assert_text(repository, "t/m/secret/file", "x");
}

static void what_may_not_be_changed_is_found_before_any_is_touched(void **state) {
	struct repository *repository = *state;
	char where[300];

	repository_make_file(repository, "t/a/file", "x");
	repository_make_file(repository, "t/m/file", "x");
	repository_drop_rights(repository);
	repository_chmod(repository, "t/m", 0500);
	assert_int_equal(check(repository, "t", where), -EACCES);
	assert_string_equal(where, "m");
	repository_chmod(repository, "t/m", 0700);
	repository_chmod(repository, "t", 0500);
	assert_int_equal(check(repository, "t", where), -EACCES);
	assert_string_equal(where, "");
	assert_true(repository_has(repository, "t/a/file"));
}

// Counts itself in *self.
static int hold_fast(
	const void *self, const struct subtree_entry *file, char *where, size_t where_bytes
) {
	(**(int *const *)self)++;
	if (strcmp(file->name, "fast") != 0)
		return 0;
	subtree_path(file, where, where_bytes);
	return -EBADMSG;
}

static void a_file_that_is_held_fast_stays_and_the_rest_goes(void **state) {
	const struct repository *repository = *state;
	int calls = 0;
	int *counter = &calls;
	const struct erase_first first = {.call = hold_fast, .self = &counter};
	char where[300];
	int fd;

	repository_make_file(repository, "t/a/file", "x");
	repository_make_file(repository, "t/m/fast", "x");
	repository_make_file(repository, "t/z/file", "x");
	fd = repository_open(repository, "t");
	assert_int_equal(erase_check(fd, &first, where, sizeof(where)), -EBADMSG);
	close(fd);
	assert_string_equal(where, "m/fast");
	assert_int_equal(calls, 3);
	assert_true(repository_has(repository, "t/a/file"));
	assert_int_equal(erase(repository->fd, "t", &first, where, sizeof(where)), -EBADMSG);
	assert_string_equal(where, "m/fast");
	assert_int_equal(calls, 6);
	assert_false(repository_has(repository, "t/a"));
	assert_false(repository_has(repository, "t/z"));
	repository_assert_text(repository, "t/m/fast", "x");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_REPOSITORY(a_deep_tree_goes_whole),
		IN_A_REPOSITORY(a_link_goes_and_what_it_leads_to_stays),
		IN_A_REPOSITORY(another_name_of_a_file_stays),
		IN_A_REPOSITORY(whatever_it_is_goes_and_what_is_gone_is_fine),
		IN_A_REPOSITORY(directories_too_deep_to_be_meant_are_found_before_any_is_touched),
		IN_A_REPOSITORY(what_may_not_be_read_stays_and_the_rest_goes),
		IN_A_REPOSITORY(what_may_not_be_changed_is_found_before_any_is_touched),
		IN_A_REPOSITORY(a_file_that_is_held_fast_stays_and_the_rest_goes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
