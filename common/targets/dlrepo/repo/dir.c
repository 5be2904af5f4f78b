// SPDX-License-Identifier: MPL-2.0
// dir: directories below the repository's root.
//
// Design notes
// - openat2(2) does in one call what else takes a call for each part of a path. Where it is not
//   there (before Linux 5.6) or not allowed (old rules of containers say EPERM), and for what it
//   finds too long, each part is opened by itself.
#include "common/targets/dlrepo/repo/dir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { DIR_FLAGS = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC };

int dir_is_on(int fd, dev_t device) {
	struct stat file;

	if (fstat(fd, &file) < 0)
		return -errno;
	return file.st_dev == device ? 0 : -EXDEV;
}

int dir_look(int fd, const char *name, struct stat *out) {
	return fstatat(fd, name, out, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

static struct timespec time_of(const struct statx_timestamp *stamp) {
	return (struct timespec){.tv_sec = stamp->tv_sec, .tv_nsec = stamp->tv_nsec};
}

int dir_look_anew(int fd, const char *name, struct stat *out) {
	struct statx found;

	if (statx(fd,
		  name,
		  AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_STATX_FORCE_SYNC,
		  STATX_BASIC_STATS,
		  &found) < 0)
		return -errno;
	*out = (struct stat){
		.st_mode = found.stx_mode,
		.st_uid = found.stx_uid,
		.st_gid = found.stx_gid,
		.st_nlink = found.stx_nlink,
		.st_size = (off_t)found.stx_size,
		.st_ino = found.stx_ino,
		.st_dev = makedev(found.stx_dev_major, found.stx_dev_minor),
		.st_atim = time_of(&found.stx_atime),
		.st_mtim = time_of(&found.stx_mtime),
		.st_ctim = time_of(&found.stx_ctime),
	};
	return 0;
}

// Opens one part in `at`, which it closes.
static int step_into(int at, const char *part, bool makes) {
	int fd;

	if (makes && mkdirat(at, part, 0755) < 0 && errno != EEXIST) {
		fd = -errno;
		close(at);
		return fd;
	}
	fd = openat(at, part, DIR_FLAGS);
	if (fd < 0)
		fd = errno == ELOOP ? -ENOTDIR : -errno;
	close(at);
	return fd;
}

static int walk_to(int root, const char *path, bool makes) {
	struct stat of_root;
	int fd = openat(root, ".", DIR_FLAGS);
	int err;

	if (fd < 0)
		return -errno;
	err = fstat(fd, &of_root) < 0 ? -errno : 0;
	while (err == 0 && fd >= 0 && *path != '\0') {
		char part[NAME_MAX + 1];
		size_t len = strcspn(path, "/");

		if (len >= sizeof(part)) {
			err = -ENAMETOOLONG;
			break;
		}
		snprintf(part, sizeof(part), "%.*s", (int)len, path);
		path += len + (path[len] == '/' ? 1 : 0);
		fd = step_into(fd, part, makes);
		if (fd >= 0)
			err = dir_is_on(fd, of_root.st_dev);
	}
	if (err < 0 && fd >= 0)
		close(fd);
	return err < 0 ? err : fd;
}

// A part of a file system may have a device of its own without being mounted (btrfs).
static int keep_to_device(int fd, int root) {
	struct stat of_root;
	int err = fstat(root, &of_root) < 0 ? -errno : dir_is_on(fd, of_root.st_dev);

	if (err < 0)
		close(fd);
	return err < 0 ? err : fd;
}

int dir_open(int root, const char *path) {
	struct open_how how = {
		.flags = DIR_FLAGS,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};
	int fd = (int)syscall(SYS_openat2, root, path[0] == '\0' ? "." : path, &how, sizeof(how));

	if (fd >= 0)
		return keep_to_device(fd, root);
	if (errno == ENOSYS || errno == EPERM || errno == ENAMETOOLONG)
		return walk_to(root, path, false);
	return errno == ELOOP ? -ENOTDIR : -errno;
}

int dir_make(int root, const char *path) {
	int fd = dir_open(root, path);

	return fd == -ENOENT ? walk_to(root, path, true) : fd;
}

int dir_is_directory(int fd, const char *name, unsigned char type) {
	struct stat file = {.st_mode = 0};
	int err;

	if (type != DT_UNKNOWN)
		return type == DT_DIR;
	err = dir_look(fd, name, &file);
	return err < 0 ? err : S_ISDIR(file.st_mode);
}

const char *dir_words(int err) {
	switch (err) {
	case -EXDEV:
		return "another file system is mounted there, which is not touched (or this is the "
		       "lower layer of an overlay)";
	case -EBADMSG:
		return "it leads to no version of a product, and is not followed";
	case -ENOTDIR:
		return "it is no directory, or a symbolic link, which is not followed";
	default:
		return strerror(-err);
	}
}
