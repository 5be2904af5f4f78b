// SPDX-License-Identifier: MPL-2.0
// decode_topic: reads a topic from an offset to the end that it has when the reading begins.
// Blocks. Thread: main.
#pragma once

#include "common/kafka/kafka.h"

#include <stdint.h>

struct decode_topic_setup {
	const struct kafka_options *kafka;
	struct log *log;
	const char *topic;
	int64_t partition; // -1: all
	int64_t from; // the first offset, in every partition
	// Gets each record. Returns 0 to go on; 1: it wants no more; a negative errno, after it was
	// told, ends the reading.
	int (*show)(void *ctx, const rd_kafka_message_t *message);
	void *ctx;
};

// 0; a negative errno after the error was told.
int decode_topic(const struct decode_topic_setup *setup);
