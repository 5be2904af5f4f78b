// SPDX-License-Identifier: MPL-2.0
// leftovers: says what is still in a retry topic that is no tier any more. Thread: main; blocks.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct kafka_options;
struct log;

struct leftovers {
	const struct kafka_options *kafka;
	struct log *log;
	const char *target;
	// Are the brokers asked what the group has left in it?
	bool counts;
};

// Prints a line: what becomes of its records, and when it may be deleted. What the brokers do not
// say is unknown, not none.
void leftovers_tell(const struct leftovers *leftovers, const char *topic, int32_t partitions);
