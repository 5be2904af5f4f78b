// SPDX-License-Identifier: MPL-2.0
// dlrepo_walk_test: the files below some directories, whatever becomes of them meanwhile.
#include "support/test.h"

#include "common/targets/dlrepo/repo/walk.h"
#include "support/repository.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const tops[] = {".blobs", ".uploads", NULL};

enum { FOUND_MOST = 300 };

struct found {
	char *paths[FOUND_MOST];
	size_t count;
	size_t troubles;
	char words[512]; // of the last trouble
};

static void take(struct found *found, const struct walk_file *file) {
	struct stat seen;

	assert_true(found->count < FOUND_MOST);
	assert_int_equal(fstatat(file->fd, file->name, &seen, AT_SYMLINK_NOFOLLOW), 0);
	assert_true(asprintf(&found->paths[found->count++], "%s/%s", file->dir, file->name) > 0);
}

// With a single walker.
struct stroll {
	struct walk *walk;
	struct walker *walker;
};

static void finish(const struct stroll *stroll) {
	walker_free(stroll->walker);
	walk_close(stroll->walk);
}

static void go_on(struct stroll stroll, struct found *found) {
	enum walk_step step;
	struct walk_file file;

	while ((step = walker_next(stroll.walker, &file)) != WALK_END) {
		if (step == WALK_FILE) {
			take(found, &file);
			continue;
		}
		found->troubles++;
		snprintf(found->words, sizeof(found->words), "%s", walker_words(stroll.walker));
	}
	assert_int_equal(walker_next(stroll.walker, &file), WALK_END);
	assert_int_equal(walk_waiting(stroll.walk), 0);
	assert_false(walker_is_inside(stroll.walker));
	finish(&stroll);
}

static struct stroll begin(const struct repository *repository) {
	struct stroll stroll;

	assert_int_equal(walk_open(&stroll.walk, repository->fd, tops), 0);
	stroll.walker = walker_new(stroll.walk);
	assert_non_null(stroll.walker);
	return stroll;
}

static int compare(const void *a, const void *b) {
	return strcmp(*(char *const *)a, *(char *const *)b);
}

// In whatever order; frees what was found.
static void assert_found(struct found *found, const char *const *expected, size_t count) {
	qsort(found->paths, found->count, sizeof(found->paths[0]), compare);
	assert_int_equal(found->count, count);
	for (size_t i = 0; i < count; i++) {
		assert_string_equal(found->paths[i], expected[i]);
		free(found->paths[i]);
	}
}

static void finds_files_at_any_depth_and_nothing_else(void **state) {
	static const char *const expected[] = {
		".blobs/.nfs0001",
		".blobs/sha256/e3/e3b0",
		".blobs/sha256/e3/\xff ",
		".blobs/stray",
		".uploads/0123",
		".uploads/sub/y",
	};
	const struct repository *repository = *state;
	struct found found = {.count = 0};

	for (size_t i = 0; i < 6; i++)
		repository_make_file(repository, expected[i], "");
	repository_make_dir(repository, ".blobs/sha256/00");
	repository_make_file(repository, "branches/main/t1/file", "");
	repository_make_link(repository, ".blobs/link", "stray");
	repository_make_link(repository, ".blobs/tree", "../branches");
	repository_make_link(repository, ".uploads/nowhere", "nothing");
	assert_int_equal(mkfifoat(repository->fd, ".uploads/fifo", 0600), 0);
	go_on(begin(repository), &found);
	assert_found(&found, expected, 6);
	assert_int_equal(found.troubles, 0);
}

static void what_is_first_is_walked_first(void **state) {
	const struct repository *repository = *state;
	struct stroll stroll;
	struct walk_file file;

	repository_make_file(repository, ".uploads/a", "");
	repository_make_file(repository, ".blobs/z", "");
	stroll = begin(repository);
	assert_int_equal(walker_next(stroll.walker, &file), WALK_FILE);
	assert_string_equal(file.dir, ".blobs");
	assert_int_equal(walker_next(stroll.walker, &file), WALK_FILE);
	assert_string_equal(file.dir, ".uploads");
	finish(&stroll); // in the middle
	finish(&(struct stroll){NULL, NULL});
}

static void what_is_missing_is_passed_over(void **state) {
	static const char *const expected[] = {".uploads/a"};
	const struct repository *repository = *state;
	struct found found = {.count = 0};

	go_on(begin(repository), &found);
	assert_found(&found, NULL, 0);
	repository_make_file(repository, ".uploads/a", "");
	go_on(begin(repository), &found);
	assert_found(&found, expected, 1);
	assert_int_equal(found.troubles, 0);
}

static void a_link_in_the_place_of_a_top_is_a_trouble(void **state) {
	static const char *const expected[] = {".uploads/a"};
	const struct repository *repository = *state;
	struct found found = {.count = 0};

	repository_make_file(repository, "elsewhere/file", "");
	repository_make_file(repository, ".uploads/a", "");
	repository_make_link(repository, ".blobs", "elsewhere");
	go_on(begin(repository), &found);
	assert_found(&found, expected, 1);
	assert_int_equal(found.troubles, 1);
	assert_non_null(strstr(found.words, "'.blobs': "));
}

