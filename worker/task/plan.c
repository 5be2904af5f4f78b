// SPDX-License-Identifier: MPL-2.0
// plan: what a dry run would do.
#include "worker/task/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct plan {
	struct plan_line **lines; // sorted
	size_t count;
	size_t size;
};

struct plan *plan_new(void) {
	return calloc(1, sizeof(struct plan));
}

void plan_clear(struct plan *plan) {
	for (size_t i = 0; i < plan->count; i++)
		free(plan->lines[i]);
	plan->count = 0;
}

void plan_free(struct plan *plan) {
	if (plan == NULL)
		return;
	plan_clear(plan);
	free(plan->lines);
	free(plan);
}

static int compare(const struct plan_line *line, const char *outcome, const char *where) {
	int order = strcmp(line->outcome, outcome);

	return order != 0 ? order : strcmp(line->where, where);
}

// The first line that is not before (outcome, where).
static size_t lower_bound(const struct plan *plan, const char *outcome, const char *where) {
	size_t low = 0, high = plan->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(plan->lines[middle], outcome, where) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static struct plan_line *line_new(
	const char *outcome, const char *where, const struct plan_rows *rows
) {
	size_t outcome_bytes = strlen(outcome) + 1, where_bytes = strlen(where) + 1;
	struct plan_line *line = malloc(sizeof(*line) + outcome_bytes + where_bytes);
	char *text;

	if (line == NULL)
		return NULL;
	text = (char *)(line + 1);
	memcpy(text, outcome, outcome_bytes);
	memcpy(text + outcome_bytes, where, where_bytes);
	*line = (struct plan_line){
		.outcome = text,
		.where = text + outcome_bytes,
		.oldest_at = rows->oldest_at,
		.newest_at = rows->newest_at,
	};
	return line;
}

static int insert(struct plan *plan, size_t at, struct plan_line *line) {
	if (plan->count == plan->size) {
		size_t size = plan->size == 0 ? 16 : plan->size * 2;
		struct plan_line **lines = realloc(plan->lines, size * sizeof(struct plan_line *));

		if (lines == NULL)
			return -ENOMEM;
		plan->lines = lines;
		plan->size = size;
	}
	memmove(&plan->lines[at + 1],
		&plan->lines[at],
		(plan->count - at) * sizeof(struct plan_line *));
	plan->lines[at] = line;
	plan->count++;
	return 0;
}

int plan_add(
	struct plan *plan, const char *outcome, const char *where, const struct plan_rows *rows
) {
	const char *place = where == NULL ? "" : where;
	size_t i = lower_bound(plan, outcome, place);
	struct plan_line *line;

	if (i == plan->count || compare(plan->lines[i], outcome, place) != 0) {
		line = line_new(outcome, place, rows);
		if (line == NULL || insert(plan, i, line) < 0) {
			free(line);
			return -ENOMEM;
		}
	}
	line = plan->lines[i];
	line->count += rows->count;
	if (rows->oldest_at < line->oldest_at)
		line->oldest_at = rows->oldest_at;
	if (rows->newest_at > line->newest_at)
		line->newest_at = rows->newest_at;
	return 0;
}

size_t plan_count(const struct plan *plan) {
	return plan->count;
}

const struct plan_line *plan_line(const struct plan *plan, size_t index) {
	return plan->lines[index];
}
