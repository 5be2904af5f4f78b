// SPDX-License-Identifier: MPL-2.0
// handover_rule: where a candidate goes that came back: nowhere, to a retry topic, or to the dead
// letters. Pure. Thread: any.
#pragma once

#include "common/candidate.h"
#include "common/verdict.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum handover_way {
	// It is done, or left for a stated reason.
	HANDOVER_NONE,
	HANDOVER_RETRY,
	HANDOVER_DEAD,
	// Left: postponed for longer than a candidate lives; the next full pass finds it again.
	HANDOVER_EXPIRED,
};

// Does the record go to another topic?
static inline bool handover_goes_on(enum handover_way way) {
	return way == HANDOVER_RETRY || way == HANDOVER_DEAD;
}

struct handover_limits {
	// Times that a candidate itself may fail before it is dead, the first included.
	int attempts;
	// How long after it was seen a postponed one is kept.
	int64_t life_ms;
	// A replay: what does not work out is given up at once, for it reads no retry topic.
	bool is_replay;
};

// Does it come back only because the worker that had it ends, so that another one does it?
bool handover_is_undone(const struct fate *fate);

// Does it say nothing about the candidate? Its node as a whole was away, too busy or had nobody
// behind it: such a failure counts as a postponement.
bool handover_is_postponed(const struct fate *fate);

// How often in a row the node was away or asked for time, when it was `before` times until then;
// its lane stopped or given up counts too, a mere hold-up does not. A failure of the record's own
// ends the row, for the node answered; what says nothing about the node does not.
int handover_away(const struct fate *fate, int before);

// How far a record has come, this time included.
struct handover_climb {
	int attempts; // how often it failed
	int away; // as handover_away says
};
// Which of the `count` retry topics: after the n-th failure of its own the n-th one, while its node
// is away one further each time, up to the last. One that only had no turn goes to the first: it
// waits behind others of its node, which works.
size_t handover_tier(const struct fate *fate, const struct handover_climb *climb, size_t count);

// The partition of a retry topic, which has `count`, for a record from `partition`: one of the
// `held_count` that we hold if there is any, so that the worker does not call itself drained before
// the retry is. Order means nothing there.
int32_t handover_retry_partition(
	const int32_t *held, size_t held_count, int32_t partition, int32_t count
);

enum handover_way handover_decide(
	const struct handover_limits *limits,
	const struct candidate *candidate,
	const struct fate *fate,
	int64_t now_wall_ms
);
