// SPDX-License-Identifier: MPL-2.0
// surplus: which tags of a branch are beyond its policy.
#include "common/targets/dlrepo/rule/surplus.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

// dlrepo sorts by a double, which holds some 200 ns of today: what it takes for equal is equal.
static double stamp_s(const struct tag *tag) {
	return (double)tag->stamp.tv_sec + 1e-9 * (double)tag->stamp.tv_nsec;
}

static int compare(const void *a, const void *b) {
	const struct tag *one = a, *other = b;
	double one_s = stamp_s(one), other_s = stamp_s(other);

	if (one_s != other_s)
		return one_s > other_s ? -1 : 1;
	return strcmp(one->name, other->name);
}

void surplus_mark(struct tag *tags, size_t count, const struct policy *policy) {
	int64_t daily = 0, released = 0;

	if (count > 1)
		qsort(tags, count, sizeof(*tags), compare);
	for (size_t i = 0; i < count; i++) {
		int64_t max = tags[i].is_released ? policy->released_max : policy->daily_max;
		int64_t *seen = tags[i].is_released ? &released : &daily;

		tags[i].is_surplus = false;
		if (tags[i].is_locked)
			continue;
		(*seen)++;
		tags[i].is_surplus = max > 0 && *seen > max;
	}
}
