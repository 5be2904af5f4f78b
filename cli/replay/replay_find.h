// SPDX-License-Identifier: MPL-2.0
// replay_find: the replay of an id. Blocks, for a bounded time. Thread: main.
#pragma once

#include "common/kafka/topics/kafka_state.h"
#include "common/kafka/topics/replay.h"

// For one question to the state topic.
enum { REPLAY_STATE_MS = 15 * 1000 };

// 0, or a negative errno after the error was told: -ENOENT: there is none; -EBADMSG: this version
// does not know it. Owner of *out: the caller, then zeroed.
int replay_find(struct replay *out, struct kafka_state *state, const char *target, const char *id);
// Is it still there, as it was found? 0; -ESTALE: it was dropped, or made again; another negative
// errno: not known now; with words in `error`. Thread: any.
int replay_look(
	const struct replay *replay,
	struct kafka_state *state,
	int64_t timeout_ms,
	char *error,
	size_t error_bytes
);
