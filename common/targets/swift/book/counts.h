// SPDX-License-Identifier: MPL-2.0
// counts: what became of containers and objects. Thread: the owner's.
//
// The reaper of Swift counts an object once for each of its servers' answers, by how the answers
// stand then; `replies` has it so, for its log line.
#pragma once

#include <stdint.h>

// How the answers of all servers of one thing stand.
enum reaped { REAPED_DELETED, REAPED_REMAINING, REAPED_POSSIBLY, REAPED_KINDS };

struct counts {
	int64_t containers[REAPED_KINDS];
	int64_t objects[REAPED_KINDS];
	int64_t replies[REAPED_KINDS];
	// Listed, and none of their servers has them: by another one's hand, or in a wrong place.
	int64_t absent;
	// Answers by their first digit.
	int64_t codes[6];
	// Servers that did not delete theirs.
	int64_t container_failures, object_failures;
};

// More good answers than bad ones: deleted; no good one: remaining; else possibly remaining.
static inline enum reaped counts_judge(unsigned good, unsigned bad) {
	if (good > bad)
		return REAPED_DELETED;
	return good == 0 ? REAPED_REMAINING : REAPED_POSSIBLY;
}
