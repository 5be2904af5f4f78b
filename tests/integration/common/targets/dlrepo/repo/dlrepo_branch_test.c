// SPDX-License-Identifier: MPL-2.0
// dlrepo_branch_test: what a branch says of its tags.
#include "support/test.h"

#include "common/targets/dlrepo/repo/branch.h"
#include "support/repository.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { POLICY_MOST = 65536 };

#define POLICY "branches/main/.cleanup_policy"

static void set_policy(const struct repository *repository, int daily, int released) {
	char text[100];

	snprintf(
		text,
		sizeof(text),
		"{\"max_daily_tags\": %d, \"max_released_tags\": %d}",
		daily,
		released
	);
	repository_make_file(repository, POLICY, text);
}

static void make_tag(const struct repository *repository, const char *name, int64_t age_s) {
	char path[100];

	snprintf(path, sizeof(path), "branches/main/%s/.stamp", name);
	repository_make_file(repository, path, "");
	repository_make_old(repository, path, age_s);
}

// Those that go in brackets.
static void assert_tags(const struct branch *branch, const char *expected) {
	char text[200] = "";

	for (size_t i = 0; i < branch->count; i++) {
		size_t len = strlen(text);

		snprintf(
			text + len,
			sizeof(text) - len,
			branch->tags[i].is_surplus ? "%s[%s]" : "%s%s",
			i == 0 ? "" : " ",
			branch->tags[i].name
		);
	}
	assert_string_equal(text, expected);
}

static struct branch read_main(const struct repository *repository) {
	struct branch branch = {.count = 0};

	assert_int_equal(branch_read(&branch, repository->fd, "main"), 0);
	return branch;
}

// --- marks

static int read_marks(const struct repository *repository, struct tag *tag, const char **mark) {
	int fd = repository_open(repository, "tag");
	int err = branch_read_marks(fd, tag, mark);

	close(fd);
	return err;
}

static void a_tag_without_marks_is_daily_and_the_oldest(void **state) {
	const struct repository *repository = *state;
	struct tag tag = {.is_locked = true, .is_released = true, .stamp.tv_sec = 5};
	const char *mark;

	repository_make_dir(repository, "tag");
	assert_int_equal(read_marks(repository, &tag, &mark), 0);
	assert_false(tag.is_locked);
	assert_false(tag.is_released);
	assert_int_equal(tag.stamp.tv_sec, 0);
	assert_int_equal(tag.stamp.tv_nsec, 0);
}

static void marks_are_files_or_links_to_files(void **state) {
	const struct repository *repository = *state;
	struct tag tag;
	const char *mark;

	repository_make_file(repository, "tag/.stamp", "");
	repository_make_old(repository, "tag/.stamp", 100);
	repository_make_file(repository, "tag/.locked", "");
	repository_make_link(repository, "tag/.released", ".locked");
	assert_int_equal(read_marks(repository, &tag, &mark), 0);
	assert_true(tag.is_locked);
	assert_true(tag.is_released);
	assert_int_equal(
		tag.stamp.tv_sec, repository_look(repository, "tag/.stamp").st_mtim.tv_sec
	);
	assert_int_equal(
		tag.stamp.tv_nsec, repository_look(repository, "tag/.stamp").st_mtim.tv_nsec
	);
}

static void a_lock_that_is_not_to_be_understood_keeps_the_tag(void **state) {
	const struct repository *repository = *state;
	struct tag tag;
	const char *mark;

	repository_make_link(repository, "tag/.locked", "nothing");
	assert_int_equal(read_marks(repository, &tag, &mark), -EBADMSG);
	assert_true(tag.is_locked);
	assert_string_equal(mark, ".locked");
	assert_int_equal(unlinkat(repository->fd, "tag/.locked", 0), 0);
	repository_make_dir(repository, "tag/.locked");
	assert_int_equal(read_marks(repository, &tag, &mark), -EBADMSG);
	assert_true(tag.is_locked);
	assert_int_equal(unlinkat(repository->fd, "tag/.locked", AT_REMOVEDIR), 0);
	repository_make_link(repository, "tag/.locked", ".locked"); // to itself
	assert_int_equal(read_marks(repository, &tag, &mark), -ELOOP);
	assert_true(tag.is_locked);
}

