// SPDX-License-Identifier: MPL-2.0
// dlrepo_recovery_test: whatever a run that was cut off left is brought to its end by the next one.
#include "support/test.h"

#include "common/targets/dlrepo/removal/recovery.h"
#include "common/targets/dlrepo/repo/aside.h"
#include "support/repository.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define BLOB ".blobs/sha256/e3/e3b0"
#define ASIDE ".deleting/test/files/" BLOB

static void assert_recovered(const struct repository *repository, int64_t tags, int64_t files) {
	struct recovery recovery;

	recovery_run(repository->fd, NULL, &recovery);
	if (recovery.troubles > 0)
		fail_msg("%s", recovery.trouble);
	assert_int_equal(recovery.tags, tags);
	assert_int_equal(recovery.files, files);
	assert_false(repository_has(repository, ".deleting"));
}

static struct recovery recover_with_trouble(
	const struct repository *repository, const char *words
) {
	struct recovery recovery;

	recovery_run(repository->fd, NULL, &recovery);
	assert_true(recovery.troubles > 0);
	if (strstr(recovery.trouble, words) == NULL)
		fail_msg("'%s'", recovery.trouble);
	return recovery;
}

static void nothing_left_is_nothing_to_do(void **state) {
	const struct repository *repository = *state;

	assert_recovered(repository, 0, 0);
	repository_make_file(repository, BLOB, "content");
	repository_make_dir(repository, ".deleting");
	assert_recovered(repository, 0, 0);
	repository_make_dir(repository, ".deleting/test/tags");
	repository_make_dir(repository, ".deleting/test/files/.one");
	assert_recovered(repository, 0, 0);
	repository_assert_text(repository, BLOB, "content");
}

// --- files

static void a_directory_that_was_made_and_not_exchanged_goes(void **state) {
	const struct repository *repository = *state;

	repository_make_file(repository, BLOB, "content");
	repository_make_dir(repository, ASIDE);
	assert_recovered(repository, 0, 0);
	repository_assert_text(repository, BLOB, "content");
}

static void exchange(const struct repository *repository) {
	repository_make_file(repository, BLOB, "content");
	repository_make_old(repository, BLOB, 700);
	repository_make_dir(repository, ASIDE);
	assert_int_equal(aside_exchange(repository->fd, BLOB, repository->fd, ASIDE), 0);
}

// A server that came before the run was cut off meant the file.
static void a_file_whose_directory_was_touched_goes_back_as_new(void **state) {
	const struct timespec touched[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_sec = time(NULL) + 10}};
	const struct repository *repository = *state;

	exchange(repository);
	assert_int_equal(utimensat(repository->fd, BLOB, touched, 0), 0);
	assert_recovered(repository, 0, 1);
	repository_assert_text(repository, BLOB, "content");
	assert_true(repository_look(repository, BLOB).st_mtim.tv_sec > time(NULL) - 600);
}

static void a_file_that_was_exchanged_goes_back_with_its_time(void **state) {
	const struct repository *repository = *state;
	struct stat before, after;

	exchange(repository);
	before = repository_look(repository, ASIDE);
	assert_recovered(repository, 0, 1);
	repository_assert_text(repository, BLOB, "content");
	after = repository_look(repository, BLOB);
	assert_int_equal(before.st_mtim.tv_sec, after.st_mtim.tv_sec);
	assert_int_equal(before.st_ino, after.st_ino);
}

static void a_file_whose_name_is_free_goes_back(void **state) {
	const struct repository *repository = *state;

	repository_make_file(repository, ASIDE, "content");
	repository_make_dir(repository, ".blobs/sha256/e3");
	assert_recovered(repository, 0, 1);
	repository_assert_text(repository, BLOB, "content");
}

