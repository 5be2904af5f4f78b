// SPDX-License-Identifier: MPL-2.0
// replay_command: what the actions of `replay` have in common. Thread: main.
#pragma once

#include "cli/front/front.h"
#include "common/kafka/kafka.h"
#include "common/kafka/topics/kafka_state.h"
#include "common/kafka/topics/topics.h"

#include <stdbool.h>
#include <stdint.h>

enum replay_action {
	REPLAY_NONE,
	REPLAY_CREATE,
	REPLAY_LIST,
	REPLAY_STATUS,
	REPLAY_DROP,
};

struct replay_options { // filled by conf
	int action; // enum replay_action
	char *id;
	char *from;
	char *to;
	int64_t range_start;
	int64_t range_end;
	char *node;
	bool json;
};

struct replay_command {
	struct front front;
	struct replay_options options;
	struct kafka_options kafka;
	char topic[TOPIC_NAME_BYTES]; // of the candidates
	struct front_log log;
	struct kafka_state *state; // open
};
