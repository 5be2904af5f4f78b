// SPDX-License-Identifier: MPL-2.0
// subtree: all that is in a directory.
//
// Design notes
// - Each level has one directory open, so the depth is bounded by LEVELS_MAX. A repository has five
//   levels or so below a tag, and what a format has of its own.
#include "common/targets/dlrepo/repo/subtree.h"

#include "common/targets/dlrepo/repo/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LEVELS_MAX = 100, PATH_BYTES = LEVELS_MAX * (NAME_MAX + 1) };

struct level {
	DIR *dir;
	bool is_broken; // it cannot be read on
	// Of its name in `path`, with the slash before it.
	size_t name_at;
};

struct subtree {
	struct level levels[LEVELS_MAX];
	size_t count;
	dev_t device;
	// Of the directory that is read, below the top.
	char path[PATH_BYTES];
	char name[NAME_MAX + 1]; // of the directory that was left
};

// The first one says which file system they have to be on.
static int check(struct subtree *tree, int fd) {
	struct stat top;

	if (tree->count > 0)
		return tree->count < LEVELS_MAX ? dir_is_on(fd, tree->device) : -EMLINK;
	if (fstat(fd, &top) < 0)
		return -errno;
	tree->device = top.st_dev;
	return 0;
}

static int enter(struct subtree *tree, int at, const char *name) {
	int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct level *level = &tree->levels[tree->count];
	int err;

	if (fd < 0)
		return -errno;
	err = check(tree, fd);
	if (err == 0) {
		level->dir = fdopendir(fd);
		err = level->dir == NULL ? -errno : 0;
	}
	if (err < 0) {
		close(fd);
		return err;
	}
	level->name_at = strlen(tree->path);
	level->is_broken = false;
	tree->count++;
	return 0;
}

int subtree_open(struct subtree **out, int fd) {
	struct subtree *tree = calloc(1, sizeof(*tree));
	int err = tree == NULL ? -ENOMEM : enter(tree, fd, ".");

	if (err < 0) {
		free(tree);
		return err;
	}
	*out = tree;
	return 0;
}

void subtree_close(struct subtree *tree) {
	if (tree == NULL)
		return;
	while (tree->count > 0)
		closedir(tree->levels[--tree->count].dir);
	free(tree);
}

static struct level *deepest(struct subtree *tree) {
	return &tree->levels[tree->count - 1];
}

static int fd_of(struct subtree *tree) {
	return dirfd(deepest(tree)->dir);
}

// NULL: there is no more, or it cannot be read on; *err says so.
static const struct dirent *read_entry(struct subtree *tree, int *err) {
	struct dirent *entry;

	*err = 0;
	if (deepest(tree)->is_broken)
		return NULL;
	do {
		errno = 0;
		entry = readdir(deepest(tree)->dir);
	} while (entry != NULL &&
		 (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
	*err = entry == NULL ? -errno : 0;
	deepest(tree)->is_broken = *err < 0;
	return entry;
}

static enum subtree_step trouble(struct subtree_entry *out, int err) {
	out->err = err;
	return SUBTREE_TROUBLE;
}

// The directory is done: the next word is about it.
static enum subtree_step leave(struct subtree *tree, struct subtree_entry *out) {
	struct level *level = deepest(tree);
	size_t at = level->name_at;

	closedir(level->dir);
	tree->count--;
	if (tree->count == 0)
		return SUBTREE_END;
	snprintf(
		tree->name,
		sizeof(tree->name),
		"%s",
		tree->path + at + (tree->path[at] == '/' ? 1 : 0)
	);
	tree->path[at] = '\0';
	*out = (struct subtree_entry){.fd = fd_of(tree), .name = tree->name, .dir = tree->path};
	return SUBTREE_DIRECTORY;
}

static int go_into(struct subtree *tree, const struct subtree_entry *entry) {
	size_t at = strlen(tree->path);
	int err = enter(tree, entry->fd, entry->name);

	if (err == 0)
		snprintf(
			tree->path + at,
			sizeof(tree->path) - at,
			"%s%s",
			at > 0 ? "/" : "",
			entry->name
		);
	return err;
}

// True: the step is about *out; false: on to the next name.
static bool look_at(
	struct subtree *tree, struct subtree_entry *out, unsigned char type, enum subtree_step *step
) {
	int err = dir_is_directory(out->fd, out->name, type);

	if (err == 0) {
		*step = SUBTREE_FILE;
		return true;
	}
	if (err > 0)
		err = go_into(tree, out);
	if (err == 0 || err == -ENOENT)
		return false;
	*step = trouble(out, err);
	return true;
}

enum subtree_step subtree_next(struct subtree *tree, struct subtree_entry *out) {
	enum subtree_step step = SUBTREE_END;
	bool is_found = false;

	while (!is_found) {
		int err;
		const struct dirent *entry = read_entry(tree, &err);

		*out = (struct subtree_entry){.fd = fd_of(tree), .name = "", .dir = tree->path};
		if (entry == NULL)
			return err < 0 ? trouble(out, err) : leave(tree, out);
		out->name = entry->d_name;
		is_found = look_at(tree, out, entry->d_type, &step);
	}
	return step;
}

void subtree_path(const struct subtree_entry *entry, char *out, size_t out_bytes) {
	bool has_both = entry->dir[0] != '\0' && entry->name[0] != '\0';

	snprintf(out, out_bytes, "%s%s%s", entry->dir, has_both ? "/" : "", entry->name);
}
