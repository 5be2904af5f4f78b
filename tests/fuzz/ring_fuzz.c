// SPDX-License-Identifier: MPL-2.0
// ring_fuzz: no bytes in a ring make its reader crash, and in what it takes each node is a device.
#include "common/targets/swift/ring/ring.h"
#include "fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

static void look(const struct ring *ring) {
	const struct ring_device *nodes[RING_REPLICAS_MAX];

	for (uint64_t part = 0; part < ring_partitions(ring); part++) {
		size_t count = ring_nodes(ring, (uint32_t)part, nodes, RING_REPLICAS_MAX);

		must(count <= RING_REPLICAS_MAX);
		for (size_t i = 0; i < count; i++)
			must(nodes[i] == ring_device_at(ring, (size_t)nodes[i]->id));
	}
	for (size_t i = 0; i < ring_device_count(ring); i++) {
		const struct ring_device *device = ring_device_at(ring, i);

		must(device == NULL ||
		     (device->ip[0] != '\0' && device->device[0] != '\0' && device->port > 0 &&
		      device->replication_port > 0));
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
	static const unsigned char hash[RING_HASH_BYTES] = {0xff, 0xff, 0xff, 0xff};
	char error[256] = "";
	struct ring *ring = NULL;
	int err = ring_parse(&ring, bytes, len, error, sizeof(error));

	must((err == 0 && error[0] == '\0') || (err == -EINVAL && error[0] != '\0'));
	must((err == 0) == (ring != NULL));
	if (ring != NULL) {
		must(ring_partition(ring, hash) == ring_partitions(ring) - 1);
		look(ring);
	}
	ring_free(ring);
	return 0;
}