static void a_file_whose_directory_is_gone_goes_back(void **state) {
	const struct repository *repository = *state;

	repository_make_file(repository, ASIDE, "content");
	repository_make_file(repository, ".deleting/test/files/.uploads/\xff\n", "upload");
	assert_recovered(repository, 0, 2);
	repository_assert_text(repository, BLOB, "content");
	repository_assert_text(repository, ".uploads/\xff\n", "upload");
}

static void a_batch_that_was_cut_off_is_back_as_it_was(void **state) {
	static const char *const names[] = {"e300", "e301", "e302", "e303"};
	const struct repository *repository = *state;
	char path[100], aside[200];

	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), ".blobs/sha256/e3/%s", names[i]);
		snprintf(aside, sizeof(aside), ".deleting/test/files/%s", path);
		repository_make_file(repository, i < 2 ? aside : path, names[i]);
		if (i < 3)
			repository_make_dir(repository, i < 2 ? path : aside);
	}
	assert_recovered(repository, 0, 2);
	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), ".blobs/sha256/e3/%s", names[i]);
		repository_assert_text(repository, path, names[i]);
	}
}

static void a_file_that_was_uploaded_again_is_not_needed(void **state) {
	const struct repository *repository = *state;

	repository_make_file(repository, ASIDE, "content");
	repository_make_file(repository, BLOB, "content");
	repository_make_name(repository, "branches/main/t1/job/fmt/file", BLOB);
	assert_recovered(repository, 0, 1);
	assert_int_equal(repository_look(repository, BLOB).st_nlink, 2);
}

static void an_empty_file_that_was_made_again_is_not_needed(void **state) {
	const struct repository *repository = *state;

	repository_make_file(repository, ASIDE, "");
	repository_make_file(repository, BLOB, "");
	assert_recovered(repository, 0, 1);
	repository_assert_text(repository, BLOB, "");
}

static void a_link_in_its_place_is_kept_and_told_whatever_its_length(void **state) {
	const struct repository *repository = *state;

	repository_make_file(repository, ASIDE, "content");
	repository_make_link(repository, BLOB, "nothing");
	recover_with_trouble(repository, ASIDE);
	repository_assert_text(repository, ASIDE, "content");
	assert_true(S_ISLNK(repository_look(repository, BLOB).st_mode));
}

static void another_file_in_its_place_is_kept_and_told(void **state) {
	static const char *const others[] = {"", "other bytes"};
	const struct repository *repository = *state;
	struct recovery recovery;

	for (size_t i = 0; i < 2; i++) {
		repository_make_file(repository, ASIDE, "content");
		repository_make_file(repository, BLOB, others[i]);
		recovery = recover_with_trouble(repository, ASIDE);
		assert_int_equal(recovery.files, 0);
		repository_assert_text(repository, BLOB, others[i]);
		repository_assert_text(repository, ASIDE, "content");
	}
}

// Not by a server's doing: it makes none below a name of a file.
static void a_directory_with_something_in_it_is_kept_and_told(void **state) {
	const struct repository *repository = *state;

	repository_make_file(repository, BLOB, "content");
	repository_make_file(repository, ASIDE "/inside", "inner");
	recover_with_trouble(repository, "inside");
	repository_assert_text(repository, BLOB, "content");
	repository_assert_text(repository, ASIDE "/inside", "inner");
}

static void a_directory_that_may_not_be_read_is_told_and_keeps_no_other(void **state) {
	struct repository *repository = *state;
	struct recovery recovery;

	repository_make_file(repository, ASIDE, "content");
	repository_make_file(repository, ".deleting/test/files/.uploads/0123", "upload");
	repository_drop_rights(repository);
	repository_chmod(repository, ".deleting/test/files/.blobs", 0);
	recovery = recover_with_trouble(
		repository, "'.deleting/test/files/.blobs': Permission denied"
	);
	assert_int_equal(recovery.files, 1);
	repository_assert_text(repository, ".uploads/0123", "upload");
	repository_chmod(repository, ".deleting/test/files/.blobs", 0700);
	assert_recovered(repository, 0, 1);
	repository_assert_text(repository, BLOB, "content");
}

