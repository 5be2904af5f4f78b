// SPDX-License-Identifier: MPL-2.0
// range: cuts the uid space into ranges of neighbours, and spreads the ranges over the partitions
// of a topic. Pure.
// Thread: any.
#pragma once

#include <stdint.h>

// The range that a key lies in; negative keys have negative ranges. width at least 1.
int64_t range_of(int64_t key, int64_t width);

// Where a range is published. partitions at least 1.
int32_t range_partition(int64_t range, int32_t partitions);
