// SPDX-License-Identifier: MPL-2.0
// erase: removes a directory with all that is in it.
// Thread: any; blocks as the file system does.
#pragma once

#include <stddef.h>

// Can all of it be removed? 0; -EXDEV: another file system is mounted in it; -EACCES: a directory
// that may not be read or changed; -EMLINK: directories within directories, too many to be so by
// intent; or another negative errno. After an error `where` has the path below `fd`.
int erase_check(int fd, char *where, size_t where_bytes);
// Removes `name` in `fd`, whatever it is; that it is gone is fine. A symbolic link is removed, not
// followed. Goes on behind what cannot be removed, and returns the first error, with `where` as
// above.
int erase(int fd, const char *name, char *where, size_t where_bytes);
