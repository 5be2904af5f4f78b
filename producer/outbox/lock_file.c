// SPDX-License-Identifier: MPL-2.0
// lock_file: the scanner's lock as a locked file in the target's directory.
//
// Design notes
// - The kernel gives the lock back when the process ends, however it ends. So no thread keeps it.
// - The file stays when the lock is given back. Who removed it could remove the one that another
//   process has just locked.
// - Where nothing may be written the directory itself is what is locked, by all targets alike.
// - A lock belongs to the file, not to its name. So what was locked is compared with what the name
//   leads to, and another file of that name is somebody else's lock.
// - Only its owner may read the file: who can open it can lock it.
#include "producer/outbox/lock_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct lock_file {
	struct lock lock; // first
	char *path;
	int flags; // of open
	int fd; // of the locked file; -1: none
	char error[512];
};

static void let_go(struct lock_file *file) {
	if (file->fd >= 0)
		close(file->fd);
	file->fd = -1;
}

static int fail(struct lock_file *file, int err, const char *why) {
	snprintf(file->error, sizeof(file->error), "cannot take the scanner's lock: %s", why);
	let_go(file);
	return err;
}

static int fail_at_path(struct lock_file *file, int err, const char *what) {
	char why[400];

	snprintf(why, sizeof(why), "cannot %s '%.300s': %s", what, file->path, strerror(-err));
	if (err != -EACCES && err != -ENOENT && err != -ENOLCK && err != -ENOTSUP)
		err = -ENOTCONN;
	return fail(file, err, why);
}

static int fail_busy(struct lock_file *file) {
	char why[400];

	snprintf(why, sizeof(why), "another process has '%.300s'", file->path);
	return fail(file, -EBUSY, why);
}

static bool is_ours(const struct lock_file *file) {
	struct stat locked, named;

	int (*look)(const char *, struct stat *) = (file->flags & O_NOFOLLOW) != 0 ? lstat : stat;

	return file->fd >= 0 && fstat(file->fd, &locked) == 0 && look(file->path, &named) == 0 &&
		locked.st_dev == named.st_dev && locked.st_ino == named.st_ino;
}

static int lock_file_take(struct lock *lock) {
	struct lock_file *file = (struct lock_file *)lock;

	if (is_ours(file))
		return 0;
	let_go(file);
	file->fd = open(file->path, file->flags | O_CLOEXEC, 0600);
	if (file->fd < 0)
		return fail_at_path(file, -errno, "open");
	if (flock(file->fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? fail_busy(file) : fail_at_path(file, -errno, "lock");
	// Whoever removed it may have locked a new one by now; the next try tells.
	if (!is_ours(file))
		return fail(file, -EBUSY, "its file was just removed");
	return 0;
}

static int lock_file_verify(struct lock *lock) {
	struct lock_file *file = (struct lock_file *)lock;

	return is_ours(file) ? 0 : fail(file, -ESTALE, "it was lost");
}

static const char *lock_file_error(const struct lock *lock) {
	return ((const struct lock_file *)lock)->error;
}

static void lock_file_free(struct lock *lock) {
	struct lock_file *file = (struct lock_file *)lock;

	let_go(file);
	free(file->path);
	free(file);
}

static const struct lock_ops lock_file_ops = {
	.take = lock_file_take,
	.verify = lock_file_verify,
	.error = lock_file_error,
	.free = lock_file_free,
};

// Takes the path, which may be NULL for want of memory.
static int new_lock(struct lock **out, char *path, int flags) {
	struct lock_file *file = path == NULL ? NULL : calloc(1, sizeof(*file));

	if (file == NULL) {
		free(path);
		return -ENOMEM;
	}
	file->lock.ops = &lock_file_ops;
	file->path = path;
	file->flags = flags;
	file->fd = -1;
	*out = &file->lock;
	return 0;
}

int lock_file_new(struct lock **out, const char *directory, const char *target) {
	char *path = NULL;

	if (asprintf(&path, "%s/.purgefleet-%s.lock", directory, target) < 0)
		path = NULL;
	return new_lock(out, path, O_RDWR | O_CREAT | O_NOFOLLOW);
}

int lock_file_of_directory(struct lock **out, const char *directory) {
	return new_lock(out, strdup(directory), O_RDONLY | O_DIRECTORY);
}
