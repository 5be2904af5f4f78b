// SPDX-License-Identifier: MPL-2.0
// repository: a directory of a test's own that looks like a dlrepo repository.
#include "support/test.h"

#include "common/targets/dlrepo/repo/aside.h"
#include "support/repository.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { NOBODY = 65534, DEPTH_MOST = 20 };

int repository_begin(void **state) {
	struct repository *repository = calloc(1, sizeof(*repository));

	assert_non_null(repository);
	snprintf(repository->path, sizeof(repository->path), "/tmp/repository_test.XXXXXX");
	assert_non_null(mkdtemp(repository->path));
	repository->fd = open(repository->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_true(repository->fd >= 0);
	repository->owner = geteuid();
	assert_int_equal(aside_new(&repository->aside, "test"), 0);
	*state = repository;
	return 0;
}

static int remove_one(const char *path, const struct stat *file, int kind, struct FTW *at) {
	(void)file, (void)kind, (void)at;
	return remove(path);
}

static int open_up(const char *path, const struct stat *file, int kind, struct FTW *at) {
	(void)kind, (void)at;
	if (S_ISDIR(file->st_mode))
		chmod(path, 0700);
	return 0;
}

int repository_end(void **state) {
	struct repository *repository = *state;

	assert_int_equal(seteuid(repository->owner), 0);
	aside_free(repository->aside);
	nftw(repository->path, open_up, DEPTH_MOST, FTW_PHYS);
	assert_int_equal(nftw(repository->path, remove_one, DEPTH_MOST, FTW_PHYS | FTW_DEPTH), 0);
	close(repository->fd);
	free(repository);
	return 0;
}

// --- made

// All directories of the path but what is behind its last slash.
static void make_above(const struct repository *repository, const char *path) {
	char part[PATH_MAX];

	for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		if (mkdirat(repository->fd, part, 0755) < 0)
			assert_int_equal(errno, EEXIST);
	}
}

void repository_make_dir(const struct repository *repository, const char *path) {
	make_above(repository, path);
	if (mkdirat(repository->fd, path, 0755) < 0)
		assert_int_equal(errno, EEXIST);
}

void repository_make_file(const struct repository *repository, const char *path, const char *text) {
	int fd;

	make_above(repository, path);
	fd = openat(repository->fd, path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

void repository_make_link(const struct repository *repository, const char *path, const char *to) {
	make_above(repository, path);
	assert_int_equal(symlinkat(to, repository->fd, path), 0);
}

void repository_make_name(const struct repository *repository, const char *path, const char *of) {
	make_above(repository, path);
	assert_int_equal(linkat(repository->fd, of, repository->fd, path, 0), 0);
}

void repository_make_old(const struct repository *repository, const char *path, int64_t age_s) {
	struct timespec times[2];

	clock_gettime(CLOCK_REALTIME, &times[0]);
	times[0].tv_sec -= (time_t)age_s;
	times[1] = times[0];
	assert_int_equal(utimensat(repository->fd, path, times, AT_SYMLINK_NOFOLLOW), 0);
}

void repository_chmod(const struct repository *repository, const char *path, mode_t mode) {
	assert_int_equal(fchmodat(repository->fd, path, mode, 0), 0);
}

// --- seen

bool repository_has(const struct repository *repository, const char *path) {
	struct stat file;

	return fstatat(repository->fd, path, &file, AT_SYMLINK_NOFOLLOW) == 0;
}

struct stat repository_look(const struct repository *repository, const char *path) {
	struct stat file;

	assert_int_equal(fstatat(repository->fd, path, &file, AT_SYMLINK_NOFOLLOW), 0);
	return file;
}

void repository_assert_text(
	const struct repository *repository, const char *path, const char *text
) {
	char found[1000];
	int fd = openat(repository->fd, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t len;

	assert_true(fd >= 0);
	len = read(fd, found, sizeof(found) - 1);
	assert_true(len >= 0);
	found[len] = '\0';
	assert_string_equal(found, text);
	close(fd);
}

int repository_open(const struct repository *repository, const char *path) {
	int fd = openat(repository->fd, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static int by_name(const FTSENT **one, const FTSENT **other) {
	return strcmp((*one)->fts_name, (*other)->fts_name);
}

char *repository_tell(const struct repository *repository, const char *path) {
	char top[PATH_MAX];
	char *const tops[] = {top, NULL};
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);
	FTS *walk;
	FTSENT *entry;

	assert_non_null(out);
	snprintf(top, sizeof(top), "%s/%s", repository->path, path);
	walk = fts_open(tops, FTS_PHYSICAL | FTS_NOCHDIR, by_name);
	assert_non_null(walk);
	while ((entry = fts_read(walk)) != NULL) {
		const struct stat *file = entry->fts_statp;

		if (entry->fts_info == FTS_DP)
			continue;
		fprintf(out,
			"%s %o %ld.%09ld %ld\n",
			entry->fts_path,
			file->st_mode,
			(long)file->st_mtim.tv_sec,
			file->st_mtim.tv_nsec,
			(long)file->st_nlink);
	}
	fts_close(walk);
	fclose(out);
	return text;
}

// --- rights

static int give_away(const char *path, const struct stat *file, int kind, struct FTW *at) {
	(void)file, (void)kind, (void)at;
	return lchown(path, NOBODY, NOBODY);
}

void repository_drop_rights(struct repository *repository) {
	if (repository->owner != 0)
		return;
	assert_int_equal(nftw(repository->path, give_away, DEPTH_MOST, FTW_PHYS), 0);
	assert_int_equal(seteuid(NOBODY), 0);
}
