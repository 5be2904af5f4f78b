// SPDX-License-Identifier: MPL-2.0
// topics_harm: which settings of a topic, besides its cleanup.policy, may lose or delay records.
// Pure. Thread: any.
#pragma once

#include "common/kafka/topics/topics.h"

enum { TOPICS_HARM_KEYS = 4 };
extern const char *const topics_harm_keys[TOPICS_HARM_KEYS];

// What becomes of records of a topic of this kind when the setting `key` has this value, "" when
// the brokers do not tell it; NULL: no harm. `delay_ms`: of a retry topic.
const char *topics_harm(enum topic_kind kind, int64_t delay_ms, const char *key, const char *value);

// The command that mends it, to be shown to the operator; TOPIC_SET_COMMAND_BYTES are enough.
void topics_harm_command(
	const char *topic,
	int64_t delay_ms,
	const char *key,
	const char *value,
	char *out,
	size_t out_bytes
);
