// SPDX-License-Identifier: MPL-2.0
// topics_keep: do topics keep what is put into them? Thread: main.
#pragma once

#include "common/kafka/topics/topics_admin.h"
#include "common/kafka/topics/topics_harm.h"
#include "common/kafka/topics/topics_properties.h"

struct log;

enum { TOPICS_KEEP_SETTINGS = 1 + TOPICS_HARM_KEYS };

struct topics_keep {
	// Not the dead letters: how they are set is of no matter.
	enum topic_kind kind;
	const char *topic;
	int64_t delay_ms; // of a retry topic
	// There is none after all; nothing else is known.
	bool is_missing;
	struct topic_property settings[TOPICS_KEEP_SETTINGS]; // cleanup.policy, retention.ms, …
};

// Reads how they are set, at most TOPIC_READINGS_MAX of them. As topics_properties_read.
int topics_keep_read(struct topics_admin *admin, struct topics_keep *topics, size_t count);
// 0; -EPERM: one of them would lose what it must not, which was told with the remedy.
int topics_keep_judge(const struct topics_keep *topics, size_t count);
// Warns of whatever else they may lose.
void topics_keep_warn(struct log *log, const struct topics_keep *topics, size_t count);
// How long it keeps its records: as in retention.h.
int64_t topics_keep_ms(const struct topics_keep *topic);
