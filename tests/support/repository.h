// SPDX-License-Identifier: MPL-2.0
// repository: a directory of a test's own that looks like a dlrepo repository. Paths are below it.
// Thread: the one that runs the tests.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct aside;

// The state of a test between begin and end.
struct repository {
	char path[40];
	int fd;
	uid_t owner; // of it, and of the process
	// Of this process, in .deleting/test.
	struct aside *aside;
};

int repository_begin(void **state); // set-up of a test
int repository_end(void **state); // and its tear-down

#define IN_A_REPOSITORY(test)                                                                      \
	cmocka_unit_test_setup_teardown(test, repository_begin, repository_end)

// Each makes the directories above it.
void repository_make_dir(const struct repository *repository, const char *path);
void repository_make_file(const struct repository *repository, const char *path, const char *text);
void repository_make_link(const struct repository *repository, const char *path, const char *to);
// A second name of the same file.
void repository_make_name(const struct repository *repository, const char *path, const char *of);
// Its last change was so long ago.
void repository_make_old(const struct repository *repository, const char *path, int64_t age_s);
void repository_chmod(const struct repository *repository, const char *path, mode_t mode);

bool repository_has(const struct repository *repository, const char *path);
struct stat repository_look(const struct repository *repository, const char *path);
void repository_assert_text(
	const struct repository *repository, const char *path, const char *text
);
// It and what is in it and below, with kinds, modes, times and numbers of names; the caller frees
// the text.
char *repository_tell(const struct repository *repository, const char *path);
// Opens the directory; the caller closes it.
int repository_open(const struct repository *repository, const char *path);

// What root may do is not refused, so from here on until its end the test is nobody, who then owns
// all that was made so far.
void repository_drop_rights(struct repository *repository);
