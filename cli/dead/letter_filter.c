// SPDX-License-Identifier: MPL-2.0
// letter_filter: which letters an operator means.
#include "cli/dead/letter_filter.h"

#include <string.h>

// Without the slashes at its end.
static size_t length_of(const char *node) {
	size_t len = strlen(node);

	while (len > 0 && node[len - 1] == '/')
		len--;
	return len;
}

static bool is_same_node(const char *left, const char *right) {
	size_t len = length_of(left);

	return len == length_of(right) && memcmp(left, right, len) == 0;
}

static bool is_in_range(const struct letter_filter *filter, const struct letter *letter) {
	if (!filter->has_range_start && !filter->has_range_end)
		return true;
	if (letter->candidate == NULL)
		return false;
	if (filter->has_range_start && letter->candidate->key <= filter->range_start)
		return false;
	return !filter->has_range_end || letter->candidate->key < filter->range_end;
}

static bool is_in_time(const struct letter_filter *filter, const struct letter *letter) {
	if (!filter->has_before && !filter->has_after)
		return true;
	if (letter->stamp_ms < 0)
		return false;
	if (filter->has_before && letter->stamp_ms >= filter->before_ms)
		return false;
	return !filter->has_after || letter->stamp_ms > filter->after_ms;
}

bool letter_filter_takes(const struct letter_filter *filter, const struct letter *letter) {
	if (filter->reasons != 0 && (filter->reasons & (1U << (unsigned)letter->reason)) == 0)
		return false;
	if (filter->node != NULL &&
	    (letter->node == NULL || !is_same_node(filter->node, letter->node)))
		return false;
	if (filter->id != NULL && strcmp(filter->id, letter_id(letter)) != 0 &&
	    strcmp(filter->id, letter->key) != 0)
		return false;
	return is_in_range(filter, letter) && is_in_time(filter, letter);
}
