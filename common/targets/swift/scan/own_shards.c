// SPDX-License-Identifier: MPL-2.0
// own_shards: which partitions of accounts this node looks after, and which share of their
// containers.
#include "common/targets/swift/scan/own_shards.h"

#include "common/targets/swift/scan/local_ips.h"

#include <stdlib.h>
#include <string.h>

struct own_shards {
	const struct ring *ring;
	size_t count;
	bool is_own[]; // by the index of the device
};

struct own_shards *own_shards_new(
	const struct ring *ring, const struct local_ips *ips, int64_t port
) {
	size_t count = ring_device_count(ring);
	struct own_shards *shards = calloc(1, sizeof(*shards) + count * sizeof(shards->is_own[0]));

	if (shards == NULL)
		return NULL;
	shards->ring = ring;
	shards->count = count;
	for (size_t i = 0; i < count; i++) {
		const struct ring_device *device = ring_device_at(ring, i);

		shards->is_own[i] = device != NULL && (port == 0 || device->port == port) &&
			local_ips_have(ips, device->ip);
	}
	return shards;
}

void own_shards_free(struct own_shards *shards) {
	free(shards);
}

bool own_shards_has(const struct own_shards *shards, const char *device) {
	for (size_t i = 0; i < shards->count; i++) {
		if (shards->is_own[i] &&
		    strcmp(ring_device_at(shards->ring, i)->device, device) == 0)
			return true;
	}
	return false;
}

bool own_shards_find(
	const struct own_shards *shards,
	const char *device,
	uint32_t partition,
	struct own_shard *out
) {
	const struct ring_device *nodes[RING_REPLICAS_MAX];
	size_t count;

	if (partition >= ring_partitions(shards->ring))
		return false;
	count = ring_nodes(shards->ring, partition, nodes, RING_REPLICAS_MAX);
	for (size_t i = 0; i < count; i++) {
		if (shards->is_own[nodes[i]->id] && strcmp(nodes[i]->device, device) == 0) {
			*out = (struct own_shard){nodes[i], (uint32_t)i, (uint32_t)count};
			return true;
		}
	}
	return false;
}
