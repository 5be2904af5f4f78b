// SPDX-License-Identifier: MPL-2.0
// dir: directories below the repository's root. No symbolic link is followed, and the root's file
// system is not left.
// Thread: any; blocks as the file system does.
#pragma once

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>

// Opens what is at `path` ("a/b/c", "": the root itself) below the open directory `root`. A file
// descriptor, or -ENOENT, -ENOTDIR (also for a symbolic link), -EXDEV (another file system is
// mounted there), or another negative errno.
int dir_open(int root, const char *path);
// The same, and makes what is missing.
int dir_make(int root, const char *path);
// Is it on that file system? 0, -EXDEV, or a negative errno.
int dir_is_on(int fd, dev_t device);
// As fstatat(2) without following: 0 or a negative errno.
int dir_look(int fd, const char *name, struct stat *out);
// The same as it is now, also where the file system may be changed from other hosts (statx(2),
// AT_STATX_FORCE_SYNC). Fills in kind, owner, number of names, size, times, device and number.
int dir_look_anew(int fd, const char *name, struct stat *out);
// Is what readdir(3) tells of with this d_type a directory? Some file systems have none to tell.
// 1, 0, or a negative errno.
int dir_is_directory(int fd, const char *name, unsigned char type);
// Words for an error of this room: strerror's, but for what an operator would not guess.
const char *dir_words(int err);
