// SPDX-License-Identifier: MPL-2.0
// kafka_lag: where partitions end, and how far a consumer group is behind.
#include "common/kafka_lag.h"

#include "common/clock.h"

#include <errno.h>

// Special time stamps of Kafka's ListOffsets.
enum { AT_END = -1, AT_BEGINNING = -2 };

static rd_kafka_topic_partition_list_t *make_list(const char *topic, int32_t partitions) {
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);

	for (int32_t i = 0; i < partitions; i++)
		rd_kafka_topic_partition_list_add(list, topic, i);
	return list;
}

static int left_ms(int64_t deadline_ms) {
	int64_t left = deadline_ms - clock_mono_ms();

	return left > 0 ? (int)left : 0;
}

static int look_up_once(
	rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int64_t place, int timeout_ms
) {
	int err;

	for (int i = 0; i < list->cnt; i++)
		list->elems[i].offset = place;
	err = kafka_errno(rd_kafka_offsets_for_times(handle, list, timeout_ms));
	for (int i = 0; i < list->cnt && err == 0; i++) {
		err = kafka_errno(list->elems[i].err);
		if (err == 0 && list->elems[i].offset < 0)
			err = -EAGAIN;
	}
	return err;
}

// Fills in the offsets of a place in the log. 0 or a negative errno. Nothing else on such a handle notices that a partition
// has another leader than the library believes; so it asks the brokers when an answer is missing.
static int
look_up(rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int64_t place, int timeout_ms) {
	int64_t deadline_ms = clock_mono_ms() + timeout_ms;
	int err = look_up_once(handle, list, place, timeout_ms / 2);
	int32_t partitions;

	if (err != -EAGAIN || list->cnt == 0)
		return err;
	err = kafka_partition_count(
		handle, list->elems[0].topic, left_ms(deadline_ms) / 2, &partitions
	);
	return err < 0 ? err : look_up_once(handle, list, place, left_ms(deadline_ms));
}

int kafka_ends(rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int timeout_ms) {
	return look_up(handle, list, AT_END, timeout_ms);
}

// The commits of the handle's group; the offset of a partition that has none is negative. Not by the admin interface, which
// aborts in librdkafka 2.0 when brokers go away meanwhile.
static int
look_up_commits(rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int timeout_ms) {
	int err = kafka_errno(rd_kafka_committed(handle, list, timeout_ms));

	for (int i = 0; i < list->cnt && err == 0; i++)
		err = kafka_errno(list->elems[i].err);
	return err;
}

int kafka_lag(
	rd_kafka_t *handle, const char *topic, int32_t partitions, int timeout_ms, int64_t *out
) {
	int64_t deadline_ms = clock_mono_ms() + timeout_ms;
	rd_kafka_topic_partition_list_t *ends = make_list(topic, partitions);
	rd_kafka_topic_partition_list_t *begins = make_list(topic, partitions);
	rd_kafka_topic_partition_list_t *commits = make_list(topic, partitions);
	int64_t lag = 0;
	int err;

	// Nobody else polls it: what it has to tell of its connections must not pile up.
	while (rd_kafka_poll(handle, 0) > 0)
		;
	err = look_up_commits(handle, commits, left_ms(deadline_ms));
	if (err == 0)
		err = look_up(handle, begins, AT_BEGINNING, left_ms(deadline_ms));
	if (err == 0)
		err = look_up(handle, ends, AT_END, left_ms(deadline_ms));
	for (int i = 0; i < partitions && err == 0; i++) {
		int64_t from = commits->elems[i].offset;

		// Behind the beginning: what it missed has been deleted.
		if (from < begins->elems[i].offset)
			from = begins->elems[i].offset;
		if (ends->elems[i].offset > from)
			lag += ends->elems[i].offset - from;
	}
	rd_kafka_topic_partition_list_destroy(ends);
	rd_kafka_topic_partition_list_destroy(begins);
	rd_kafka_topic_partition_list_destroy(commits);
	if (err == 0)
		*out = lag;
	return err;
}
