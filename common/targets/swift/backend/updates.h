// SPDX-License-Identifier: MPL-2.0
// updates: which servers a request's server has to tell what it did: those of the container for an
// object's, those of the account for a container's. Pure. Thread: any.
//
// Source: _backend_requests of Swift 2.38.3's proxy, and async_update of its object server.
#pragma once

#include "common/targets/swift/ring/ring.h"

#include <stddef.h>
#include <stdint.h>

struct http_request;

struct updates {
	// "Container" or "Account".
	const char *kind;
	uint32_t partition;
	const struct ring_device *const *devices;
	size_t count;
};

// Adds X-KIND-Host, -Partition and -Device to the index-th of `requests` requests, so that all
// together name each device once, with commas where they are fewer; the last of them name none when
// they are more. 0, -ENOMEM, -EINVAL, -ENOBUFS.
int updates_name(
	const struct updates *updates, size_t index, size_t requests, struct http_request *request
);
