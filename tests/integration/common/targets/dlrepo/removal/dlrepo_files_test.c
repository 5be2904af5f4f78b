// SPDX-License-Identifier: MPL-2.0
// dlrepo_files_test: an orphan goes in three steps, and comes back when somebody came for it.
#include "support/test.h"

#include "common/targets/dlrepo/record/record.h"
#include "common/targets/dlrepo/removal/files.h"
#include "support/repository.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DIR ".blobs/sha256/e3"
#define BLOB DIR "/e3b0"
#define ASIDE ".deleting/test/files/" BLOB

enum { BEGAN_MS = 1000, WAIT_MS = 2000, OLD_S = 700 };

static char *names[] = {(char *)"e3b0"};
static const struct record_files one = {.dir = (char *)DIR, .names = names, .count = 1};
static const struct files_rule beside_server = {.lifetime_ms = 600000, .wait_ms = WAIT_MS};
static const struct files_rule alone = {
	.lifetime_ms = 600000, .wait_ms = WAIT_MS, .is_alone = true};

static void make_orphan(const struct repository *repository, const char *path) {
	repository_make_file(repository, path, "content");
	repository_make_old(repository, path, OLD_S);
}

static int64_t step_by(
	const struct repository *repository,
	const struct files_rule *rule,
	const struct record_files *record,
	struct file *files,
	int64_t now_ms
) {
	return files_remove(repository->fd, repository->aside, rule, record, files, now_ms);
}

static int64_t step(const struct repository *repository, struct file *file, int64_t now_ms) {
	return step_by(repository, &beside_server, &one, file, now_ms);
}

// Both steps but for what the test does between them.
static void put_aside(const struct repository *repository, struct file *file) {
	*file = (struct file){.place = FILE_NEW};
	make_orphan(repository, BLOB);
	assert_int_equal(step(repository, file, BEGAN_MS), WAIT_MS);
	assert_int_equal(file->place, FILE_ASIDE);
}

static void end(const struct repository *repository, struct file *file, enum file_place place) {
	int64_t wait_ms = step(repository, file, BEGAN_MS + WAIT_MS);

	if (place != FILE_REMOVED)
		assert_int_equal(wait_ms, 0);
	if (wait_ms > 0)
		wait_ms = step(repository, file, BEGAN_MS + WAIT_MS + wait_ms);
	assert_int_equal(wait_ms, 0);
	assert_int_equal(file->place, place);
}

static void assert_is_back(const struct repository *repository) {
	repository_assert_text(repository, BLOB, "content");
	assert_false(repository_has(repository, ASIDE));
}

// --- what goes

static void an_orphan_goes_in_three_steps(void **state) {
	const struct repository *repository = *state;
	struct file file;

	put_aside(repository, &file);
	assert_true(S_ISDIR(repository_look(repository, BLOB).st_mode));
	repository_assert_text(repository, ASIDE, "content");
	assert_int_equal(step(repository, &file, BEGAN_MS + WAIT_MS - 1), 1);
	assert_int_equal(file.place, FILE_ASIDE);
	repository_assert_text(repository, ASIDE, "content");
	assert_int_equal(step(repository, &file, BEGAN_MS + WAIT_MS), FREED_MS);
	assert_int_equal(file.place, FILE_FREED);
	assert_false(repository_has(repository, BLOB));
	repository_assert_text(repository, ASIDE, "content");
	assert_int_equal(step(repository, &file, BEGAN_MS + WAIT_MS + FREED_MS), 0);
	assert_int_equal(file.place, FILE_REMOVED);
	assert_int_equal(file.bytes, strlen("content"));
	assert_false(repository_has(repository, BLOB));
	assert_false(repository_has(repository, ASIDE));
	assert_true(repository_has(repository, DIR)); // an empty one stays
}

static void when_nobody_else_is_there_it_goes_at_once(void **state) {
	const struct repository *repository = *state;
	struct file file = {.place = FILE_NEW};

	make_orphan(repository, BLOB);
	assert_int_equal(step_by(repository, &alone, &one, &file, BEGAN_MS), 0);
	assert_int_equal(file.place, FILE_REMOVED);
	assert_int_equal(file.bytes, strlen("content"));
	assert_false(repository_has(repository, BLOB));
	assert_false(repository_has(repository, ".deleting"));
}

