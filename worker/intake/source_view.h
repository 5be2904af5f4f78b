// SPDX-License-Identifier: MPL-2.0
// source_view: what is seen of a source from outside, as plain numbers that can be copied.
// Thread: loop takes it, any reads a copy.
#pragma once

#include "worker/member/member.h"

#include <stdint.h>

// 1 and 0: yes and no; -1: not known.
struct source_view {
	struct source_counts counts;
	// There is an assignment, which may be empty.
	int64_t is_assigned;
	int64_t held; // partitions of the candidates' topic
	int64_t held_retries; // of the retry topics
	// Partitions that stand still, because a hand-over was refused for good.
	int64_t stuck;
	// Records in these partitions that the group has not committed, by what the brokers told
	// last.
	int64_t lag;
	int64_t lag_retries;
	int64_t waiting; // as source_waiting
	int64_t parked; // as source_parked
	int64_t has_trouble; // brokers do not answer
};

// All but the last three.
void source_view_take(const struct member *member, struct source_view *out);
