// SPDX-License-Identifier: MPL-2.0
// own_shards: which partitions of accounts this node looks after, and which share of their
// containers. Thread: scan.
//
// Source: reap_device of Swift 2.38.3: a node looks after the partitions that it is a primary of;
// its place among these is its share.
#pragma once

#include "common/targets/swift/ring/ring.h"

#include <stdbool.h>
#include <stdint.h>

struct local_ips;

struct own_shards; // opaque

// One device of this node, as the ring has it. port 0: any. NULL: out of memory. The ring outlives
// it. May ask a name server.
struct own_shards *own_shards_new(
	const struct ring *ring, const struct local_ips *ips, int64_t port
);
void own_shards_free(struct own_shards *shards); // NULL is fine
// Does the ring have a device of this node with this name?
bool own_shards_has(const struct own_shards *shards, const char *device);

struct own_shard {
	const struct ring_device *device;
	uint32_t shard;
	uint32_t nodes; // of the account
};

// False: this device is no primary of the partition, or the ring has no such partition.
bool own_shards_find(
	const struct own_shards *shards,
	const char *device,
	uint32_t partition,
	struct own_shard *out
);
