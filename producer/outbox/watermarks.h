// SPDX-License-Identifier: MPL-2.0
// watermarks: the last offset of each partition of a topic that was acknowledged, from pass to
// pass. A topic that was made anew has offsets that are not above them. Pure. Thread: scan.
#pragma once

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdint.h>

struct watermarks { // zeroed: nothing is known
	int64_t *offsets; // -1: none
	int32_t partitions;
};

void watermarks_fini(struct watermarks *marks); // is zeroed then

// The topic has so many partitions. What is known of those that stay is kept. 0 or -ENOMEM.
int watermarks_resize(struct watermarks *marks, int32_t partitions);
// A message was acknowledged. The report of one that was there before has no offset (below 0), and
// says nothing. False: it lies where something lay before, so the topic was made anew.
bool watermarks_rise(struct watermarks *marks, int32_t partition, int64_t offset);
// The partitions in which something lies. Owner: the caller.
rd_kafka_topic_partition_list_t *watermarks_list(const struct watermarks *marks, const char *topic);
// The list, with the offsets at which the partitions end. False: one of them ends before what lies
// in it, so the topic was made anew.
bool watermarks_are_below(
	const struct watermarks *marks, const rd_kafka_topic_partition_list_t *ends
);
// The same by a list that may have other partitions and topics too. False: or one of them is not in
// it.
bool watermarks_lie_within(
	const struct watermarks *marks,
	const char *topic,
	const rd_kafka_topic_partition_list_t *ends
);
