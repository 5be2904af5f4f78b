// SPDX-License-Identifier: MPL-2.0
// record: what a candidate of this target is, as the queue carries it: a tag, or some files of a
// directory. Names are bytes. Pure. Thread: the owner's.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

struct candidate;

enum record_kind { RECORD_TAG, RECORD_FILES };

struct record_tag {
	char *branch;
	char *tag;
	bool is_released;
	// As the scan saw it; zero: none.
	struct timespec stamp;
};

struct record_files {
	char *dir; // below the root
	char **names;
	size_t count;
	char *text; // where the names are
};

struct record {
	enum record_kind kind;
	struct record_tag tag; // of a tag
	struct record_files files; // of files
};

// Reads one. 0, -EBADMSG (it cannot be understood), -ENOMEM.
int record_read(struct record *out, const struct candidate *candidate);
void record_fini(struct record *record); // a zeroed one is fine
