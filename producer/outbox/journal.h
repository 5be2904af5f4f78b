// SPDX-License-Identifier: MPL-2.0
// journal: what a pass that publishes has to do besides: it binds the topics to the database, keeps
// the scanner's lock, decides between incremental and full, and writes the cursor of what the
// brokers acknowledged.
//
// Made and freed by the main thread; its hooks run on the scan thread.
#pragma once

#include "common/kafka/kafka.h"
#include "producer/outbox/cursor.h"
#include "producer/producer.h"

#include <stdbool.h>
#include <stdint.h>

struct lock;
struct publisher;
struct journal; // opaque

struct journal_setup {
	const struct target *target;
	const void *config;
	const struct kafka_options *kafka; // must outlive it
	struct publisher *publisher;
	struct log *log;
	struct lock *lock; // NULL when restricted
	int64_t full_interval_ms;
	// By range, or to one pass: no lock, no cursor.
	bool is_restricted;
	bool dryrun; // reads only
};

// Owns setup->lock from now on, also on error. 0, -EINVAL with words in `error`, -ENOMEM.
int journal_new(
	struct journal **out, const struct journal_setup *setup, char *error, size_t error_bytes
);
void journal_free(struct journal *journal); // after the producer; NULL is fine
struct producer_hooks journal_hooks(struct journal *journal);

// The next pass is a full one. Thread: any.
void journal_ask_full(struct journal *journal);
