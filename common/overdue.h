// SPDX-License-Identifier: MPL-2.0
// overdue: rows that a scan found long after they were due: how many, the oldest, and a few by
// name. Pure: no clock. Thread: the owner's.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { OVERDUE_NAMED = 10, OVERDUE_ID_BYTES = 320, OVERDUE_NODE_BYTES = 300 };

struct overdue_row {
	char id[OVERDUE_ID_BYTES];
	char node[OVERDUE_NODE_BYTES]; // "": none
	int64_t due_ms; // Unix time
};

struct overdue { // zeroed: nobody asks
	// Unix time: what was due before counts.
	int64_t before_ms;
	int64_t count;
	// Unix time: since when the oldest of them is due.
	int64_t oldest_ms;
	struct overdue_row rows[OVERDUE_NAMED]; // the first ones
	size_t named;
};

// Is a row that is due since that time of those that count?
static inline bool overdue_is(const struct overdue *overdue, int64_t due_ms) {
	return overdue->before_ms != 0 && due_ms < overdue->before_ms;
}
// Counts a row that is due since that time, if that is long ago. node NULL: none. Longer texts are
// cut.
void overdue_add(struct overdue *overdue, int64_t due_ms, const char *id, const char *node);
// Adds those of `more`.
void overdue_merge(struct overdue *overdue, const struct overdue *more);
