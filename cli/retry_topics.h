// SPDX-License-Identifier: MPL-2.0
// retry_topics: which retry topics a worker takes. Thread: main.
#pragma once

#include "common/topics.h"
#include "worker/source.h"

struct front;
struct kafka_options;

struct retry_topics {
	char names[SOURCE_RETRIES_MAX][TOPIC_NAME_BYTES];
	int64_t delay_ms[SOURCE_RETRIES_MAX];
	size_t tiers; // the first ones: those of our --retry-delay
	size_t count; // with the others that there are, of another --retry-delay
};

// Finds them. All of our own must be there. 0, or a negative errno after the error was told, with the remedy. Blocks, for a
// bounded time.
int retry_topics_find(
	struct retry_topics *out,
	const struct front *front,
	const struct kafka_options *kafka,
	int64_t delay_ms
);