static void a_file_too_deep_to_be_reached_is_told(void **state) {
	const struct repository *repository = *state;
	char path[400] = ".deleting/test/files/.blobs";
	struct recovery recovery;

	for (size_t len = strlen(path); len + 8 < sizeof(path); len += 2)
		memcpy(path + len, "/d", 3);
	memcpy(path + strlen(path), "/file", 6);
	repository_make_file(repository, path, "content");
	recovery = recover_with_trouble(repository, ".blobs/d/d/d");
	assert_int_equal(recovery.files, 0);
	repository_assert_text(repository, path, "content");
}

static void nothing_goes_where_a_link_leads_to(void **state) {
	const struct repository *repository = *state;

	repository_make_file(repository, ASIDE, "content");
	repository_make_dir(repository, "elsewhere");
	repository_make_link(repository, ".blobs", "elsewhere");
	recover_with_trouble(repository, "symbolic link");
	assert_false(repository_has(repository, "elsewhere/sha256"));
	repository_assert_text(repository, ASIDE, "content");
}

// --- tags

#define VERSION "products/p/v/main/1"

static void make_moved_tag(const struct repository *repository, const char *name) {
	char path[200];

	snprintf(path, sizeof(path), ".deleting/test/tags/%s/job/fmt/file", name);
	repository_make_file(repository, path, "x");
	snprintf(path, sizeof(path), ".deleting/test/tags/%s/.stamp", name);
	repository_make_file(repository, path, "");
	snprintf(path, sizeof(path), ".deleting/test/tags/%s/job/.product", name);
	repository_make_link(repository, path, "../../../../" VERSION);
}

static void a_tag_that_was_moved_goes_with_its_products(void **state) {
	const struct repository *repository = *state;

	make_moved_tag(repository, "77.0");
	repository_make_link(repository, VERSION "/fmt", "../../../../../branches/main/t1/job/fmt");
	repository_make_file(repository, VERSION "/.stamp", "");
	repository_make_file(repository, "branches/main/t2/job/fmt/file", "x");
	assert_recovered(repository, 1, 0);
	assert_false(repository_has(repository, "products"));
	repository_assert_text(repository, "branches/main/t2/job/fmt/file", "x");
}

static void a_tag_that_was_moved_and_not_looked_at_goes_back(void **state) {
	const struct repository *repository = *state;

	repository_make_file(repository, ".deleting/test/back/ma in/t\xff/.locked", "");
	repository_make_file(repository, ".deleting/test/back/ma in/t2/job/a", "x");
	repository_make_dir(repository, ".deleting/test/proof/inner");
	repository_make_file(repository, ".deleting/test/proof/.one", "");
	assert_recovered(repository, 0, 2);
	assert_true(repository_has(repository, "branches/ma in/t\xff/.locked"));
	repository_assert_text(repository, "branches/ma in/t2/job/a", "x");
	assert_false(repository_has(repository, ".one"));
}

static void half_a_tag_goes_too(void **state) {
	const struct repository *repository = *state;

	repository_make_dir(repository, ".deleting/test/tags/77.0/job/fmt");
	repository_make_dir(repository, ".deleting/test/tags/77.1");
	repository_make_file(repository, ".deleting/test/tags/78.0/.released", "");
	repository_make_link(
		repository, ".deleting/test/tags/78.0/job/.product", "../../../../" VERSION
	);
	assert_recovered(repository, 3, 0);
}

static void tags_and_files_are_brought_to_their_end_together(void **state) {
	const struct repository *repository = *state;

	make_moved_tag(repository, "77.0");
	repository_make_file(repository, ASIDE, "content");
	repository_make_dir(repository, BLOB);
	assert_recovered(repository, 1, 1);
	repository_assert_text(repository, BLOB, "content");
}