static void each_file_of_a_record_has_an_end_of_its_own(void **state) {
	static char *several[] = {
		(char *)"a-new",
		(char *)"b-gone",
		(char *)"c-linked",
		(char *)"d-old",
		(char *)"e-directory",
		(char *)".nfs0001",
		(char *)"g-touched",
		(char *)"h-\xff\n",
	};
	static const enum file_place ends[] = {
		FILE_SPARED,
		FILE_GONE,
		FILE_SPARED,
		FILE_REMOVED,
		FILE_SPARED,
		FILE_SPARED,
		FILE_SPARED,
		FILE_REMOVED};
	const struct record_files record = {
		.dir = (char *)".blobs/sha256/ab", .names = several, .count = 8};
	const struct repository *repository = *state;
	struct file files[8] = {{.place = FILE_NEW}};

	repository_make_file(repository, ".blobs/sha256/ab/a-new", "");
	make_orphan(repository, ".blobs/sha256/ab/c-linked");
	repository_make_name(repository, "branches/b/t/j/f/file", ".blobs/sha256/ab/c-linked");
	make_orphan(repository, ".blobs/sha256/ab/d-old");
	repository_make_dir(repository, ".blobs/sha256/ab/e-directory");
	repository_make_old(repository, ".blobs/sha256/ab/e-directory", OLD_S);
	make_orphan(repository, ".blobs/sha256/ab/.nfs0001");
	make_orphan(repository, ".blobs/sha256/ab/g-touched");
	make_orphan(repository, ".blobs/sha256/ab/h-\xff\n");
	assert_int_equal(step_by(repository, &beside_server, &record, files, BEGAN_MS), WAIT_MS);
	repository_make_old(repository, ".blobs/sha256/ab/g-touched", 0);
	assert_int_equal(
		step_by(repository, &beside_server, &record, files, BEGAN_MS + WAIT_MS), FREED_MS
	);
	assert_int_equal(
		step_by(repository, &beside_server, &record, files, BEGAN_MS + 2 * WAIT_MS), 0
	);
	for (size_t i = 0; i < 8; i++) {
		if (files[i].place != ends[i])
			fail_msg("'%s' ended as %d", several[i], (int)files[i].place);
	}
}

// A server that has just checked an upload moves whatever has its name among the blobs.
static void nothing_ever_holds_the_place_of_an_upload(void **state) {
	static char *upload[] = {(char *)"upload"};
	const struct record_files record = {.dir = (char *)".uploads", .names = upload, .count = 1};
	const struct repository *repository = *state;
	struct file file = {.place = FILE_NEW};

	make_orphan(repository, ".uploads/upload");
	assert_int_equal(step_by(repository, &beside_server, &record, &file, BEGAN_MS), 0);
	assert_int_equal(file.place, FILE_REMOVED);
	assert_false(repository_has(repository, ".uploads/upload"));
}

static void one_that_is_gone_before_is_gone(void **state) {
	const struct repository *repository = *state;
	struct file file = {.place = FILE_NEW};

	assert_int_equal(step(repository, &file, BEGAN_MS), 0); // nor is its directory there
	assert_int_equal(file.place, FILE_GONE);
	file = (struct file){.place = FILE_NEW};
	repository_make_dir(repository, DIR);
	assert_int_equal(step(repository, &file, BEGAN_MS), 0);
	assert_int_equal(file.place, FILE_GONE);
	assert_false(repository_has(repository, BLOB));
}

// --- what comes back

static void one_that_got_a_second_link_meanwhile_goes_back(void **state) {
	const struct repository *repository = *state;
	struct stat found;
	struct file file;

	put_aside(repository, &file);
	repository_make_name(repository, "branches/main/t1/job/fmt/file", ASIDE);
	end(repository, &file, FILE_SPARED);
	assert_is_back(repository);
	repository_assert_text(repository, "branches/main/t1/job/fmt/file", "content");
	found = repository_look(repository, BLOB);
	assert_int_equal(found.st_mtim.tv_sec, file.first.file_changed.tv_sec);
	assert_int_equal(found.st_mtim.tv_nsec, file.first.file_changed.tv_nsec);
}

static void a_touch_of_the_directory_in_its_place_brings_it_back_as_new(void **state) {
	const struct repository *repository = *state;
	struct file file;
	struct timespec before;

	put_aside(repository, &file);
	clock_gettime(CLOCK_REALTIME, &before);
	assert_int_equal(utimensat(repository->fd, BLOB, NULL, 0), 0);
	end(repository, &file, FILE_SPARED);
	assert_is_back(repository);
	// The kernel's own clock is some milliseconds behind.
	assert_true(repository_look(repository, BLOB).st_mtim.tv_sec >= before.tv_sec - 1);
}

