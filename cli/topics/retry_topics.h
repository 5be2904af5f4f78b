// SPDX-License-Identifier: MPL-2.0
// retry_topics: which retry topics a worker takes. Thread: main.
#pragma once

#include "common/kafka/topics/tiers.h"
#include "common/kafka/topics/topics.h"
#include "worker/intake/source.h"

struct log;

struct retry_topics {
	char names[SOURCE_RETRIES_MAX][TOPIC_NAME_BYTES];
	int64_t delay_ms[SOURCE_RETRIES_MAX];
	// As in retention.h; 0 until it was read.
	int64_t retention_ms[SOURCE_RETRIES_MAX];
	// The first ones: our tiers.
	size_t tiers;
	// With the others that there are, which are tiers no more.
	size_t count;
};

// Names the tiers. 0; -EINVAL: Kafka takes no such name.
int retry_topics_name(
	struct retry_topics *out,
	const char *prefix,
	const char *target,
	const struct topic_tiers *tiers
);
// Takes another topic that there is, unless it is known; tells it. 0, -E2BIG after the error was
// told.
int retry_topics_take(
	struct retry_topics *topics,
	const char *prefix,
	const char *target,
	const char *topic,
	struct log *log
);
