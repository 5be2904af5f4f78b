// SPDX-License-Identifier: MPL-2.0
// retry_topic: is the retry topic of a worker's delay there? Thread: main.
#pragma once

#include <stdint.h>

struct front;
struct kafka_options;

// 0, or a negative errno after the error was told, with the remedy. Blocks, for a bounded time.
int retry_topic_check(
	const struct front *front,
	const struct kafka_options *kafka,
	const char *topic,
	int64_t delay_ms
);
