// SPDX-License-Identifier: MPL-2.0
// walk: the files below .blobs and .uploads, one after the other.
// Thread: the owner's; blocks as the file system does.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

struct walk; // opaque

struct walk_file {
	// Below the root, e.g. ".blobs/sha256/e3"; lives until the next call.
	const char *dir;
	const char *name; // likewise
	// Of its directory, open until the next call.
	int fd;
};

enum walk_step {
	WALK_FILE,
	// A directory cannot be read: the words name it. The walk goes on behind it.
	WALK_TROUBLE,
	WALK_END,
};

// Walks over what is below `tops` (ends with NULL), in the order given; what is missing is passed
// over. 0 or -ENOMEM. root stays open as long as the walk.
int walk_open(struct walk **out, int root, const char *const *tops);
void walk_close(struct walk *walk); // NULL is fine
// Finds the next that may be a regular file; directories are entered, all else is passed over.
enum walk_step walk_next(struct walk *walk, struct walk_file *out);
// Of the last WALK_TROUBLE.
const char *walk_words(const struct walk *walk);
