// SPDX-License-Identifier: MPL-2.0
// walk: the files below .blobs and .uploads.
//
// Design notes
// - The directories that are still to be entered are on a stack. That is at most all in one level,
//   some hundreds, and their names are all that is kept.
#include "common/targets/dlrepo/repo/walk.h"

#include "common/base/monitor.h"
#include "common/targets/dlrepo/repo/dir.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct walk {
	int root;
	struct monitor monitor; // guards the rest
	// Of what is to be entered, the next one last.
	char **stack;
	size_t count;
	size_t size;
};

struct walker {
	struct walk *walk;
	DIR *dir; // that is read; NULL: none
	char *path; // its path
	char words[512];
};

// --- what waits

static int grow(struct walk *walk) {
	size_t size = walk->size == 0 ? 64 : 2 * walk->size;
	char **stack = realloc(walk->stack, size * sizeof(*stack));

	if (stack == NULL)
		return -ENOMEM;
	walk->stack = stack;
	walk->size = size;
	return 0;
}

static int push(struct walk *walk, char *path) {
	int err = path == NULL ? -ENOMEM : 0;

	monitor_lock(&walk->monitor);
	if (err == 0 && walk->count == walk->size)
		err = grow(walk);
	if (err == 0)
		walk->stack[walk->count++] = path;
	monitor_unlock(&walk->monitor);
	if (err < 0)
		free(path);
	return err;
}

// NULL: nothing waits.
static char *pop(struct walk *walk) {
	char *path;

	monitor_lock(&walk->monitor);
	path = walk->count == 0 ? NULL : walk->stack[--walk->count];
	monitor_unlock(&walk->monitor);
	return path;
}

size_t walk_waiting(struct walk *walk) {
	size_t count;

	monitor_lock(&walk->monitor);
	count = walk->count;
	monitor_unlock(&walk->monitor);
	return count;
}

int walk_open(struct walk **out, int root, const char *const *tops) {
	struct walk *walk = calloc(1, sizeof(*walk));
	size_t count = 0;
	int err = 0;

	if (walk == NULL)
		return -ENOMEM;
	monitor_init(&walk->monitor);
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

void walk_close(struct walk *walk) {
	if (walk == NULL)
		return;
	while (walk->count > 0)
		free(walk->stack[--walk->count]);
	free(walk->stack);
	monitor_fini(&walk->monitor);
	free(walk);
}

// --- one walker

struct walker *walker_new(struct walk *walk) {
	struct walker *walker = calloc(1, sizeof(*walker));

	if (walker != NULL)
		walker->walk = walk;
	return walker;
}

static void leave_directory(struct walker *walker) {
	if (walker->dir != NULL)
		closedir(walker->dir);
	free(walker->path);
	walker->dir = NULL;
	walker->path = NULL;
}

void walker_free(struct walker *walker) {
	if (walker == NULL)
		return;
	leave_directory(walker);
	free(walker);
}

bool walker_is_inside(const struct walker *walker) {
	return walker->dir != NULL;
}

static enum walk_step fail(struct walker *walker, int err) {
	snprintf(
		walker->words, sizeof(walker->words), "'%.300s': %s", walker->path, dir_words(err)
	);
	return WALK_TROUBLE;
}

// 0; -ENOENT: it is gone; or a negative errno, of the path that it leaves in the walker.
static int enter(struct walker *walker, char *path) {
	int fd = dir_open(walker->walk->root, path);

	walker->path = path;
	if (fd < 0)
		return fd;
	walker->dir = fdopendir(fd);
	if (walker->dir == NULL)
		close(fd);
	return walker->dir == NULL ? -ENOMEM : 0;
}

static bool is_self_or_parent(const char *name) {
	return name[0] == '.' && (name[1] == '\0' || (name[1] == '.' && name[2] == '\0'));
}

static int put_off(const struct walker *walker, const char *name) {
	char *path = NULL;

	if (asprintf(&path, "%s/%s", walker->path, name) < 0)
		path = NULL;
	return push(walker->walk, path);
}

// False: the directory has no more, or cannot be read on; *err says so.
static bool next_file(struct walker *walker, struct walk_file *out, int *err) {
	struct dirent *entry;

	*err = 0;
	for (errno = 0; (entry = readdir(walker->dir)) != NULL; errno = 0) {
		if (is_self_or_parent(entry->d_name))
			continue;
		if (dir_is_directory(dirfd(walker->dir), entry->d_name, entry->d_type) > 0) {
			*err = put_off(walker, entry->d_name);
			if (*err < 0)
				return false;
		} else if (entry->d_type == DT_REG || entry->d_type == DT_UNKNOWN) {
			out->dir = walker->path;
			out->name = entry->d_name;
			out->fd = dirfd(walker->dir);
			return true;
		}
	}
	*err = -errno;
	return false;
}

enum walk_step walker_next(struct walker *walker, struct walk_file *out) {
	enum walk_step step = WALK_FILE;
	int err = 0;

	for (;;) {
		char *path;

		if (walker->dir != NULL && next_file(walker, out, &err))
			return WALK_FILE;
		if (err < 0)
			step = fail(walker, err);
		leave_directory(walker);
		if (step == WALK_TROUBLE)
			return step;
		path = pop(walker->walk);
		if (path == NULL)
			return WALK_END;
		err = enter(walker, path);
		if (err == -ENOENT)
			err = 0;
	}
}

const char *walker_words(const struct walker *walker) {
	return walker->words;
}
