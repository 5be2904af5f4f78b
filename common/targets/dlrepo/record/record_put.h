// SPDX-License-Identifier: MPL-2.0
// record_put: writes what a scan found as records. Thread: the owner's.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct page;
struct tag;

// What every candidate of a pass says of it.
struct record_moment {
	int64_t wall_ms;
	int64_t mono_ms;
};

// Adds a candidate to the page. 0, -ENOMEM, -EMSGSIZE.
int record_put_tag(
	struct page *page,
	const struct record_moment *moment,
	const char *branch,
	const struct tag *tag
);

// Files of one directory that are collected until a record of them is worth it.
struct record_writer; // opaque

struct record_writer *record_writer_new(void); // NULL: out of memory
void record_writer_free(struct record_writer *writer); // NULL is fine
// Has it no room for one more, or is it of another directory? Then it has to be put first.
bool record_writer_is_full(const struct record_writer *writer, const char *dir, const char *name);
// Adds a file; changed_ms: its last change. 0, -ENOMEM.
int record_writer_add(
	struct record_writer *writer, const char *dir, const char *name, int64_t changed_ms
);
// Adds a candidate of what was collected to the page, and begins anew. Nothing was: 0.
int record_writer_put(
	struct record_writer *writer, struct page *page, const struct record_moment *moment
);
