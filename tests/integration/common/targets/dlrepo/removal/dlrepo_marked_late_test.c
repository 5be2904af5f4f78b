// SPDX-License-Identifier: MPL-2.0
// dlrepo_marked_late_test: a server marks a tag, or touches a file, between our look and our move.
#include "support/test.h"

#include "common/targets/dlrepo/record/record.h"
#include "common/targets/dlrepo/removal/files.h"
#include "common/targets/dlrepo/removal/recovery.h"
#include "common/targets/dlrepo/removal/tag_removal.h"
#include "common/targets/dlrepo/repo/aside.h"
#include "support/repository.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TAG "branches/main/t1"
#define BLOB ".blobs/sha256/e3/e3b0"

// What the server does right before the call; NULL: nothing.
static void (*server)(const struct repository *repository);
static const struct repository *of_server;

static void let_it_come(void) {
	void (*come)(const struct repository *repository) = server;

	server = NULL;
	if (come != NULL)
		come(of_server);
}

// How many moves later the server makes the tag anew; 0: never.
static int moves_until_anew;

WRAPS(renameat);
int __wrap_renameat(int from_fd, const char *from, int to_fd, const char *to) {
	let_it_come();
	if (moves_until_anew > 0 && --moves_until_anew == 0)
		repository_make_file(of_server, TAG "/job/new", "");
	return __real_renameat(from_fd, from, to_fd, to);
}

WRAPS(mkdirat);
int __wrap_mkdirat(int fd, const char *name, mode_t mode) {
	int err = __real_mkdirat(fd, name, mode);

	let_it_come();
	return err;
}

static void touch(const struct repository *repository) {
	assert_int_equal(utimensat(repository->fd, BLOB, NULL, 0), 0);
}

// As XFS does, and then the server comes.
static bool exchange_sets_time, touches_after;
// Another process of ours is faster; its directory takes the place first.
static bool is_late;

static void let_another_one_exchange(const struct repository *repository) {
	repository_make_dir(repository, "others");
	assert_int_equal(renameat(repository->fd, BLOB, repository->fd, "others/e3b0"), 0);
	repository_make_dir(repository, BLOB);
}

WRAPS(renameat2);
int __wrap_renameat2(int from, const char *old, int to, const char *new, unsigned flags) {
	const struct timespec now[2] = {{.tv_nsec = UTIME_OMIT}, {.tv_nsec = UTIME_NOW}};
	int result;

	if (is_late)
		let_another_one_exchange(of_server);
	is_late = false;
	result = __real_renameat2(from, old, to, new, flags);
	if (result == 0 && exchange_sets_time && (flags & RENAME_EXCHANGE) != 0) {
		assert_int_equal(utimensat(from, old, now, AT_SYMLINK_NOFOLLOW), 0);
		if (touches_after)
			touch(of_server);
		touches_after = false;
	}
	return result;
}

static void lock(const struct repository *repository) {
	repository_make_file(repository, TAG "/.locked", "");
}

static struct tag_outcome remove_while(
	const struct repository *repository, void (*come)(const struct repository *repository)
) {
	struct record_tag record = {.branch = (char *)"main", .tag = (char *)"t1"};
	struct tag_outcome outcome;

	repository_make_file(repository, TAG "/job/fmt/file", "x");
	repository_make_dir(repository, ".deleting/test/tags");
	repository_make_file(repository, TAG "/.stamp", "");
	record.stamp = repository_look(repository, TAG "/.stamp").st_mtim;
	of_server = repository;
	server = come;
	tag_remove(repository->fd, repository->aside, &record, &outcome);
	server = NULL;
	return outcome;
}

static void a_tag_that_is_locked_right_before_the_move_comes_back_whole(void **state) {
	const struct repository *repository = *state;
	struct tag_outcome outcome = remove_while(repository, lock);

	assert_int_equal(outcome.verdict, VERDICT_LEFT);
	assert_int_equal(outcome.reason, REASON_CHANGED);
	assert_false(outcome.is_removed);
	repository_assert_text(repository, TAG "/job/fmt/file", "x");
	assert_true(repository_has(repository, TAG "/.locked"));
}

