// SPDX-License-Identifier: MPL-2.0
// erase: removes a directory with all that is in it.
// Thread: any; blocks as the file system does.
#pragma once

#include <stddef.h>

struct subtree_entry;

// What is done of each file before it goes.
struct erase_first {
	// 0; or a negative errno, and then the file stays, with what is in the way in `where`.
	int (*call
	)(const void *self, const struct subtree_entry *file, char *where, size_t where_bytes);
	const void *self;
};

// Can all of it be removed? 0; -EXDEV: another file system is mounted in it; -EACCES: a directory
// that may not be read or changed; -EMLINK: directories within directories, too many to be so by
// intent; what `first` (NULL: nothing) says of a file; or another negative errno. After an error
// `where` has the path below `fd`, or what `first` put there.
int erase_check(int fd, const struct erase_first *first, char *where, size_t where_bytes);
// Removes `name` in `fd`, whatever it is; that it is gone is fine. A symbolic link is removed, not
// followed. Goes on behind what cannot be removed, and returns the first error, with `where` as
// above.
int erase(
	int fd, const char *name, const struct erase_first *first, char *where, size_t where_bytes
);
