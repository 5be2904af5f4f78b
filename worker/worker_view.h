// SPDX-License-Identifier: MPL-2.0
// worker_view: what is seen of a worker from outside, as plain numbers that can be copied.
// Thread: loop takes it, any reads a copy.
#pragma once

#include "worker/task/tally.h"

#include <stddef.h>
#include <stdint.h>

struct flow;

// Of more nodes only sums are told.
enum { WORKER_NODES_MAX = 64, WORKER_NODE_BYTES = 128 };

struct worker_node {
	char origin[WORKER_NODE_BYTES];
	int64_t in_flight; // requests on their way
	int64_t queued; // requests that wait for their turn
	int64_t stopped; // 1: it refuses all
	int64_t open; // 1: it is only probed
};

struct worker_view {
	struct tally tally; // of all passes
	int64_t in_work; // tasks
	int64_t rows_in_work;
	int64_t in_flight; // requests on their way
	int64_t nodes_stopped;
	int64_t nodes_open;
	// The first that were met; behind them the sums of all others, which has no origin.
	struct worker_node nodes[WORKER_NODES_MAX + 1];
	size_t node_count; // without the sums
	int64_t has_others; // 1: there are sums
	int64_t database; // as batch_pool_reaches
};

void worker_view_take(const struct flow *flow, struct worker_view *out);