static void a_file_that_is_touched_before_the_exchange_stays(void **state) {
	static char *names[] = {(char *)"e3b0"};
	const struct record_files record = {
		.dir = (char *)".blobs/sha256/e3", .names = names, .count = 1};
	const struct files_rule rule = {.lifetime_ms = 600000, .wait_ms = 2000};
	const struct repository *repository = *state;
	struct file file = {.place = FILE_NEW};

	repository_make_dir(repository, ".deleting/test/files/.blobs/sha256/e3");
	repository_make_file(repository, BLOB, "content");
	repository_make_old(repository, BLOB, 700);
	of_server = repository;
	server = touch;
	assert_int_equal(
		files_remove(repository->fd, repository->aside, &rule, &record, &file, 1000), 0
	);
	server = NULL;
	assert_int_equal(file.place, FILE_SPARED);
	repository_assert_text(repository, BLOB, "content");
	assert_false(repository_has(repository, ".deleting/test/files/" BLOB));
}

static enum file_place remove_on_xfs(const struct repository *repository, bool is_touched) {
	static char *names[] = {(char *)"e3b0"};
	const struct record_files record = {
		.dir = (char *)".blobs/sha256/e3", .names = names, .count = 1};
	const struct files_rule rule = {.lifetime_ms = 600000, .wait_ms = 2000};
	struct file file = {.place = FILE_NEW};

	repository_make_file(repository, BLOB, "content");
	repository_make_old(repository, BLOB, 700);
	aside_note_times(repository->aside, true);
	of_server = repository;
	exchange_sets_time = true;
	touches_after = is_touched;
	for (int64_t now_ms = 1000; now_ms < 9000; now_ms += 4000) {
		files_remove(repository->fd, repository->aside, &rule, &record, &file, now_ms);
	}
	exchange_sets_time = false;
	files_remove(repository->fd, repository->aside, &rule, &record, &file, 20000);
	return file.place;
}

static void an_exchange_that_sets_times_is_no_touch(void **state) {
	assert_int_equal(remove_on_xfs(*state, false), FILE_REMOVED);
	assert_false(repository_has(*state, BLOB));
}

static void a_touch_right_after_such_an_exchange_is_one(void **state) {
	assert_int_equal(remove_on_xfs(*state, true), FILE_SPARED);
	repository_assert_text(*state, BLOB, "content");
	assert_true(repository_look(*state, BLOB).st_mtim.tv_sec > time(NULL) - 600);
}

static void a_tag_that_cannot_go_back_is_kept_aside(void **state) {
	const struct repository *repository = *state;
	struct tag_outcome outcome;
	struct recovery recovery;

	moves_until_anew = 2;
	outcome = remove_while(repository, lock);
	assert_int_equal(outcome.verdict, VERDICT_FAILED);
	assert_true(outcome.is_left);
	recovery_own(repository->fd, repository->aside, &recovery);
	assert_int_equal(recovery.troubles, 1);
	assert_true(repository_has(repository, ".deleting/test/back/main/t1/.locked"));
	assert_true(repository_has(repository, TAG "/job/new"));
	// When there is room again it goes back.
	assert_int_equal(renameat(repository->fd, TAG, repository->fd, "branches/main/t9"), 0);
	aside_turn(repository->aside);
	recovery_run(repository->fd, repository->aside, &recovery);
	assert_int_equal(recovery.troubles, 0);
	assert_true(repository_has(repository, TAG "/.locked"));
	repository_assert_text(repository, TAG "/job/fmt/file", "x");
	assert_false(repository_has(repository, ".deleting/test"));
}

static void a_directory_of_another_process_stays_in_the_place(void **state) {
	static char *names[] = {(char *)"e3b0"};
	const struct record_files record = {
		.dir = (char *)".blobs/sha256/e3", .names = names, .count = 1};
	const struct files_rule rule = {.lifetime_ms = 600000, .wait_ms = 2000};
	const struct repository *repository = *state;
	struct file file = {.place = FILE_NEW};

	repository_make_file(repository, BLOB, "content");
	repository_make_old(repository, BLOB, 700);
	of_server = repository;
	is_late = true;
	assert_int_equal(
		files_remove(repository->fd, repository->aside, &rule, &record, &file, 1000), 0
	);
	assert_int_equal(file.place, FILE_SPARED);
	assert_true(file.was_held);
	assert_true(S_ISDIR(repository_look(repository, BLOB).st_mode));
	assert_false(repository_has(repository, ".deleting/test/files/" BLOB));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_REPOSITORY(a_tag_that_is_locked_right_before_the_move_comes_back_whole),
		IN_A_REPOSITORY(a_file_that_is_touched_before_the_exchange_stays),
		IN_A_REPOSITORY(a_tag_that_cannot_go_back_is_kept_aside),
		IN_A_REPOSITORY(a_directory_of_another_process_stays_in_the_place),
		IN_A_REPOSITORY(an_exchange_that_sets_times_is_no_touch),
		IN_A_REPOSITORY(a_touch_right_after_such_an_exchange_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
