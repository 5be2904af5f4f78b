// SPDX-License-Identifier: MPL-2.0
// walk: the files below .blobs and .uploads, one after the other. Several walkers may share the
// directories of one walk; each directory is one walker's.
// Thread: any for a walk, the owner's for a walker; blocks as the file system does.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct walk; // opaque
struct walker; // opaque

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
	// No directory is waiting now: a walker that is inside of one may still find some.
	WALK_END,
};

// Walks over what is below `tops` (ends with NULL), in the order given; what is missing is passed
// over. 0 or -ENOMEM. root stays open as long as the walk.
int walk_open(struct walk **out, int root, const char *const *tops);
// Its walkers are closed before. NULL is fine.
void walk_close(struct walk *walk);
// How many directories wait for a walker.
size_t walk_waiting(struct walk *walk);

struct walker *walker_new(struct walk *walk); // NULL: out of memory
void walker_free(struct walker *walker); // NULL is fine
// Is it inside of a directory?
bool walker_is_inside(const struct walker *walker);
// Finds the next that may be a regular file; directories are left for any walker, all else is
// passed over.
enum walk_step walker_next(struct walker *walker, struct walk_file *out);
// Of the last WALK_TROUBLE.
const char *walker_words(const struct walker *walker);