static void a_directory_that_cannot_be_read_is_a_trouble_and_no_end(void **state) {
	static const char *const expected[] = {".blobs/sha256/e4/y", ".uploads/z"};
	struct repository *repository = *state;
	struct found found = {.count = 0};

	repository_make_file(repository, ".blobs/sha256/e3/x", "");
	repository_make_file(repository, expected[0], "");
	repository_make_file(repository, expected[1], "");
	repository_drop_rights(repository);
	repository_chmod(repository, ".blobs/sha256/e3", 0);
	go_on(begin(repository), &found);
	assert_found(&found, expected, 2);
	assert_int_equal(found.troubles, 1);
	assert_string_equal(found.words, "'.blobs/sha256/e3': Permission denied");
}

// Of .blobs itself the one file is seen before any of its directories is entered.
static void directories_may_be_made_and_removed_meanwhile(void **state) {
	const struct repository *repository = *state;
	struct found found = {.count = 0};
	struct stroll stroll;
	struct walk_file file;
	bool has_kept = false;

	repository_make_file(repository, ".blobs/stray", "");
	repository_make_dir(repository, ".blobs/gone/inner");
	repository_make_file(repository, ".blobs/kept/y", "");
	repository_make_dir(repository, ".blobs/changed");
	stroll = begin(repository);
	assert_int_equal(walker_next(stroll.walker, &file), WALK_FILE);
	assert_string_equal(file.name, "stray");
	assert_int_equal(unlinkat(repository->fd, ".blobs/gone/inner", AT_REMOVEDIR), 0);
	assert_int_equal(unlinkat(repository->fd, ".blobs/gone", AT_REMOVEDIR), 0);
	repository_make_file(repository, ".blobs/changed/made/z", "");
	repository_make_dir(repository, ".blobs/new");
	go_on(stroll, &found);
	assert_int_equal(found.troubles, 0);
	for (size_t i = 0; i < found.count; i++) {
		has_kept |= strcmp(found.paths[i], ".blobs/kept/y") == 0;
		free(found.paths[i]);
	}
	assert_true(has_kept);
}

static void hundreds_of_directories_are_all_entered(void **state) {
	const struct repository *repository = *state;
	struct found found = {.count = 0};
	char path[64];

	for (int i = 0; i < 256; i++) {
		snprintf(path, sizeof(path), ".blobs/sha256/%02x/file", (unsigned)i);
		repository_make_file(repository, path, "");
	}
	go_on(begin(repository), &found);
	assert_int_equal(found.count, 256);
	while (found.count > 0)
		free(found.paths[--found.count]);
}

// As two threads would by turns.
static void two_walkers_find_each_file_once(void **state) {
	const struct repository *repository = *state;
	enum walk_step one = WALK_FILE, other = WALK_FILE;
	struct found found = {.count = 0};
	size_t of_other = 0;
	struct stroll stroll;
	struct walk_file file;
	struct walker *second;
	char path[64];

	for (int i = 0; i < 40; i++) {
		snprintf(path, sizeof(path), ".blobs/sha256/%02x/file%d", (unsigned)i % 8, i);
		repository_make_file(repository, path, "");
	}
	stroll = begin(repository);
	second = walker_new(stroll.walk);
	while (one == WALK_FILE || other == WALK_FILE) {
		one = walker_next(stroll.walker, &file);
		if (one == WALK_FILE)
			take(&found, &file);
		other = walker_next(second, &file);
		if (other == WALK_FILE)
			take(&found, &file);
		of_other += other == WALK_FILE;
	}
	assert_int_equal(found.count, 40);
	assert_true(of_other >= 15 && of_other <= 25);
	qsort(found.paths, found.count, sizeof(found.paths[0]), compare);
	for (size_t i = 0; i < found.count; i++) {
		assert_true(i == 0 || strcmp(found.paths[i - 1], found.paths[i]) != 0);
		if (i > 0)
			free(found.paths[i - 1]);
	}
	free(found.paths[found.count - 1]);
	walker_free(second);
	finish(&stroll);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_REPOSITORY(finds_files_at_any_depth_and_nothing_else),
		IN_A_REPOSITORY(what_is_first_is_walked_first),
		IN_A_REPOSITORY(what_is_missing_is_passed_over),
		IN_A_REPOSITORY(a_link_in_the_place_of_a_top_is_a_trouble),
		IN_A_REPOSITORY(a_directory_that_cannot_be_read_is_a_trouble_and_no_end),
		IN_A_REPOSITORY(directories_may_be_made_and_removed_meanwhile),
		IN_A_REPOSITORY(hundreds_of_directories_are_all_entered),
		IN_A_REPOSITORY(two_walkers_find_each_file_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
