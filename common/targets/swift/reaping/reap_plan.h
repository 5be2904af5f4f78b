// SPDX-License-Identifier: MPL-2.0
// reap_plan: which requests come next for a container, and how they are made. Thread: loop.
#pragma once

#include "common/targets/swift/cluster/cluster.h"

#include <stddef.h>
#include <stdint.h>

struct call_plan;
struct http_request;
struct reap;

enum {
	// What requests are called; those to a container's servers follow, then those to objects'.
	REAP_ID_ASK,
	REAP_ID_LIST,
	REAP_ID_SHARDS,
	REAP_ID_PROBE,
	REAP_ID_CONTAINER,
	REAP_ID_OBJECTS = REAP_ID_CONTAINER + CLUSTER_DEVICES_MAX,

	// A page that is longer is asked for anew in short.
	REAP_BODY_BYTES_MOST = 16 * 1024 * 1024,
};

// The index-th of the requests that are not done. 1; 0: there are not so many; -EINVAL: its server
// has a name that is too long.
int reap_plan_next(const struct reap *reap, size_t index, struct call_plan *out);
// As target_calls.make.
int reap_plan_make(const struct reap *reap, int64_t id, struct http_request *out);
