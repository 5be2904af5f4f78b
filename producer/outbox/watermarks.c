// SPDX-License-Identifier: MPL-2.0
// watermarks: the last offset of each partition of a topic that was acknowledged.
#include "producer/outbox/watermarks.h"

#include <errno.h>
#include <stdlib.h>

void watermarks_fini(struct watermarks *marks) {
	free(marks->offsets);
	*marks = (struct watermarks){.offsets = NULL};
}

int watermarks_resize(struct watermarks *marks, int32_t partitions) {
	int64_t *offsets;

	if (partitions == marks->partitions)
		return 0;
	offsets = calloc((size_t)partitions, sizeof(*offsets));
	if (offsets == NULL)
		return -ENOMEM;
	for (int32_t i = 0; i < partitions; i++)
		offsets[i] = i < marks->partitions ? marks->offsets[i] : -1;
	free(marks->offsets);
	marks->offsets = offsets;
	marks->partitions = partitions;
	return 0;
}

bool watermarks_rise(struct watermarks *marks, int32_t partition, int64_t offset) {
	if (offset < 0 || partition >= marks->partitions)
		return true;
	if (offset <= marks->offsets[partition])
		return false;
	marks->offsets[partition] = offset;
	return true;
}

rd_kafka_topic_partition_list_t *watermarks_list(
	const struct watermarks *marks, const char *topic
) {
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(marks->partitions
	);

	for (int32_t i = 0; i < marks->partitions; i++)
		if (marks->offsets[i] >= 0)
			rd_kafka_topic_partition_list_add(list, topic, i);
	return list;
}

bool watermarks_are_below(
	const struct watermarks *marks, const rd_kafka_topic_partition_list_t *ends
) {
	for (int i = 0; i < ends->cnt; i++)
		if (ends->elems[i].offset <= marks->offsets[ends->elems[i].partition])
			return false;
	return true;
}

bool watermarks_lie_within(
	const struct watermarks *marks,
	const char *topic,
	const rd_kafka_topic_partition_list_t *ends
) {
	rd_kafka_topic_partition_list_t *list = watermarks_list(marks, topic);
	bool lie_within;

	for (int i = 0; i < list->cnt; i++) {
		const rd_kafka_topic_partition_t *end = rd_kafka_topic_partition_list_find(
			(rd_kafka_topic_partition_list_t *)ends, topic, list->elems[i].partition
		);
		list->elems[i].offset = end == NULL ? 0 : end->offset;
	}
	lie_within = watermarks_are_below(marks, list);
	rd_kafka_topic_partition_list_destroy(list);
	return lie_within;
}