static void one_that_changed_meanwhile_goes_back_with_its_time(void **state) {
	const struct repository *repository = *state;
	struct file file;
	time_t changed;

	put_aside(repository, &file);
	repository_make_old(repository, ASIDE, OLD_S - 50);
	changed = repository_look(repository, ASIDE).st_mtim.tv_sec;
	end(repository, &file, FILE_SPARED);
	assert_is_back(repository);
	assert_int_equal(repository_look(repository, BLOB).st_mtim.tv_sec, changed);
}

static void another_directory_in_its_place_counts_as_a_touch(void **state) {
	const struct repository *repository = *state;
	struct file file;

	put_aside(repository, &file);
	repository_make_dir(repository, "another");
	assert_int_equal(renameat(repository->fd, "another", repository->fd, BLOB), 0);
	end(repository, &file, FILE_SPARED);
	assert_is_back(repository);
}

static void another_directory_of_the_same_time_counts_as_a_touch_too(void **state) {
	const struct repository *repository = *state;
	struct timespec kept[2];
	struct file file;

	put_aside(repository, &file);
	repository_make_dir(repository, "another");
	kept[0] = kept[1] = file.first.holder_changed;
	assert_int_equal(utimensat(repository->fd, "another", kept, 0), 0);
	assert_int_equal(renameat(repository->fd, "another", repository->fd, BLOB), 0);
	end(repository, &file, FILE_SPARED);
	assert_is_back(repository);
}

static void the_directory_in_its_place_is_of_the_files_owner(void **state) {
	const struct repository *repository = *state;
	struct file file = {.place = FILE_NEW};

	if (geteuid() != 0)
		skip();
	make_orphan(repository, BLOB);
	assert_int_equal(fchownat(repository->fd, BLOB, 1234, 5678, 0), 0);
	repository_make_old(repository, BLOB, OLD_S);
	assert_int_equal(step(repository, &file, BEGAN_MS), WAIT_MS);
	assert_true(S_ISDIR(repository_look(repository, BLOB).st_mode));
	assert_int_equal(repository_look(repository, BLOB).st_uid, 1234);
	assert_int_equal(repository_look(repository, BLOB).st_gid, 5678);
}

static void one_whose_place_got_something_in_it_goes_back_and_is_told(void **state) {
	const struct repository *repository = *state;
	const struct timespec *times;
	struct timespec kept[2];
	struct file file;

	put_aside(repository, &file);
	repository_make_file(repository, BLOB "/inside", "inner");
	kept[0] = kept[1] = file.first.holder_changed;
	times = kept; // as if nobody had
	assert_int_equal(utimensat(repository->fd, BLOB, times, 0), 0);
	end(repository, &file, FILE_FAILED);
	assert_int_equal(file.err, -ENOTEMPTY);
	assert_string_equal(file.deed, "put back");
	repository_assert_text(repository, BLOB, "content");
	repository_assert_text(repository, ASIDE "/inside", "inner");
}

// --- what fails

static void another_file_in_its_place_is_kept_and_told(void **state) {
	const struct repository *repository = *state;
	struct file file;

	put_aside(repository, &file);
	assert_int_equal(unlinkat(repository->fd, BLOB, AT_REMOVEDIR), 0);
	repository_make_file(repository, BLOB, "another");
	end(repository, &file, FILE_FAILED);
	assert_int_equal(file.err, -EEXIST);
	repository_assert_text(repository, BLOB, "another");
	repository_assert_text(repository, ASIDE, "content");
}

static void one_that_lost_its_place_is_back(void **state) {
	const struct repository *repository = *state;
	struct file file;

	put_aside(repository, &file);
	assert_int_equal(unlinkat(repository->fd, BLOB, AT_REMOVEDIR), 0);
	end(repository, &file, FILE_SPARED);
	assert_is_back(repository);
}

