// SPDX-License-Identifier: MPL-2.0
// turn: tells when a node is stopped or slowed down, and when it is used again as before.
// Thread: loop.
#pragma once

#include "common/http/http_message.h"
#include "worker/calls/lanes.h"

#include <stdint.h>

struct log;

struct turn {
	const char *node;
	const char *words; // of the last answer
	const char *denied_words; // it refuses all that is sent
	// Rows wait so long at most; 0: for the next pass.
	int64_t away_most_ms;
	// A node that was stopped is asked again after; 0: never.
	int64_t probe_ms;
};

// Tells what the answer meant for the node.
void turn_tell(
	struct log *log,
	enum lane_turn what,
	const struct turn *turn,
	const struct http_answer *answer
);
// 0 too when it did not tell its time.
int64_t turn_our_clock_ahead_s(const struct http_answer *answer);
// At the end of a pass: of the nodes whose rows were postponed, how many those are.
void turn_tell_postponed(struct log *log, const struct lanes *lanes);