static void a_release_that_is_not_to_be_understood_keeps_the_tag(void **state) {
	const struct repository *repository = *state;
	struct tag tag;
	const char *mark;

	repository_make_dir(repository, "tag/.released");
	assert_int_equal(read_marks(repository, &tag, &mark), -EBADMSG);
	assert_true(tag.is_locked);
	assert_string_equal(mark, ".released");
}

static void a_stamp_that_is_no_file_is_none(void **state) {
	const struct repository *repository = *state;
	struct tag tag;
	const char *mark;

	repository_make_dir(repository, "tag/.stamp");
	assert_int_equal(read_marks(repository, &tag, &mark), 0);
	assert_int_equal(tag.stamp.tv_sec, 0);
	assert_int_equal(unlinkat(repository->fd, "tag/.stamp", AT_REMOVEDIR), 0);
	repository_make_link(repository, "tag/.stamp", "nothing");
	assert_int_equal(read_marks(repository, &tag, &mark), 0);
	assert_int_equal(tag.stamp.tv_sec, 0);
}

// --- a branch

static void tags_beyond_the_policy_are_marked(void **state) {
	const struct repository *repository = *state;
	struct branch branch;

	set_policy(repository, 2, 0);
	for (int i = 1; i <= 3; i++)
		make_tag(repository, (char[]){'t', (char)('0' + i), 0}, i);
	repository_make_dir(repository, "branches/main/unstamped");
	make_tag(repository, ".hidden", 1);
	repository_make_file(repository, "branches/main/file", "");
	repository_make_link(repository, "branches/main/link", "t1");
	make_tag(repository, "held", 900);
	repository_make_file(repository, "branches/main/held/.locked", "");
	branch = read_main(repository);
	assert_int_equal(branch.troubles, 0);
	assert_tags(&branch, "t1 t2 [t3] held [unstamped]");
	assert_true(branch_find(&branch, "t3")->is_surplus);
	assert_null(branch_find(&branch, "t4"));
	assert_null(branch_find(&branch, ".hidden"));
	branch_free(&branch);
	branch_free(&branch);
}

static void one_whose_lock_is_not_to_be_understood_stays_and_is_told(void **state) {
	const struct repository *repository = *state;
	struct branch branch;

	set_policy(repository, 1, 0);
	make_tag(repository, "t1", 100);
	make_tag(repository, "t2", 200);
	make_tag(repository, "t3", 300);
	repository_make_link(repository, "branches/main/t2/.locked", "nothing");
	repository_make_dir(repository, "branches/main/t3/.locked");
	branch = read_main(repository);
	assert_tags(&branch, "t1 t2 t3");
	assert_int_equal(branch.troubles, 2);
	assert_non_null(strstr(branch.trouble, "'.locked' of 't2'"));
	branch_free(&branch);
}

// dlrepo looks for their marks under another name.
static void marks_of_a_tag_with_capitals_are_not_seen(void **state) {
	const struct repository *repository = *state;
	struct branch branch;

	set_policy(repository, 1, 0);
	make_tag(repository, "T1", 1);
	repository_make_file(repository, "branches/main/T1/.locked", "");
	make_tag(repository, "t2", 200);
	branch = read_main(repository);
	assert_tags(&branch, "t2 [T1]");
	assert_int_equal(branch.troubles, 0);
	branch_free(&branch);
}

static void a_branch_without_a_policy_keeps_all(void **state) {
	const struct repository *repository = *state;
	struct branch branch;

	make_tag(repository, "t1", 100);
	branch = read_main(repository);
	assert_tags(&branch, "");
	assert_int_equal(branch.troubles, 0);
	set_policy(repository, 0, -1);
	branch = read_main(repository);
	assert_tags(&branch, "");
	assert_int_equal(branch.troubles, 0);
}

static void assert_keeps_all_and_tells(const struct repository *repository, const char *words) {
	struct branch branch = read_main(repository);

	assert_tags(&branch, "");
	assert_int_equal(branch.troubles, 0);
	if (strstr(branch.no_policy, words) == NULL)
		fail_msg("'%s'", branch.no_policy);
	branch_free(&branch);
}

