// SPDX-License-Identifier: MPL-2.0
// files: removes orphan files of a directory, while a server may link them.
//
// A server looks a blob up by its name, touches it and links it. Its touch makes an empty file
// where the blob has just gone, and stores that for the blob. So the place of a file that goes is
// held by an empty directory until no server can have seen the file there (docs/dlrepo.md).
// Thread: one at a time for each; blocks as the file system does.
#pragma once

#include "common/targets/dlrepo/rule/second_look.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct aside;
struct record_files;
struct upload_watch;

// How long a file stays aside when nothing holds its place any more: from a server's look at the
// directory to the end of the upload that it throws away for it.
enum { FREED_MS = 500 };

struct files_rule {
	int64_t lifetime_ms;
	// How long a place is held before the file is looked at again.
	int64_t wait_ms;
	// Nobody uses the repository: files go at once.
	bool is_alone;
	// Says no more files are to be put aside, for the process ends; NULL: it never does.
	const atomic_bool *is_over;
	struct upload_watch *watch; // NULL: nobody uploads
};

enum file_place {
	FILE_NEW,
	FILE_ASIDE, // a directory holds its place
	// Nothing holds its place any more, but it is still there.
	FILE_FREED,
	FILE_REMOVED,
	// In use again, or never an orphan.
	FILE_SPARED,
	FILE_GONE,
	FILE_FAILED,
};

struct file { // zeroed: new
	struct first_look first; // of one aside
	// Of the watch, before it was put aside.
	uint64_t thrown_away;
	int64_t bytes;
	int64_t since_ms; // in this place, monotonic
	const char *deed; // what failed
	enum file_place place;
	int err; // of one that failed
	// Of one that was spared: somebody else held its place.
	bool was_held;
	// Of one that failed: it still lies aside, or its place is held.
	bool is_left;
	// Steps that failed while it was aside.
	unsigned char tries;
};

// One step with all of them (`files` has one for each name of `record`). now_ms: monotonic. Returns
// how long to wait before the next one in ms; 0: all have come to their end.
int64_t files_remove(
	int root,
	struct aside *aside,
	const struct files_rule *rule,
	const struct record_files *record,
	struct file *files,
	int64_t now_ms
);
