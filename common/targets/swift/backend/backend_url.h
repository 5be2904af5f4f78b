// SPDX-License-Identifier: MPL-2.0
// backend_url: the addresses of Swift's account, container and object servers. Pure. Thread: any.
//
// Source: direct_client and bufferedhttp of Swift 2.38.3.
#pragma once

#include "common/targets/swift/ring/name_hash.h"
#include "common/targets/swift/ring/ring.h"

#include <stddef.h>
#include <stdint.h>

struct buf;

// Where something lies: on a device, in a partition.
struct backend_place {
	const struct ring_device *device;
	uint32_t partition;
};

// "http://IP:PORT" of the device's server on the replication network, which serves all that the
// other one does; an IPv6 address gets its brackets. 0 or -ENAMETOOLONG.
int backend_origin(const struct ring_device *device, char *out, size_t out_bytes);

// Appends "http://IP:PORT/DEVICE/PARTITION/NAME/NAME…", names quoted, their slashes as they are.
// Errors stick in the buf.
void backend_url(
	struct buf *out,
	const struct backend_place *place,
	const struct name_part *names,
	size_t count
);

// Appends the name as Python's urllib quotes it: letters, digits, "_.-~/" stay.
void backend_quote(struct buf *out, const struct name_part *name);
