// SPDX-License-Identifier: MPL-2.0
// subtree: all that is in a directory, the files of each directory before the directory itself.
// Symbolic links are not followed, and no other file system is entered.
// Thread: the owner's; blocks as the file system does.
#pragma once

#include <stddef.h>

struct subtree; // opaque

enum subtree_step {
	SUBTREE_FILE, // anything but a directory
	// A directory whose content was gone over, or could not be, which SUBTREE_TROUBLE told
	// before.
	SUBTREE_DIRECTORY,
	// Something cannot be looked at or entered: `err` says why. The walk goes on behind it.
	SUBTREE_TROUBLE,
	SUBTREE_END,
};

struct subtree_entry {
	// The directory that it is in, open until the next call; and its path below the top, "": it
	// is the top itself.
	int fd;
	const char *dir;
	const char *name;
	int err; // of SUBTREE_TROUBLE
};

// Begins with what is in the open directory `fd`, which stays open. What is removed meanwhile is
// passed over. 0 or a negative errno.
int subtree_open(struct subtree **out, int fd);
void subtree_close(struct subtree *tree); // NULL is fine
// The next one; what *out has lives until the call after it.
enum subtree_step subtree_next(struct subtree *tree, struct subtree_entry *out);
// Its path below the top, cut to fit.
void subtree_path(const struct subtree_entry *entry, char *out, size_t out_bytes);
