// SPDX-License-Identifier: MPL-2.0
// tag_removal: removes a tag with its jobs and their links from products.
// Thread: any; blocks as the file system does.
#pragma once

#include "common/verdict.h"

#include <stddef.h>

struct aside;
struct record_tag;

struct tag_outcome {
	enum verdict verdict; // DONE, LEFT, FAILED
	enum reason reason;
	// It is gone by our hand.
	bool is_removed;
	// Of one that failed: it lies aside.
	bool is_left;
	char words[208]; // of one that failed
};

// Moves the tag out of its branch in one step, so that nobody sees half of it, and removes it
// then. One that was locked, released, not released any more or stamped anew since the scan saw it
// is left alone. What is in the way is looked for before anything is touched.
void tag_remove(
	int root, struct aside *aside, const struct record_tag *record, struct tag_outcome *out
);

// Would tag_remove find something in the way? 0, also when the tag is gone; or a negative errno,
// with the path in `where`. Changes nothing.
int tag_check(int root, const char *branch, const char *tag, char *where, size_t where_bytes);

// Removes what lies aside as `name`; `tags_fd`: that directory. 0 or a negative errno,
// with the path in `where`.
int tag_remove_moved(int root, int tags_fd, const char *name, char *where, size_t where_bytes);
