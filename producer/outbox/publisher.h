// SPDX-License-Identifier: MPL-2.0
// publisher: the put side of the queue that Kafka carries: publishes candidates, each into the
// partition of its uid range.
//
// put waits while too much is unacknowledged or the workers lag too far behind; drain waits until
// the brokers have acknowledged everything, and between stages until the workers have finished it.
// Thread: scan; stop and restart: loop.
#pragma once

#include "common/kafka/kafka.h"
#include "common/queue.h"
#include "producer/outbox/gauge.h"

#include <stdbool.h>
#include <stdint.h>

struct publisher; // opaque

struct publisher_setup {
	const struct kafka_options *kafka; // must outlive it
	const char *target;
	struct log *log;
	int64_t unacked_max; // messages
	// Of the workers' group, in messages; 0: no matter.
	int64_t lag_max;
	int64_t retention_ms; // of the topic, as in retention.h
	// Between stages it waits so long for the workers; 0: however long it takes.
	int64_t stage_ms;
	// Then the pass fails; else it goes on with the next stage.
	bool order_is_needed;
	bool dryrun; // counts only
};

// Connects to nothing yet. 0, -EINVAL with words in `error`, -ENOMEM.
int publisher_new(
	struct publisher **out, const struct publisher_setup *setup, char *error, size_t error_bytes
);
void publisher_free(struct publisher *publisher); // NULL is fine
struct queue_put *publisher_put_side(struct publisher *publisher);

// `call` is called about once a second while put or drain wait for the workers, and its error ends
// that. Thread: scan.
void publisher_on_wait(struct publisher *publisher, int (*call)(void *ctx), void *ctx);

// Before the first put of a pass: connects, and looks how many partitions there are. 0; -ENOENT: no
// such topic; -EACCES; -EAGAIN; words in publisher_error.
int publisher_begin(struct publisher *publisher, const char *run, int64_t range_width);
// What was put since the last seal is one page; `cursor` is the position behind it. 0 or -ENOMEM.
int publisher_seal(struct publisher *publisher, const char *cursor);
// The position up to which the brokers have acknowledged everything; "": none yet.
const char *publisher_cursor(const struct publisher *publisher);
// Looks once more how far the workers are, for counts.lag, when a pass that began has ended. Blocks
// up to 3 s.
void publisher_look(struct publisher *publisher);
// Has the topic been away, or begun anew, since it was last asked so? What was published before is
// gone then.
bool publisher_was_lost(struct publisher *publisher);
const char *publisher_error(const struct publisher *publisher);
// Thread: any.
void publisher_count(struct publisher *publisher, struct publisher_counts *out);
int64_t publisher_published_into(
	struct publisher *publisher, int32_t partition
); // of counts.partitions
