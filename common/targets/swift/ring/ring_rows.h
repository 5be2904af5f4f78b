// SPDX-License-Identifier: MPL-2.0
// ring_rows: which device has which replica of a partition.
// Thread: the owner's until they are read; then any, read-only.
#pragma once

#include "common/base/words.h"
#include "common/targets/swift/ring/ring_span.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// The id of no device.
#define RING_ROWS_NONE UINT32_MAX

struct ring_shape {
	int part_shift; // 0 to 32
	int id_bytes; // 2 or 4
	bool is_little; // has the lowest byte first
	// The last one can be shorter; of few partitions even empty.
	int rows;
	// As the ring says it, with the part of the last row; 0: it does not.
	double replicas;
};

struct ring_rows { // zeroed, then read
	// One of them is there, in this machine's order of bytes.
	uint16_t *narrow;
	uint32_t *wide;
	// Of all rows, which lie one behind the other.
	size_t id_count;
	uint64_t partitions; // 1 to 2^32
	int rows;
};

// 0; -EINVAL with words: there are more or fewer ids than the shape says; -ENOMEM. To be freed also
// after an error.
int ring_rows_read(
	struct ring_rows *out,
	const struct ring_shape *shape,
	struct ring_span data,
	const struct words *words
);
void ring_rows_fini(struct ring_rows *rows); // a zeroed one is fine

// RING_ROWS_NONE: no device, or the row is too short. Both arguments are below what is there.
uint32_t ring_rows_id(const struct ring_rows *rows, int row, uint64_t partition);