static void nothing_holds_the_place_of_one_that_is_gone_aside(void **state) {
	const struct repository *repository = *state;
	struct file file;

	put_aside(repository, &file);
	assert_int_equal(unlinkat(repository->fd, ASIDE, 0), 0);
	end(repository, &file, FILE_GONE);
	assert_false(repository_has(repository, BLOB));
	put_aside(repository, &file);
	assert_int_equal(unlinkat(repository->fd, ASIDE, 0), 0);
	repository_make_dir(repository, "other");
	assert_int_equal(unlinkat(repository->fd, BLOB, AT_REMOVEDIR), 0);
	assert_int_equal(renameat(repository->fd, "other", repository->fd, BLOB), 0);
	end(repository, &file, FILE_GONE);
	assert_true(repository_has(repository, BLOB));
}

static void what_an_earlier_run_left_is_not_lost(void **state) {
	const struct repository *repository = *state;
	struct file file = {.place = FILE_NEW};

	make_orphan(repository, BLOB);
	repository_make_file(repository, ASIDE, "earlier");
	assert_int_equal(step(repository, &file, BEGAN_MS), 0);
	assert_int_equal(file.place, FILE_FAILED);
	assert_int_equal(file.err, -EEXIST);
	repository_assert_text(repository, BLOB, "content");
	repository_assert_text(repository, ASIDE, "earlier");
}

static void nothing_goes_where_a_link_leads_to(void **state) {
	const struct repository *repository = *state;
	struct file file = {.place = FILE_NEW};

	make_orphan(repository, BLOB);
	repository_make_dir(repository, "elsewhere");
	repository_make_link(repository, ".deleting", "elsewhere");
	assert_int_equal(step(repository, &file, BEGAN_MS), 0);
	assert_int_equal(file.place, FILE_FAILED);
	assert_int_equal(file.err, -ENOTDIR);
	repository_assert_text(repository, BLOB, "content");
	assert_false(repository_has(repository, "elsewhere/files"));
}

static void nothing_is_taken_from_where_a_link_leads_to(void **state) {
	const struct repository *repository = *state;
	struct file file = {.place = FILE_NEW};

	make_orphan(repository, "elsewhere/e3b0");
	repository_make_link(repository, DIR, "../../elsewhere");
	assert_int_equal(step_by(repository, &alone, &one, &file, BEGAN_MS), 0);
	assert_int_equal(file.place, FILE_FAILED);
	assert_int_equal(file.err, -ENOTDIR);
	repository_assert_text(repository, "elsewhere/e3b0", "content");
}

static void a_directory_that_may_not_be_changed_keeps_its_files(void **state) {
	struct repository *repository = *state;
	struct file file = {.place = FILE_NEW};

	make_orphan(repository, BLOB);
	repository_drop_rights(repository);
	repository_chmod(repository, DIR, 0500);
	assert_int_equal(step(repository, &file, BEGAN_MS), 0);
	assert_int_equal(file.place, FILE_FAILED);
	assert_int_equal(file.err, -EACCES);
	assert_is_back(repository);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_REPOSITORY(an_orphan_goes_in_three_steps),
		IN_A_REPOSITORY(when_nobody_else_is_there_it_goes_at_once),
		IN_A_REPOSITORY(each_file_of_a_record_has_an_end_of_its_own),
		IN_A_REPOSITORY(nothing_ever_holds_the_place_of_an_upload),
		IN_A_REPOSITORY(one_that_is_gone_before_is_gone),
		IN_A_REPOSITORY(one_that_got_a_second_link_meanwhile_goes_back),
		IN_A_REPOSITORY(a_touch_of_the_directory_in_its_place_brings_it_back_as_new),
		IN_A_REPOSITORY(one_that_changed_meanwhile_goes_back_with_its_time),
		IN_A_REPOSITORY(another_directory_in_its_place_counts_as_a_touch),
		IN_A_REPOSITORY(another_directory_of_the_same_time_counts_as_a_touch_too),
		IN_A_REPOSITORY(the_directory_in_its_place_is_of_the_files_owner),
		IN_A_REPOSITORY(one_whose_place_got_something_in_it_goes_back_and_is_told),
		IN_A_REPOSITORY(another_file_in_its_place_is_kept_and_told),
		IN_A_REPOSITORY(one_that_lost_its_place_is_back),
		IN_A_REPOSITORY(nothing_holds_the_place_of_one_that_is_gone_aside),
		IN_A_REPOSITORY(what_an_earlier_run_left_is_not_lost),
		IN_A_REPOSITORY(nothing_goes_where_a_link_leads_to),
		IN_A_REPOSITORY(nothing_is_taken_from_where_a_link_leads_to),
		IN_A_REPOSITORY(a_directory_that_may_not_be_changed_keeps_its_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
