// SPDX-License-Identifier: MPL-2.0
// ring: which devices hold a name. Pure. Thread: any, read-only.
#pragma once

#include "common/targets/swift/ring/ring_devices.h"

#include <stddef.h>
#include <stdint.h>

struct ring; // opaque

// No more devices hold a partition.
enum { RING_REPLICAS_MAX = 128, RING_HASH_BYTES = 16 };

// Reads what a ring file has, inflated, of format 1 or 2. All that is not understood is refused: no
// device that is assigned is a hole, and no row of assignments but the last is short. 0; -EINVAL
// with words that say what is wrong and the remedy, without a path; -EIO: OpenSSL makes no digests;
// -ENOMEM. The caller frees *out; after an error it is NULL.
int ring_parse(
	struct ring **out,
	const unsigned char *inflated,
	size_t bytes,
	char *error,
	size_t error_bytes
);
void ring_free(struct ring *ring); // NULL is fine

// Partitions are 0 to their number - 1.
uint64_t ring_partitions(const struct ring *ring);
// While the number of partitions grows: the power of two that it will be; 0: it does not. Files are
// then in two places, and a server that is told this sees to both.
int ring_next_part_power(const struct ring *ring);
// Which one has a name with this hash (name_hash.h).
uint32_t ring_partition(const struct ring *ring, const unsigned char hash[RING_HASH_BYTES]);

// The primaries of a partition in the order of its replicas, each once. Puts up to `room` of them
// into `out` and returns how many there are: 0 to RING_REPLICAS_MAX. There can be none: replicas
// can have no device. They live as long as the ring.
size_t ring_nodes(
	const struct ring *ring, uint32_t partition, const struct ring_device **out, size_t room
);

// Holes are counted: ids are indexes.
size_t ring_device_count(const struct ring *ring);
// NULL: a hole, or beyond the last.
const struct ring_device *ring_device_at(const struct ring *ring, size_t index);
