// SPDX-License-Identifier: MPL-2.0
// produce_engine: scan and publisher, joined by the journal of passes. Thread: main.
#pragma once

#include "producer/producer.h"

#include <stdbool.h>
#include <stdint.h>

struct front;
struct journal;
struct produce_options;
struct publisher;

struct produce_engine { // zero it before use
	// Set before produce_engine_open; they outlive it.
	const struct front *front;
	const struct produce_options *options;
	int64_t retention_ms; // of the candidates' topic
	// One pass, which neither reads nor moves the cursor.
	bool is_single;
	// Polls readable when a pass ends; -1 before the open.
	int wake_fd;

	struct producer_options producer_options;
	struct publisher *publisher;
	struct journal *journal;
	struct producer *producer;
};

// 0, or a negative errno after the error was told; close then, too.
int produce_engine_open(struct produce_engine *engine);
void produce_engine_close(struct produce_engine *engine);
