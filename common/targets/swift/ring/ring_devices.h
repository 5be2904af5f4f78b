// SPDX-License-Identifier: MPL-2.0
// ring_devices: the devices of a ring. Thread: the owner's until they are read; then any,
// read-only.
#pragma once

#include "common/base/words.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

// Texts live as long as the ring.
struct ring_device {
	int64_t id;
	// A name of a host, or an address: IPv6 without brackets.
	const char *ip;
	int port;
	// Where servers that only replicate listen; in rings that have none, the two above.
	const char *replication_ip;
	int replication_port;
	// The name of a directory, without '/'.
	const char *device;
};

struct ring_devices { // zeroed, then read
	json_t *list; // has the texts
	// Ids are indexes; where `device` is NULL is a hole.
	struct ring_device *rows;
	size_t count;
};

// Takes a reference to the list. 0; -EINVAL with words; -ENOMEM. To be freed also after an error.
int ring_devices_read(struct ring_devices *out, json_t *list, const struct words *words);
void ring_devices_fini(struct ring_devices *devices); // a zeroed one is fine

// NULL: a hole, or beyond the last.
const struct ring_device *ring_devices_at(const struct ring_devices *devices, uint64_t id);
