// SPDX-License-Identifier: MPL-2.0
// look_oldest: since when the first record of each partition waits.
#include "cli/status/look_oldest.h"

#include "common/base/clock.h"

#include <string.h>

enum { POLL_MS = 100 };

static rd_kafka_topic_partition_list_t *list_of(const struct view_lags *lags) {
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int
	)lags->partition_count);

	for (size_t i = 0; i < lags->partition_count; i++) {
		const struct view_partition *one = &lags->partitions[i];
		int64_t from = one->commit > one->begin ? one->commit : one->begin;

		if (view_lag(one) > 0 && one->begin >= 0 && from < one->end)
			rd_kafka_topic_partition_list_add(
				list, lags->topics[one->topic].name, one->partition
			)
				->offset = from;
	}
	return list;
}

// The first record of its partition? Then it is noted.
static bool note(struct view_lags *lags, const rd_kafka_message_t *message) {
	struct view_partition *one;
	const char *topic;

	if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
		return false;
	topic = rd_kafka_topic_name(message->rkt);
	one = view_find(lags, topic, strlen(topic), message->partition);
	if (one == NULL || one->oldest_ms >= 0)
		return false;
	one->oldest_ms = rd_kafka_message_timestamp(message, NULL);
	return one->oldest_ms >= 0;
}

void look_oldest(rd_kafka_t *handle, int timeout_ms, struct view_lags *lags) {
	int64_t deadline_ms = clock_mono_ms() + timeout_ms;
	rd_kafka_topic_partition_list_t *list = list_of(lags);
	int missing = list->cnt;

	if (missing > 0 && rd_kafka_assign(handle, list) == RD_KAFKA_RESP_ERR_NO_ERROR) {
		while (missing > 0 && clock_mono_ms() < deadline_ms) {
			rd_kafka_message_t *message = rd_kafka_consumer_poll(handle, POLL_MS);

			if (message == NULL)
				continue;
			missing -= note(lags, message);
			rd_kafka_message_destroy(message);
		}
		rd_kafka_assign(handle, NULL);
	}
	rd_kafka_topic_partition_list_destroy(list);
}
