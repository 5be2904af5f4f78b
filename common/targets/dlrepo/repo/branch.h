// SPDX-License-Identifier: MPL-2.0
// branch: what a branch says of its tags: their marks, and how many stay.
// Thread: any; blocks as the file system does.
#pragma once

#include "common/targets/dlrepo/rule/policy.h"
#include "common/targets/dlrepo/rule/surplus.h"

#include <stdbool.h>
#include <stddef.h>

struct branch { // zero it before use
	struct policy policy;
	// The newest first; those beyond the policy are marked.
	struct tag *tags;
	size_t count;
	// Tags that cannot be looked at, and what is wrong with the first of them.
	size_t troubles;
	char trouble[400];
	// Why its policy is none, so that all tags stay; "": it is one, or there is none.
	char no_policy[200];
	// It could be read, and says nothing.
	bool has_bad_policy;
};

// Reads it; `name` as it is in the directory. 0; -ENOENT: there is no such branch; or another
// negative errno, with words in branch->trouble.
int branch_read(struct branch *out, int root, const char *name);
void branch_free(struct branch *branch);
// NULL: there is no such tag.
const struct tag *branch_find(const struct branch *branch, const char *tag);

// Reads the marks of one tag whose directory is open. What is not to be understood is told by
// is_locked. 0; -EBADMSG: so it is, with `mark` the name of the file; or a negative errno.
int branch_read_marks(int tag_fd, struct tag *out, const char **mark);
