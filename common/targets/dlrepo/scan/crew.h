// SPDX-License-Identifier: MPL-2.0
// crew: threads that go over the files of a repository together.
// Thread: scan, which is one of them.
#pragma once

#include "common/page.h"

#include <stddef.h>
#include <stdint.h>

struct crew; // opaque
struct record_writer;
struct walker;

// What belongs to one thread as long as a step lasts.
struct crew_member {
	struct walker *walker;
	struct record_writer *writer;
	// How many files it is to look at in this step.
	size_t rows;
	// What it found in this step.
	struct page page;
	int64_t files;
	int64_t orphans;
	int64_t put;
	int64_t put_bytes;
	// 0 or a negative errno.
	int err;
};

// What a member does in a step.
typedef void crew_work(const void *ctx, struct crew_member *member);

// What is to be done in a step.
struct crew_order {
	crew_work *work;
	const void *ctx;
	size_t rows; // about how many files
	size_t most; // members
};

struct crew_found {
	int64_t files;
	int64_t orphans;
	int64_t put;
	int64_t put_bytes;
};

// Goes over what is below `tops` (ends with NULL) of the open directory `root`. 0 or -ENOMEM.
int crew_new(struct crew **out, int root, const char *const *tops, size_t threads);
void crew_free(struct crew *crew); // NULL is fine
// Some files are looked at by as many members as find something to do. What they find is added to
// the page and to *found. 0, or a member's error.
int crew_step(
	struct crew *crew,
	const struct crew_order *order,
	struct page *page,
	struct crew_found *found
);
// Was all of it gone over?
bool crew_is_done(const struct crew *crew);
