// SPDX-License-Identifier: MPL-2.0
// spans: what a replay is about, of the candidates' topic as it is now. Blocks, for a bounded time.
// Thread: main.
#pragma once

#include "cli/replay/edge.h"
#include "common/kafka/topics/replay.h"

#include <stddef.h>

struct kafka_options;
struct log;

struct spans_wish {
	const struct kafka_options *kafka;
	struct log *log;
	const char *topic;
	const struct edge *from;
	const struct edge *to;
};

// Fills in spans, count and deleted of the replay. 0, or a negative errno with words in `error`: a
// partition that there is not, an offset behind the end, brokers that do not answer.
int spans_find(
	struct replay *replay, const struct spans_wish *wish, char *error, size_t error_bytes
);
