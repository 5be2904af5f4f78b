// SPDX-License-Identifier: MPL-2.0
// handover_rule: where a candidate goes that came back.
#include "worker/handover/handover_rule.h"

// Will it fail the same way however often it is tried? A refused signature may be the node's or our
// own fault.
static bool is_hopeless(const struct fate *fate) {
	switch (fate->reason) {
	case REASON_UNKNOWN:
	case REASON_HTTP_OTHER:
		return true;
	case REASON_HTTP_4XX:
		return fate->status != 401 && fate->status != 403;
	default:
		return false;
	}
}

// What a gateway, a load balancer or a throttle answers in the place of a node that cannot. Any
// other 5xx may be about this one request.
static bool is_about_the_node(int status) {
	switch (status) {
	case 408:
	case 425:
	case 429:
	case 502:
	case 503:
	case 504:
		return true;
	default:
		return false;
	}
}

bool handover_is_undone(const struct fate *fate) {
	return fate->verdict == VERDICT_POSTPONED && fate->is_ending;
}

bool handover_is_postponed(const struct fate *fate) {
	if (fate->verdict != VERDICT_FAILED)
		return fate->verdict == VERDICT_POSTPONED;
	switch (fate->reason) {
	case REASON_CONNECT:
	case REASON_TIMEOUT:
		return true;
	case REASON_HTTP_4XX:
	case REASON_HTTP_5XX:
		return is_about_the_node(fate->status);
	default:
		return false;
	}
}

// Its node was away or asked for time. Whoever only had no turn is none of these, and our own
// database says nothing of a node.
static bool node_was_away(const struct fate *fate) {
	if (!handover_is_postponed(fate))
		return false;
	switch (fate->reason) {
	case REASON_CONNECT:
	case REASON_TIMEOUT:
	case REASON_STOPPED:
	case REASON_HTTP_4XX:
	case REASON_HTTP_5XX:
		return true;
	// Its whole lane was given up.
	case REASON_HTTP_OTHER:
		return fate->verdict == VERDICT_POSTPONED;
	default:
		return false;
	}
}

int handover_away(const struct fate *fate, int before) {
	if (!handover_is_postponed(fate))
		return 0;
	return node_was_away(fate) ? before + 1 : before;
}

size_t handover_tier(const struct fate *fate, const struct handover_climb *climb, size_t count) {
	int times = !handover_is_postponed(fate) ? climb->attempts
		: node_was_away(fate)            ? climb->away
						 : 1;

	if (times < 1 || count == 0)
		return 0;
	return (size_t)times < count ? (size_t)times - 1 : count - 1;
}

int32_t handover_retry_partition(
	const int32_t *held, size_t held_count, int32_t partition, int32_t count
) {
	int32_t same = partition % count;

	for (size_t i = 0; i < held_count; i++)
		if (held[i] == same)
			return same;
	return held_count == 0 ? same : held[(size_t)partition % held_count];
}

enum handover_way handover_decide(
	const struct handover_limits *limits,
	const struct candidate *candidate,
	const struct fate *fate,
	int64_t now_wall_ms
) {
	if (limits->is_replay)
		return fate->verdict == VERDICT_FAILED || fate->verdict == VERDICT_POSTPONED
			? HANDOVER_DEAD
			: HANDOVER_NONE;
	// No full pass finds one of a replay again: its row is gone.
	if (handover_is_postponed(fate) && now_wall_ms - candidate->seen_ms > limits->life_ms)
		return candidate->origin.is_replayed ? HANDOVER_DEAD : HANDOVER_EXPIRED;
	if (handover_is_postponed(fate))
		return HANDOVER_RETRY;
	if (fate->verdict != VERDICT_FAILED)
		return HANDOVER_NONE;
	if (is_hopeless(fate) || candidate->origin.attempts + 1 >= limits->attempts)
		return HANDOVER_DEAD;
	return HANDOVER_RETRY;
}
