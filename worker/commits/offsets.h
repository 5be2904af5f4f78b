// SPDX-License-Identifier: MPL-2.0
// offsets: what has to be committed of each partition, so that a log that is another one than
// before is noticed. See docs/decisions/014. Thread: loop. Owner: the source.
#pragma once

#include "worker/inquiry/owner.h"
#include "worker/member/member.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What this process knows of a topic, over assignments.
struct topic_past {
	// It began anew, and the group may still have offsets of before.
	bool is_anew;
	// That were watched, by somebody, when all of ours were; 0: not known.
	int32_t partitions;
};

// Zeroed but for the first two.
struct offsets {
	struct member *member;
	struct owner *owner;
	// Of the last commit that was made up, sent or not.
	uint64_t number;
	// The topic behind that of the last one, as source_setup_topic.
	size_t next;
	// A commit was sent, or one waits for what the group has. Written by commits and recall.
	bool is_out;
	struct topic_past pasts[1 + SOURCE_RETRIES_MAX]; // as source_setup_topic
};

bool offsets_is_owed(const struct offsets *offsets, const struct holding *holding);
bool offsets_are_owed(const struct offsets *offsets); // of any
// Is everything done and committed that we see in our partitions?
bool offsets_are_at_rest(const struct offsets *offsets);
// The group has nothing of it.
void offsets_note_bare(struct offsets *offsets, struct holding *holding);
// The next commit, of one topic. Owner: the caller. Empty: the group has still to be asked.
rd_kafka_topic_partition_list_t *offsets_next(struct offsets *offsets);
// Are there later topics to commit before the next round?
bool offsets_is_amid(const struct offsets *offsets);
// The group took a commit, where the element has no error. Records of partitions that were bare are
// fetched anew; false: that could not be begun, so their commit is to be sent again.
bool offsets_committed(struct offsets *offsets, const rd_kafka_topic_partition_list_t *done);
// The group has said of partitions what it has. Restarts a topic of which it has offsets of before.
void offsets_compare(struct offsets *offsets, const rd_kafka_topic_partition_list_t *places);
// Adds a partition of which the group has place->offset to those that are to be started.
void offsets_add(
	rd_kafka_topic_partition_list_t *list,
	const struct holding *holding,
	const rd_kafka_topic_partition_t *place
);
// They are taken from where the group is, and all that was fetched before is dropped. False: not
// all could be begun.
bool offsets_start(struct offsets *offsets, rd_kafka_topic_partition_list_t *list);
// The logs of a topic, the setup's very pointer, are others than before: all that we have of it is
// taken from the beginning. A replay fails.
void offsets_restart(struct offsets *offsets, const char *topic);
