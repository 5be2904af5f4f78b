// SPDX-License-Identifier: MPL-2.0
// replays: all replays that the state topic has. Blocks. Thread: the owner's.
#pragma once

#include "common/kafka/topics/kafka_state.h"
#include "common/kafka/topics/replay.h"

#include <stddef.h>
#include <stdint.h>

struct replays {
	// In the order in which they were made.
	struct replay *items;
	size_t count;
	// Of them that this version cannot read: only the id is known, and the group is "".
	size_t unknown;
};

// Zeroed before. 0; -ENOMEM; or as kafka_state_each with words in kafka_state_error. Owner: the
// caller, also after an error.
int replays_read(struct replays *out, struct kafka_state *state, int64_t timeout_ms);
// Notes a record of the state topic, which may be any, in the order of kafka_state_each.
// 0 or -ENOMEM.
int replays_see(struct replays *replays, const rd_kafka_message_t *message);
void replays_fini(struct replays *replays);
struct replay *replays_find(const struct replays *replays, const char *id); // NULL: there is none
