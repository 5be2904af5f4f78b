// SPDX-License-Identifier: MPL-2.0
// plan: what a dry run would do, counted by outcome and by node. Pure. Thread: loop. Owner: the
// worker.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct plan; // opaque

struct plan *plan_new(void); // NULL: out of memory
void plan_free(struct plan *plan); // NULL is fine
void plan_clear(struct plan *plan);
struct plan_rows {
	int64_t count;
	// Their own times, the least and the greatest.
	int64_t oldest_at;
	int64_t newest_at;
};
// These rows would have this outcome at `where` (a node; NULL: none). 0 or -ENOMEM.
int plan_add(
	struct plan *plan, const char *outcome, const char *where, const struct plan_rows *rows
);

struct plan_line {
	const char *outcome; // lives as long as the plan
	const char *where; // "" when none
	int64_t count;
	int64_t oldest_at;
	int64_t newest_at;
};
size_t plan_count(const struct plan *plan);
// By outcome, then by node. index < plan_count.
const struct plan_line *plan_line(const struct plan *plan, size_t index);
