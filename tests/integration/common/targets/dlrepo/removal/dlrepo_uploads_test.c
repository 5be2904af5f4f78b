// SPDX-License-Identifier: MPL-2.0
// dlrepo_uploads_test: an orphan comes back when a server may have thrown its very content away.
#include "support/test.h"

#include "common/targets/dlrepo/record/record.h"
#include "common/targets/dlrepo/removal/files.h"
#include "common/targets/dlrepo/repo/upload_watch.h"
#include "support/repository.h"

#include <stdio.h>
#include <time.h>
#include <unistd.h>

#define BLOB ".blobs/sha256/e3/e3b0"
#define ASIDE ".deleting/test/files/" BLOB

enum { BEGAN_MS = 1000, WAIT_MS = 2000, OLD_S = 700 };

static char *names[] = {(char *)"e3b0"};
static const struct record_files one = {
	.dir = (char *)".blobs/sha256/e3", .names = names, .count = 1};

static void make_orphan(const struct repository *repository, const char *path) {
	repository_make_file(repository, path, "content");
	repository_make_old(repository, path, OLD_S);
}

static void assert_is_back(const struct repository *repository) {
	repository_assert_text(repository, BLOB, "content");
	assert_false(repository_has(repository, ASIDE));
}

static struct files_rule beside_uploads(const struct repository *repository) {
	struct files_rule rule = {.lifetime_ms = 600000, .wait_ms = WAIT_MS};
	char root[64];

	snprintf(root, sizeof(root), "/proc/self/fd/%d", repository->fd);
	repository_make_dir(repository, ".uploads");
	assert_int_equal(upload_watch_open(&rule.watch, root), 0);
	return rule;
}

static void throw_away(const struct repository *repository) {
	repository_make_file(repository, ".uploads/0123", "content");
	assert_int_equal(unlinkat(repository->fd, ".uploads/0123", 0), 0);
}

static int64_t step_by(
	const struct repository *repository,
	const struct files_rule *rule,
	struct file *file,
	int64_t now_ms
) {
	return files_remove(repository->fd, repository->aside, rule, &one, file, now_ms);
}

static void one_comes_back_when_an_upload_was_thrown_away_meanwhile(void **state) {
	const struct repository *repository = *state;
	const struct files_rule rule = beside_uploads(repository);
	struct file file = {.place = FILE_NEW};

	make_orphan(repository, BLOB);
	assert_int_equal(step_by(repository, &rule, &file, BEGAN_MS), WAIT_MS);
	throw_away(repository);
	assert_int_equal(step_by(repository, &rule, &file, BEGAN_MS + WAIT_MS), FREED_MS);
	assert_int_equal(step_by(repository, &rule, &file, BEGAN_MS + 2 * WAIT_MS), 0);
	assert_int_equal(file.place, FILE_SPARED);
	assert_is_back(repository);
	assert_true(repository_look(repository, BLOB).st_mtim.tv_sec > time(NULL) - OLD_S / 2);
	upload_watch_close(rule.watch);
}

static void one_comes_back_though_its_place_was_given_up(void **state) {
	const struct repository *repository = *state;
	const struct files_rule rule = beside_uploads(repository);
	struct file file = {.place = FILE_NEW};

	make_orphan(repository, BLOB);
	assert_int_equal(step_by(repository, &rule, &file, BEGAN_MS), WAIT_MS);
	assert_int_equal(step_by(repository, &rule, &file, BEGAN_MS + WAIT_MS), FREED_MS);
	throw_away(repository);
	assert_int_equal(step_by(repository, &rule, &file, BEGAN_MS + 2 * WAIT_MS), 0);
	assert_int_equal(file.place, FILE_SPARED);
	assert_is_back(repository);
	upload_watch_close(rule.watch);
}

static void an_upload_that_took_its_place_is_as_good(void **state) {
	const struct repository *repository = *state;
	const struct files_rule rule = beside_uploads(repository);
	struct file file = {.place = FILE_NEW};

	make_orphan(repository, BLOB);
	assert_int_equal(step_by(repository, &rule, &file, BEGAN_MS), WAIT_MS);
	assert_int_equal(step_by(repository, &rule, &file, BEGAN_MS + WAIT_MS), FREED_MS);
	throw_away(repository);
	repository_make_file(repository, BLOB, "content");
	assert_int_equal(step_by(repository, &rule, &file, BEGAN_MS + 2 * WAIT_MS), 0);
	assert_is_back(repository);
	upload_watch_close(rule.watch);
}

static void uploads_that_are_removed_here_count_for_none(void **state) {
	static char *old[] = {(char *)"old"};
	const struct record_files uploads = {.dir = (char *)".uploads", .names = old, .count = 1};
	const struct repository *repository = *state;
	const struct files_rule rule = beside_uploads(repository);
	struct file file = {.place = FILE_NEW}, upload = {.place = FILE_NEW};

	make_orphan(repository, BLOB);
	make_orphan(repository, ".uploads/old");
	assert_int_equal(step_by(repository, &rule, &file, BEGAN_MS), WAIT_MS);
	assert_int_equal(
		files_remove(repository->fd, repository->aside, &rule, &uploads, &upload, BEGAN_MS),
		0
	);
	assert_int_equal(upload.place, FILE_REMOVED);
	assert_int_equal(step_by(repository, &rule, &file, BEGAN_MS + WAIT_MS), FREED_MS);
	assert_int_equal(step_by(repository, &rule, &file, BEGAN_MS + 2 * WAIT_MS), 0);
	assert_int_equal(file.place, FILE_REMOVED);
	upload_watch_close(rule.watch);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_REPOSITORY(one_comes_back_when_an_upload_was_thrown_away_meanwhile),
		IN_A_REPOSITORY(one_comes_back_though_its_place_was_given_up),
		IN_A_REPOSITORY(an_upload_that_took_its_place_is_as_good),
		IN_A_REPOSITORY(uploads_that_are_removed_here_count_for_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