static void a_tag_that_cannot_go_keeps_no_other(void **state) {
	struct repository *repository = *state;
	struct recovery recovery;

	make_moved_tag(repository, "77.0");
	make_moved_tag(repository, "78.0");
	repository_make_file(repository, ASIDE, "content");
	repository_make_dir(repository, BLOB);
	repository_drop_rights(repository);
	repository_chmod(repository, ".deleting/test/tags/77.0/job/fmt", 0);
	recovery = recover_with_trouble(repository, "77.0/job/fmt': Permission denied");
	assert_int_equal(recovery.tags, 1);
	assert_int_equal(recovery.files, 1);
	assert_false(repository_has(repository, ".deleting/test/tags/78.0"));
	assert_false(repository_has(repository, ".deleting/test/files"));
	repository_assert_text(repository, BLOB, "content");
	repository_chmod(repository, ".deleting/test/tags/77.0/job/fmt", 0700);
	assert_recovered(repository, 1, 0);
}

static void what_is_not_ours_stays(void **state) {
	const struct repository *repository = *state;
	struct recovery recovery;

	repository_make_file(repository, ".deleting/notes", "x");
	recovery_run(repository->fd, NULL, &recovery);
	assert_int_equal(recovery.troubles, 0);
	repository_assert_text(repository, ".deleting/notes", "x");
}

static void a_directory_that_is_none_of_ours_stays_and_is_told(void **state) {
	const struct repository *repository = *state;

	repository_make_file(repository, ".deleting/archive/2024/x", "x");
	recover_with_trouble(repository, "'.deleting/archive'");
	repository_assert_text(repository, ".deleting/archive/2024/x", "x");
}

static void a_link_in_the_place_of_the_directory_is_refused(void **state) {
	const struct repository *repository = *state;

	repository_make_dir(repository, "elsewhere");
	repository_make_link(repository, ".deleting", "elsewhere");
	recover_with_trouble(repository, "symbolic link");
	assert_false(repository_has(repository, "elsewhere/test"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_REPOSITORY(nothing_left_is_nothing_to_do),
		IN_A_REPOSITORY(a_directory_that_was_made_and_not_exchanged_goes),
		IN_A_REPOSITORY(a_file_that_was_exchanged_goes_back_with_its_time),
		IN_A_REPOSITORY(a_file_whose_directory_was_touched_goes_back_as_new),
		IN_A_REPOSITORY(a_file_whose_name_is_free_goes_back),
		IN_A_REPOSITORY(a_file_whose_directory_is_gone_goes_back),
		IN_A_REPOSITORY(a_batch_that_was_cut_off_is_back_as_it_was),
		IN_A_REPOSITORY(a_file_that_was_uploaded_again_is_not_needed),
		IN_A_REPOSITORY(an_empty_file_that_was_made_again_is_not_needed),
		IN_A_REPOSITORY(a_link_in_its_place_is_kept_and_told_whatever_its_length),
		IN_A_REPOSITORY(another_file_in_its_place_is_kept_and_told),
		IN_A_REPOSITORY(a_directory_with_something_in_it_is_kept_and_told),
		IN_A_REPOSITORY(a_directory_that_may_not_be_read_is_told_and_keeps_no_other),
		IN_A_REPOSITORY(a_file_too_deep_to_be_reached_is_told),
		IN_A_REPOSITORY(nothing_goes_where_a_link_leads_to),
		IN_A_REPOSITORY(a_tag_that_was_moved_goes_with_its_products),
		IN_A_REPOSITORY(a_tag_that_was_moved_and_not_looked_at_goes_back),
		IN_A_REPOSITORY(half_a_tag_goes_too),
		IN_A_REPOSITORY(tags_and_files_are_brought_to_their_end_together),
		IN_A_REPOSITORY(a_tag_that_cannot_go_keeps_no_other),
		IN_A_REPOSITORY(what_is_not_ours_stays),
		IN_A_REPOSITORY(a_directory_that_is_none_of_ours_stays_and_is_told),
		IN_A_REPOSITORY(a_link_in_the_place_of_the_directory_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
