// SPDX-License-Identifier: MPL-2.0
// range: cuts the uid space into ranges of neighbours.
#include "common/kafka/range.h"

#include <assert.h>

int64_t range_of(int64_t key, int64_t width) {
	assert(width > 0);
	return key / width - (key % width < 0 ? 1 : 0);
}

int32_t range_partition(int64_t range, int32_t partitions) {
	assert(partitions > 0);
	int32_t rest = (int32_t)(range % partitions);

	return rest < 0 ? rest + partitions : rest;
}
