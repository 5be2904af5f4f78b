// SPDX-License-Identifier: MPL-2.0
// worker_view: what is seen of a worker from outside.
#include "worker/worker_view.h"

#include "worker/batch/batch_pool.h"
#include "worker/calls/calls.h"
#include "worker/calls/lanes.h"
#include "worker/flow.h"

#include <stdio.h>
#include <string.h>

// Its name would be cut, and then be that of another one.
static bool has_long_name(const struct lane_entry *entry) {
	return strlen(entry->origin) >= WORKER_NODE_BYTES;
}

static struct worker_node *place_for(struct worker_view *out, const struct lane_entry *entry) {
	struct worker_node *node = &out->nodes[out->node_count];

	if (out->node_count == WORKER_NODES_MAX || has_long_name(entry)) {
		out->has_others = 1;
		return &out->nodes[WORKER_NODES_MAX];
	}
	snprintf(node->origin, sizeof(node->origin), "%s", entry->origin);
	out->node_count++;
	return node;
}

static void add_node(struct worker_view *out, const struct lane_entry *entry) {
	struct worker_node *node = place_for(out, entry);

	node->in_flight += entry->lane.inflight;
	node->queued += (int64_t)entry->queued;
	node->stopped += entry->lane.stopped ? 1 : 0;
	node->open += entry->lane.open ? 1 : 0;
	out->nodes_stopped += entry->lane.stopped ? 1 : 0;
	out->nodes_open += entry->lane.open ? 1 : 0;
}

void worker_view_take(const struct flow *flow, struct worker_view *out) {
	const struct lanes *lanes = calls_lanes(flow->calls);

	*out = (struct worker_view){
		.tally = flow->shift->tally,
		.in_work = (int64_t)flow->shift->in_work,
		.rows_in_work = flow->shift->rows_in_work,
		.in_flight = (int64_t)calls_inflight(flow->calls),
		.database = batch_pool_reaches(flow->batches->pool),
	};
	tally_add(&out->tally, &flow->shift->before);
	for (size_t i = 0; i < lanes_count(lanes); i++)
		add_node(out, lanes_at(lanes, i));
}
