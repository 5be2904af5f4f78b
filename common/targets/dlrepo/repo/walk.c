// SPDX-License-Identifier: MPL-2.0
// walk: the files below .blobs and .uploads.
//
// Design notes
// - The directories that are still to be entered are on a stack. That is at most all in one level,
//   some hundreds, and their names are all that is kept.
#include "common/targets/dlrepo/repo/walk.h"

#include "common/targets/dlrepo/repo/dir.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct walk {
	int root;
	// Of what is to be entered, the next one last.
	char **stack;
	size_t count;
	size_t size;
	DIR *dir; // that is read; NULL: none
	char *path; // its path
	char words[512];
};

static int push(struct walk *walk, char *path) {
	if (path == NULL)
		return -ENOMEM;
	if (walk->count == walk->size) {
		size_t size = walk->size == 0 ? 64 : 2 * walk->size;
		char **stack = realloc(walk->stack, size * sizeof(*stack));

		if (stack == NULL) {
			free(path);
			return -ENOMEM;
		}
		walk->stack = stack;
		walk->size = size;
	}
	walk->stack[walk->count++] = path;
	return 0;
}

int walk_open(struct walk **out, int root, const char *const *tops) {
	struct walk *walk = calloc(1, sizeof(*walk));
	size_t count = 0;
	int err = 0;

	if (walk == NULL)
		return -ENOMEM;
	walk->root = root;
	while (tops[count] != NULL)
		count++;
	while (count > 0 && err == 0)
		err = push(walk, strdup(tops[--count]));
	if (err < 0) {
		walk_close(walk);
		return err;
	}
	*out = walk;
	return 0;
}

static void leave_directory(struct walk *walk) {
	if (walk->dir != NULL)
		closedir(walk->dir);
	free(walk->path);
	walk->dir = NULL;
	walk->path = NULL;
}

void walk_close(struct walk *walk) {
	if (walk == NULL)
		return;
	leave_directory(walk);
	while (walk->count > 0)
		free(walk->stack[--walk->count]);
	free(walk->stack);
	free(walk);
}

static enum walk_step fail(struct walk *walk, const char *path, int err) {
	snprintf(walk->words, sizeof(walk->words), "'%.300s': %s", path, dir_words(err));
	return WALK_TROUBLE;
}

// 0; -ENOENT: it is gone; or a negative errno, of the path that it leaves in the walk.
static int enter_next(struct walk *walk) {
	int fd;

	walk->path = walk->stack[--walk->count];
	fd = dir_open(walk->root, walk->path);
	if (fd < 0)
		return fd;
	walk->dir = fdopendir(fd);
	if (walk->dir == NULL)
		close(fd);
	return walk->dir == NULL ? -ENOMEM : 0;
}

static bool is_self_or_parent(const char *name) {
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

static int put_off(struct walk *walk, const char *name) {
	char *path = NULL;

	if (asprintf(&path, "%s/%s", walk->path, name) < 0)
		path = NULL;
	return push(walk, path);
}

// False: the directory has no more, or cannot be read on; *err says so.
static bool next_file(struct walk *walk, struct walk_file *out, int *err) {
	struct dirent *entry;

	*err = 0;
	for (errno = 0; (entry = readdir(walk->dir)) != NULL; errno = 0) {
		if (is_self_or_parent(entry->d_name))
			continue;
		if (dir_is_directory(dirfd(walk->dir), entry->d_name, entry->d_type) > 0) {
			*err = put_off(walk, entry->d_name);
			if (*err < 0)
				return false;
		} else if (entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN) {
			out->dir = walk->path;
			out->name = entry->d_name;
			out->fd = dirfd(walk->dir);
			return true;
		}
	}
	*err = -errno;
	return false;
}

enum walk_step walk_next(struct walk *walk, struct walk_file *out) {
	enum walk_step step = WALK_FILE;
	int err = 0;

	for (;;) {
		if (walk->dir != NULL && next_file(walk, out, &err))
			return WALK_FILE;
		if (err < 0)
			step = fail(walk, walk->path, err);
		leave_directory(walk);
		if (step == WALK_TROUBLE)
			return step;
		if (walk->count == 0)
			return WALK_END;
		err = enter_next(walk);
		if (err == -ENOENT)
			err = 0;
	}
}

const char *walk_words(const struct walk *walk) {
	return walk->words;
}
