// SPDX-License-Identifier: MPL-2.0
// handover_rule: where a candidate goes that came back.
#include "worker/handover_rule.h"

#include <stdbool.h>

// Will it fail the same way however often it is tried? A refused signature may be the node's or our own fault.
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

enum handover_way handover_decide(
	const struct handover_limits *limits,
	const struct candidate *candidate,
	const struct fate *fate,
	int64_t now_wall_ms
) {
	switch (fate->verdict) {
	case VERDICT_POSTPONED:
		return now_wall_ms - candidate->seen_ms > limits->life_ms ? HANDOVER_EXPIRED
									  : HANDOVER_RETRY;
	case VERDICT_FAILED:
		if (is_hopeless(fate) || candidate->origin.attempts + 1 >= limits->attempts)
			return HANDOVER_DEAD;
		return HANDOVER_RETRY;
	default:
		return HANDOVER_NONE;
	}
}
