// SPDX-License-Identifier: MPL-2.0
// source_count: how many partitions the topics have, and whether they can be seen. Asked on a
// thread of its own: the brokers' answer may take long, and nobody waits for it.
//
// Thread: loop, all of it. Owner: the source.
#pragma once

#include "common/kafka/kafka.h"
#include "worker/member/source_setup.h"

#include <stdbool.h>
#include <stdint.h>

struct source_count; // opaque

enum { SOURCE_COUNT_TOPICS = 1 + SOURCE_RETRIES_MAX };

struct source_count_setup { // texts and handle must outlive it
	rd_kafka_t *handle;
	const char *topics[SOURCE_COUNT_TOPICS];
	size_t topic_count;
	// As wake.h, rung when there is an answer.
	int wake_fd;
};

// Asks nothing yet. 0, -ENOMEM, -EAGAIN.
int source_count_new(struct source_count **out, const struct source_count_setup *setup);
// Waits for the question that is out, at most a second for each topic. NULL is fine.
void source_count_free(struct source_count *count);

void source_count_ask(struct source_count *count); // until there is an answer
// The latest answer, when it was not taken yet: how many each topic has, -ENOENT (there is none) or
// -EACCES (we may not see it); 0 behind the last topic.
bool source_count_take(struct source_count *count, int32_t partitions[SOURCE_COUNT_TOPICS]);
