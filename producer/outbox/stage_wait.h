// SPDX-License-Identifier: MPL-2.0
// stage_wait: waits between two stages of a pass until the workers have finished all that was
// published, retries included.
// Thread: scan.
#pragma once

#include "producer/outbox/stage_news.h"
#include "producer/outbox/standing.h"
#include "producer/outbox/standing_look.h"

#include <stdbool.h>
#include <stdint.h>

struct delivery;

struct stage_wait { // zeroed but for the first three
	const char *topic; // of the candidates
	int64_t limit_ms; // 0: none
	// What is not finished by then ends the pass.
	bool order_is_needed;
	struct delivery *delivery; // of the pass
	struct standing_look look;
	struct stage_news news;
	int64_t began_ms; // monotonic
	struct standing before, now; // the last two looks
};

// What it is given must outlive it.
void stage_wait_init(
	struct stage_wait *wait,
	const struct kafka_options *kafka,
	const char *target,
	struct delivery *delivery,
	struct log *log
);
void stage_wait_fini(struct stage_wait *wait); // a zeroed one is fine

// All of the stage is acknowledged by the brokers.
void stage_wait_begin(struct stage_wait *wait);
// Asks the brokers once, for a few seconds at most, and tells what is to be told. 1: call it again
// in a while. 0: the pass goes on. Else it failed, with words in delivery_error.
int stage_wait_step(struct stage_wait *wait);
// Records of the candidates' topic that the workers had before them; -1: unknown.
int64_t stage_wait_lag(const struct stage_wait *wait);
