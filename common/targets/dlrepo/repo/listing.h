// SPDX-License-Identifier: MPL-2.0
// listing: the names of the directories in a directory, sorted as bytes.
// Thread: any; blocks as the file system does.
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct listing { // zero it before use
	char **names;
	size_t count;
};

enum listing_want {
	// Directories whose names do not begin with a dot.
	LISTING_SHOWN,
	LISTING_DIRECTORIES,
	LISTING_ALL, // whatever there is
};

// Reads them; `fd` stays open. 0, or a negative errno, and then the listing is empty. A symbolic
// link is no directory.
int listing_read(struct listing *out, int fd, enum listing_want want);
void listing_free(struct listing *listing);
