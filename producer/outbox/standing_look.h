// SPDX-License-Identifier: MPL-2.0
// standing_look: asks the brokers how far the workers' group is with the candidates' topic and all
// retry topics that there are.
// Thread: scan.
#pragma once

#include "common/kafka/kafka_right.h"

struct standing;

struct standing_look {
	const struct kafka_options *kafka;
	const char *target;
	const char *topic; // of the candidates
	struct kafka_opaque opaque;
	char group[KAFKA_NAME_BYTES]; // of the workers
	rd_kafka_t *consumer; // NULL until needed
	// Why the last look told nothing.
	char why[KAFKA_RIGHT_BYTES];
};

// `kafka`, `target` and `topic` must outlive it.
void standing_look_init(
	struct standing_look *look,
	const struct kafka_options *kafka,
	const char *target,
	const char *topic,
	struct log *log
);
void standing_look_fini(struct standing_look *look);

// Fills in what is zeroed. 0; else it stays so, with words in look->why: -EAGAIN: no answer in
// time; -EACCES: a right is missing; -ENOENT: the candidates' topic, or one that was there a moment
// ago, is not seen. Blocks up to 3 s for each question.
int standing_look_take(struct standing_look *look, struct standing *out);