static void a_policy_that_cannot_be_understood_keeps_all_and_is_told(void **state) {
	const struct repository *repository = *state;
	char *large = calloc(1, POLICY_MOST + 1);

	make_tag(repository, "t1", 100);
	repository_make_file(repository, POLICY, "[1]");
	assert_keeps_all_and_tells(repository, "no JSON object");
	repository_make_file(repository, POLICY, "");
	assert_keeps_all_and_tells(repository, "no JSON object");
	memset(large, ' ', POLICY_MOST);
	repository_make_file(repository, POLICY, large);
	assert_keeps_all_and_tells(repository, "File too large");
	assert_int_equal(unlinkat(repository->fd, POLICY, 0), 0);
	repository_make_dir(repository, POLICY);
	assert_keeps_all_and_tells(repository, "Is a directory");
	free(large);
}

static void a_policy_that_may_not_be_read_keeps_all_and_is_told(void **state) {
	struct repository *repository = *state;

	set_policy(repository, 1, 1);
	make_tag(repository, "t1", 100);
	repository_drop_rights(repository);
	repository_chmod(repository, POLICY, 0);
	assert_keeps_all_and_tells(repository, "Permission denied");
}

static void a_policy_may_be_a_link(void **state) {
	const struct repository *repository = *state;
	struct branch branch;

	repository_make_file(repository, "policy", "{\"max_daily_tags\": 1}");
	repository_make_link(repository, POLICY, "../../policy");
	make_tag(repository, "t1", 100);
	make_tag(repository, "t2", 200);
	branch = read_main(repository);
	assert_tags(&branch, "t1 [t2]");
	branch_free(&branch);
}

static void a_tag_that_may_not_be_read_stays_and_is_told(void **state) {
	struct repository *repository = *state;
	struct branch branch;

	set_policy(repository, 1, 0);
	make_tag(repository, "t1", 100);
	make_tag(repository, "t2", 200);
	make_tag(repository, "t3", 300);
	repository_drop_rights(repository);
	repository_chmod(repository, "branches/main/t3", 0);
	branch = read_main(repository);
	assert_tags(&branch, "t1 [t2] t3");
	assert_int_equal(branch.troubles, 1);
	assert_string_equal(branch.trouble, "'t3': Permission denied");
	branch_free(&branch);
}

static void a_branch_that_is_none_is_told_apart_from_one_that_is_gone(void **state) {
	const struct repository *repository = *state;
	struct branch branch;

	assert_int_equal(branch_read(&branch, repository->fd, "main"), -ENOENT);
	branch_free(&branch);
	repository_make_dir(repository, "elsewhere");
	repository_make_link(repository, "branches/main", "../elsewhere");
	assert_int_equal(branch_read(&branch, repository->fd, "main"), -ENOTDIR);
	assert_non_null(strstr(branch.trouble, "symbolic link"));
	branch_free(&branch);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_REPOSITORY(a_tag_without_marks_is_daily_and_the_oldest),
		IN_A_REPOSITORY(marks_are_files_or_links_to_files),
		IN_A_REPOSITORY(a_lock_that_is_not_to_be_understood_keeps_the_tag),
		IN_A_REPOSITORY(a_release_that_is_not_to_be_understood_keeps_the_tag),
		IN_A_REPOSITORY(a_stamp_that_is_no_file_is_none),
		IN_A_REPOSITORY(tags_beyond_the_policy_are_marked),
		IN_A_REPOSITORY(one_whose_lock_is_not_to_be_understood_stays_and_is_told),
		IN_A_REPOSITORY(marks_of_a_tag_with_capitals_are_not_seen),
		IN_A_REPOSITORY(a_branch_without_a_policy_keeps_all),
		IN_A_REPOSITORY(a_policy_that_cannot_be_understood_keeps_all_and_is_told),
		IN_A_REPOSITORY(a_policy_that_may_not_be_read_keeps_all_and_is_told),
		IN_A_REPOSITORY(a_policy_may_be_a_link),
		IN_A_REPOSITORY(a_tag_that_may_not_be_read_stays_and_is_told),
		IN_A_REPOSITORY(a_branch_that_is_none_is_told_apart_from_one_that_is_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
