// SPDX-License-Identifier: MPL-2.0
// waits: what all that is in work waits for.
#include "worker/waits.h"

#include "worker/batch/batch_pool.h"
#include "worker/calls/calls.h"
#include "worker/calls/lanes.h"
#include "worker/park/pace.h"
#include "worker/park/park.h"

static bool no_batch(const struct flow *flow) {
	const struct batches *batches = flow->batches;

	return batches->check.count + batches->remove.count + batches->defer.count == 0 &&
		flow->park->begun.count == 0 && batch_pool_is_empty(batches->pool);
}

static bool is_empty(const struct flow *flow, enum park_place place) {
	return park_first(flow->park, place) == NULL;
}

static bool is_nobody_parked(const struct flow *flow) {
	return is_empty(flow, PARK_TICKET) && is_empty(flow, PARK_RATE) &&
		is_empty(flow, PARK_REST);
}

size_t waits_for_nodes(const struct flow *flow) {
	const struct lanes *lanes = calls_lanes(flow->calls);
	size_t nodes;
	size_t waiting = lanes_waiting_for_nodes(lanes, &nodes);
	bool all_wait = waiting == lanes_queued(lanes) + calls_inflight(flow->calls);

	return all_wait && no_batch(flow) && is_nobody_parked(flow) ? nodes : 0;
}

static size_t held_by_rate(const struct flow *flow, const struct lanes *lanes) {
	return pace_allows(flow->pace, flow->shift->now_ms)
		? lanes_held_by_rate(lanes, flow->shift->now_ms)
		: lanes_queued(lanes);
}

bool waits_for_rate(const struct flow *flow) {
	const struct lanes *lanes = calls_lanes(flow->calls);

	return flow->shift->in_work > 0 && calls_inflight(flow->calls) == 0 &&
		held_by_rate(flow, lanes) == lanes_queued(lanes) && no_batch(flow) &&
		flow->park->timers.count == 0 && is_empty(flow, PARK_TICKET) &&
		is_empty(flow, PARK_REST) &&
		(is_empty(flow, PARK_RATE) || !pace_allows(flow->pace, flow->shift->now_ms));
}
