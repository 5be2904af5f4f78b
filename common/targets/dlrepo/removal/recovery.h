// SPDX-License-Identifier: MPL-2.0
// recovery: brings to its end what an earlier run left in .deleting.
// Thread: any, but nobody removes anything meanwhile; blocks as the file system does.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct recovery {
	int64_t tags; // removed
	int64_t files; // put back in their places
	// What could not be done; and of the first of them what and why.
	int64_t troubles;
	char trouble[500];
};

// Removes the tags that were moved there, puts the files back and takes away the directories that
// held their places, and .deleting itself when nothing is left in it.
void recovery_run(int root, struct recovery *out);
// Puts the files back, and nothing else; others may remove some meanwhile.
void recovery_files(int root, struct recovery *out);
