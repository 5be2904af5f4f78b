// SPDX-License-Identifier: MPL-2.0
// kafka_lag: how far a consumer group is behind a topic.
#include "common/kafka_lag.h"

#include <errno.h>

// Special time stamps of Kafka's ListOffsets.
enum { AT_END = -1, AT_BEGINNING = -2 };

static int errno_of(rd_kafka_resp_err_t err) {
	switch (kafka_classify(err)) {
	case KAFKA_OK:
		return 0;
	case KAFKA_DENIED:
		return -EACCES;
	case KAFKA_MISSING:
		return -ENOENT;
	default:
		return -EAGAIN;
	}
}

static rd_kafka_topic_partition_list_t *
make_list(const char *topic, int32_t partitions, int64_t offset) {
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);

	for (int32_t i = 0; i < partitions; i++)
		rd_kafka_topic_partition_list_add(list, topic, i)->offset = offset;
	return list;
}

// Fills in the offsets of a place in the log. 0 or a negative errno.
static int look_up(rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int timeout_ms) {
	int err = errno_of(rd_kafka_offsets_for_times(handle, list, timeout_ms));

	for (int i = 0; i < list->cnt && err == 0; i++) {
		err = errno_of(list->elems[i].err);
		if (err == 0 && list->elems[i].offset < 0)
			err = -EAGAIN;
	}
	return err;
}

// The group's commits; `list` is overwritten. -EAGAIN: no answer in time.
static int look_up_commits(
	rd_kafka_t *handle, const char *group, rd_kafka_topic_partition_list_t *list, int timeout_ms
) {
	rd_kafka_queue_t *queue = rd_kafka_queue_new(handle);
	rd_kafka_ListConsumerGroupOffsets_t *wish =
		rd_kafka_ListConsumerGroupOffsets_new(group, list);
	rd_kafka_AdminOptions_t *options =
		rd_kafka_AdminOptions_new(handle, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS);
	const rd_kafka_group_result_t **answers;
	rd_kafka_event_t *event;
	size_t count = 0;
	int err = -EAGAIN;

	rd_kafka_AdminOptions_set_request_timeout(options, timeout_ms, NULL, 0);
	rd_kafka_ListConsumerGroupOffsets(handle, &wish, 1, options, queue);
	event = rd_kafka_queue_poll(queue, timeout_ms + 1000);
	if (event != NULL)
		err = errno_of(rd_kafka_event_error(event));
	if (event != NULL && err == 0) {
		answers = rd_kafka_ListConsumerGroupOffsets_result_groups(
			rd_kafka_event_ListConsumerGroupOffsets_result(event), &count
		);
		if (count != 1)
			err = -EAGAIN;
		else if (rd_kafka_group_result_error(answers[0]) != NULL)
			err = errno_of(rd_kafka_error_code(rd_kafka_group_result_error(answers[0]))
			);
		else
			for (int i = 0; i < list->cnt; i++) {
				const rd_kafka_topic_partition_t *found =
					rd_kafka_topic_partition_list_find(
						rd_kafka_group_result_partitions(answers[0]),
						list->elems[i].topic,
						list->elems[i].partition
					);

				list->elems[i].offset =
					found == NULL ? RD_KAFKA_OFFSET_INVALID : found->offset;
			}
	}
	if (event != NULL)
		rd_kafka_event_destroy(event);
	rd_kafka_AdminOptions_destroy(options);
	rd_kafka_ListConsumerGroupOffsets_destroy(wish);
	rd_kafka_queue_destroy(queue);
	return err;
}

int kafka_lag(
	rd_kafka_t *handle,
	const char *group,
	const char *topic,
	int32_t partitions,
	int timeout_ms,
	int64_t *out
) {
	rd_kafka_topic_partition_list_t *ends = make_list(topic, partitions, AT_END);
	rd_kafka_topic_partition_list_t *begins = make_list(topic, partitions, AT_BEGINNING);
	rd_kafka_topic_partition_list_t *commits =
		make_list(topic, partitions, RD_KAFKA_OFFSET_INVALID);
	int64_t lag = 0;
	int err = look_up_commits(handle, group, commits, timeout_ms);

	if (err == 0)
		err = look_up(handle, begins, timeout_ms);
	if (err == 0)
		err = look_up(handle, ends, timeout_ms);
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
