// SPDX-License-Identifier: MPL-2.0
// look_logs: where the logs of partitions begin and end.
//
// Design notes: the library answers for all partitions of a question or for none. So each leader is
// asked for its own, and one that is away takes nothing of the others with it.
#include "cli/status/look_logs.h"

#include "common/kafka/kafka_lag.h"

#include <stdbool.h>
#include <stdio.h>

static rd_kafka_topic_partition_list_t *list_of(const struct view_lags *lags, int32_t leader) {
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int
	)lags->partition_count);

	for (size_t i = 0; i < lags->partition_count; i++)
		if (lags->partitions[i].leader == leader)
			rd_kafka_topic_partition_list_add(
				list,
				lags->topics[lags->partitions[i].topic].name,
				lags->partitions[i].partition
			);
	return list;
}

// Of `list`, in the order of the partitions that this broker leads.
static void take_offsets(
	struct view_lags *out,
	int32_t leader,
	const rd_kafka_topic_partition_list_t *list,
	bool is_end
) {
	int at = 0;

	for (size_t i = 0; i < out->partition_count; i++) {
		struct view_partition *one = &out->partitions[i];
		int64_t offset;

		if (one->leader != leader)
			continue;
		offset = list->elems[at].err == RD_KAFKA_RESP_ERR_NO_ERROR ? list->elems[at].offset
									   : VIEW_UNKNOWN;
		at++;
		if (offset >= 0)
			*(is_end ? &one->end : &one->begin) = offset;
	}
}

// False: not all of them are known.
static bool ask_leader(rd_kafka_t *handle, struct view_lags *out, int32_t leader, int timeout_ms) {
	rd_kafka_topic_partition_list_t *list = list_of(out, leader);
	int err = kafka_begins(handle, list, timeout_ms);

	if (err == 0) {
		take_offsets(out, leader, list, false);
		err = kafka_ends(handle, list, timeout_ms);
	}
	if (err == 0)
		take_offsets(out, leader, list, true);
	rd_kafka_topic_partition_list_destroy(list);
	return err == 0;
}

// The greatest number of a leader that is less than `below`; -1: there is none.
static int32_t next_leader(const struct view_lags *lags, int32_t below) {
	int32_t leader = -1;

	for (size_t i = 0; i < lags->partition_count; i++)
		if (lags->partitions[i].leader < below && lags->partitions[i].leader > leader)
			leader = lags->partitions[i].leader;
	return leader;
}

static int count_leaders(const struct view_lags *lags) {
	int count = 0;

	for (int32_t one = INT32_MAX; (one = next_leader(lags, one)) >= 0;)
		count++;
	return count;
}

void look_logs(rd_kafka_t *handle, int timeout_ms, struct view_lags *lags) {
	int share_ms = timeout_ms / (count_leaders(lags) + 1);
	bool is_whole = true;

	for (int32_t leader = INT32_MAX; (leader = next_leader(lags, leader)) >= 0;)
		is_whole &= ask_leader(handle, lags, leader, share_ms);
	for (size_t i = 0; i < lags->partition_count; i++)
		is_whole &= lags->partitions[i].leader >= 0;
	if (!is_whole && lags->source.is_known && lags->source.why[0] == '\0')
		snprintf(
			lags->source.why,
			sizeof(lags->source.why),
			"the leaders of some partitions do not answer"
		);
}
