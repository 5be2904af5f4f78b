// SPDX-License-Identifier: MPL-2.0
// overdue: rows that a scan found long after they were due.
#include "common/overdue.h"

#include <stdio.h>

static void count(struct overdue *overdue, int64_t rows, int64_t oldest_ms) {
	if (rows == 0)
		return;
	if (overdue->count == 0 || oldest_ms < overdue->oldest_ms)
		overdue->oldest_ms = oldest_ms;
	overdue->count += rows;
}

void overdue_add(struct overdue *overdue, int64_t due_ms, const char *id, const char *node) {
	struct overdue_row *row = &overdue->rows[overdue->named];

	if (!overdue_is(overdue, due_ms))
		return;
	count(overdue, 1, due_ms);
	if (overdue->named == OVERDUE_NAMED)
		return;
	row->due_ms = due_ms;
	snprintf(row->id, sizeof(row->id), "%s", id);
	snprintf(row->node, sizeof(row->node), "%s", node == NULL ? "" : node);
	overdue->named++;
}

void overdue_merge(struct overdue *overdue, const struct overdue *more) {
	count(overdue, more->count, more->oldest_ms);
	for (size_t i = 0; i < more->named && overdue->named < OVERDUE_NAMED; i++)
		overdue->rows[overdue->named++] = more->rows[i];
}
