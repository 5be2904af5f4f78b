// SPDX-License-Identifier: MPL-2.0
// recovery: brings to its end what a process left in .deleting.
// Thread: any; blocks as the file system does.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aside;

struct recovery {
	int64_t tags; // removed
	// Put back in their places; tags too.
	int64_t files;
	// What could not be done; and of the first of them what and why.
	int64_t troubles;
	char trouble[500];
};

// A line for the log: what was done; false: nothing was. Pure.
bool recovery_words(const struct recovery *recovery, char *out, size_t out_bytes);
// Of all processes that are gone, but not of `own` (NULL: there is none): removes the tags that
// were moved there, puts the files back and takes away the directories that held their places.
// Others may do the same, and remove what is theirs, meanwhile. Removes .deleting when nothing is
// left in it.
void recovery_run(int root, struct aside *own, struct recovery *out);
// The same of this process, which removes nothing meanwhile. Its directory stays.
void recovery_own(int root, struct aside *own, struct recovery *out);
// Puts its files and tags back, and nothing else; it may remove some meanwhile.
void recovery_own_files(int root, struct aside *own, struct recovery *out);
