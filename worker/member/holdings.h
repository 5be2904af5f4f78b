// SPDX-License-Identifier: MPL-2.0
// holdings: the partitions that we hold, and those that we gave back and of which something is
// still lent. Thread: loop. Owner: the member.
#pragma once

#include "common/kafka/kafka.h"
#include "worker/member/broker_clock.h"
#include "worker/member/claim.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

// By which a record is known again.
struct source_mark {
	int64_t offset;
	int64_t stamp_ms;
	size_t bytes;
};

enum holding_trust {
	// The group has not said yet what it has of it: nothing is taken.
	HOLDING_UNKNOWN,
	// The group has nothing of it, so 0 is to be committed: nothing is taken.
	HOLDING_BARE,
	// The group has something of it, which it forgets with the log.
	HOLDING_WATCHED,
};

struct holding { // a partition in one assignment
	// First: a candidate's lease is its claim's.
	struct claim claim;
	const char *topic; // the setup's, the very pointer
	// Of setup.retries, when it is one of them.
	size_t retry;
	rd_kafka_queue_t *queue; // NULL: given back
	// Was read, could not be lent yet; NULL: none.
	rd_kafka_message_t *read_ahead;
	// Of read_ahead, when it is of a retry topic.
	struct broker_wait wait;
	struct broker_clock clock; // of who stamps its records
	// Why we may not read it; NO_ERROR: we may, as far as we know.
	rd_kafka_resp_err_t unread;
	// Why the last commit was denied; NO_ERROR: it was not.
	rd_kafka_resp_err_t uncommitted;
	bool is_ready; // its queue may hold something
	bool is_heard; // something of it was read
	// The group did not say yet whether it still has what we committed.
	bool is_unsure;
	enum holding_trust trust;
	// The number of the commit that it was last left out of.
	uint64_t left_out;
	struct source_mark last; // that was taken, of this log
	// That was taken when the log was last proven, or first; offset -1: none.
	struct source_mark proven;
	// When it was last looked for that.
	int64_t asked_ms;
	// A commit of it may be in another log, and the group would not show that.
	bool is_unproven;
	TAILQ_ENTRY(holding) link;
};
TAILQ_HEAD(holding_list, holding);

struct holdings { // see holdings_init
	struct holding_list list;
	size_t count;
	size_t candidate_count; // of them, of the candidates' topic
	struct holding_list revoked; // something is still lent
	size_t lent; // by holdings
	size_t lent_again; // by those of the retry topics
};

void holdings_init(struct holdings *holdings);

struct holding_place {
	const char *topic; // of the setup
	size_t index; // as source_setup_topic
	int32_t partition;
	// Of a replay, as claim_limit; else -1 and INT64_MAX.
	int64_t start, end;
};
// Adds a partition of this assignment. Its queue is cut off from the consumer's, so that nothing
// comes by another way, and rings take_fd, as wake.h. 0, -ENOMEM.
int holdings_add(
	struct holdings *holdings,
	rd_kafka_t *consumer,
	const struct holding_place *place,
	uint64_t epoch,
	int take_fd
);
// All are given back; what is lent still counts for its claim, no longer for us.
void holdings_forget(struct holdings *holdings);
// Frees it when it was given back and nothing of it is lent any more.
void holdings_release(struct holdings *holdings, struct holding *holding);
// Whatever is lent: the end.
void holdings_fini(struct holdings *holdings);

struct holding *holdings_find(
	const struct holdings *holdings, const rd_kafka_topic_partition_t *partition
);
// Do we have some of its partitions? `topic` is the setup's, the very pointer.
bool holdings_has(const struct holdings *holdings, const char *topic);
// Which topic it is of, as source_setup_topic.
size_t holding_topic_index(const struct holding *holding);

struct source_mark holding_mark_of(const rd_kafka_message_t *message);
// A record was taken: it is the last, and the one to prove the log by when there was none.
void holding_note_taken(struct holding *holding, const rd_kafka_message_t *message);
// What was read ahead is dropped.
void holding_drop_read_ahead(struct holding *holding);
