// SPDX-License-Identifier: MPL-2.0
// kafka_lag: where partitions end, and how far a consumer group is behind.
#include "common/kafka/kafka_lag.h"

#include "common/base/clock.h"
#include "common/kafka/kafka_ask.h"
#include "common/kafka/kafka_error.h"

#include <errno.h>
#include <poll.h>
#include <string.h>

// Special time stamps of Kafka's ListOffsets.
enum { AT_END = -1, AT_BEGINNING = -2 };

// Until a denial is looked for; until it is asked again.
enum { SOON_MS = 500, AGAIN_MS = 100 };

rd_kafka_topic_partition_list_t *kafka_list_partitions(const char *topic, int32_t partitions) {
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);

	for (int32_t i = 0; i < partitions; i++)
		rd_kafka_topic_partition_list_add(list, topic, i);
	return list;
}

static int left_ms(int64_t deadline_ms) {
	int64_t left = deadline_ms - clock_mono_ms();

	return left > 0 ? (int)left : 0;
}

// NO_ERROR or the first error of a partition.
static rd_kafka_resp_err_t first_error(const rd_kafka_topic_partition_list_t *list) {
	for (int i = 0; i < list->cnt; i++)
		if (list->elems[i].err != RD_KAFKA_RESP_ERR_NO_ERROR)
			return list->elems[i].err;
	return RD_KAFKA_RESP_ERR_NO_ERROR;
}

// Of a time, or of a place as above.
static rd_kafka_resp_err_t ask_for_offsets(
	rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int64_t time_ms, int timeout_ms
) {
	rd_kafka_resp_err_t err;

	for (int i = 0; i < list->cnt; i++)
		list->elems[i].offset = time_ms;
	err = rd_kafka_offsets_for_times(handle, list, timeout_ms);
	// "Unknown" is the library's word too when no partition has a leader; which it is they say
	// themselves.
	if (err == RD_KAFKA_RESP_ERR_NO_ERROR ||
	    (err == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION &&
	     first_error(list) != RD_KAFKA_RESP_ERR_NO_ERROR))
		err = first_error(list);
	return err;
}

static rd_kafka_resp_err_t look_up_once(
	rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int64_t place, int timeout_ms
) {
	rd_kafka_resp_err_t err = ask_for_offsets(handle, list, place, timeout_ms);

	for (int i = 0; i < list->cnt && err == RD_KAFKA_RESP_ERR_NO_ERROR; i++)
		if (list->elems[i].offset < 0)
			err = RD_KAFKA_RESP_ERR__TIMED_OUT;
	return err;
}

// Fills in the offsets of a place in the log. Nothing else on such a handle notices that a
// partition has another leader than the library believes; so it asks the brokers when an answer is
// missing. An answer may come at once and say only that there is no leader yet, as after a start of
// the broker.
static rd_kafka_resp_err_t look_up(
	rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int64_t place, int timeout_ms
) {
	int64_t deadline_ms = clock_mono_ms() + timeout_ms;
	rd_kafka_resp_err_t err = look_up_once(handle, list, place, timeout_ms / 2);
	int32_t partitions;

	while (kafka_errno(err) == -EAGAIN && list->cnt > 0 && left_ms(deadline_ms) > AGAIN_MS) {
		if (kafka_partition_count(
			    handle, list->elems[0].topic, left_ms(deadline_ms) / 2, &partitions
		    ) == -ENOENT)
			return RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
		poll(NULL, 0, AGAIN_MS);
		err = look_up_once(handle, list, place, left_ms(deadline_ms));
	}
	return err;
}

int kafka_ends(rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int timeout_ms) {
	return kafka_errno(look_up(handle, list, AT_END, timeout_ms));
}

int kafka_begins(rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int timeout_ms) {
	return kafka_errno(look_up(handle, list, AT_BEGINNING, timeout_ms));
}

// What the brokers have against the group, if anything: the library goes on to look for its
// coordinator without a word to whoever waits for the commits. Empties the queue, in which nothing
// may pile up.
static rd_kafka_resp_err_t hear_denial(rd_kafka_t *handle) {
	rd_kafka_resp_err_t denied = RD_KAFKA_RESP_ERR_NO_ERROR;
	rd_kafka_message_t *message;

	while ((message = rd_kafka_consumer_poll(handle, 0)) != NULL) {
		if (kafka_classify(message->err) == KAFKA_DENIED)
			denied = message->err;
		rd_kafka_message_destroy(message);
	}
	while (rd_kafka_poll(handle, 0) > 0)
		;
	return denied;
}

rd_kafka_resp_err_t kafka_committed(
	rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int timeout_ms
) {
	rd_kafka_resp_err_t err = rd_kafka_committed(handle, list, timeout_ms);

	// The library had set all offsets to "none" before it asked.
	if (err == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND) {
		err = RD_KAFKA_RESP_ERR_NO_ERROR;
		for (int i = 0; i < list->cnt; i++)
			list->elems[i].err = err;
	}
	for (int i = 0; i < list->cnt; i++)
		if (list->elems[i].err == RD_KAFKA_RESP_ERR_GROUP_ID_NOT_FOUND) {
			list->elems[i].err = RD_KAFKA_RESP_ERR_NO_ERROR;
			list->elems[i].offset = RD_KAFKA_OFFSET_INVALID;
		}
	return err;
}

// Not by the admin interface, which aborts in librdkafka 2.0 when brokers go away meanwhile.
rd_kafka_resp_err_t kafka_commits(
	rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int timeout_ms
) {
	int64_t deadline_ms = clock_mono_ms() + timeout_ms;
	int wait_ms = timeout_ms < SOON_MS ? timeout_ms : SOON_MS;
	rd_kafka_resp_err_t err, denied;

	do {
		err = kafka_committed(handle, list, wait_ms);
		denied = hear_denial(handle);
		wait_ms = left_ms(deadline_ms);
	} while (err == RD_KAFKA_RESP_ERR__TIMED_OUT && denied == RD_KAFKA_RESP_ERR_NO_ERROR &&
		 wait_ms > 0);
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
		return denied == RD_KAFKA_RESP_ERR_NO_ERROR ? err : denied;
	return first_error(list);
}

// The offsets of the first records since then; negative where there is none.
static rd_kafka_resp_err_t look_up_time(
	rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int64_t time_ms, int timeout_ms
) {
	rd_kafka_resp_err_t err = ask_for_offsets(handle, list, time_ms, timeout_ms);

	// As it was asked: there was no answer.
	for (int i = 0; i < list->cnt && err == RD_KAFKA_RESP_ERR_NO_ERROR; i++)
		if (list->elems[i].offset == time_ms)
			err = RD_KAFKA_RESP_ERR__TIMED_OUT;
	return err;
}

int kafka_since(
	rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int64_t time_ms, int timeout_ms
) {
	return kafka_errno(look_up_time(handle, list, time_ms, timeout_ms));
}

void kafka_lag_add(struct kafka_lag *lag, const struct kafka_lag_place *place) {
	int64_t from = place->commit > place->begin ? place->commit : place->begin;
	int64_t old_end = place->young < 0 || place->young > place->end ? place->end : place->young;

	lag->has_commits |= place->commit >= 0;
	if (place->commit >= 0 && place->commit < place->begin)
		lag->deleted += place->begin - place->commit;
	if (place->commit < 0)
		*(place->is_bare ? &lag->deleted : &lag->deleted_unsure) += place->begin;
	if (place->end > from)
		lag->records += place->end - from;
	if (lag->old >= 0 && old_end > from)
		lag->old += old_end - from;
}

bool kafka_is_nothing_read(const rd_kafka_topic_partition_t *place) {
	const size_t len = sizeof(KAFKA_NOTHING_READ) - 1;

	return place->metadata_size == len && memcmp(place->metadata, KAFKA_NOTHING_READ, len) == 0;
}

int64_t kafka_commit_of(const rd_kafka_topic_partition_t *place) {
	return kafka_is_nothing_read(place) ? RD_KAFKA_OFFSET_INVALID : place->offset;
}

struct lists { // one element for each partition
	rd_kafka_topic_partition_list_t *commits, *begins, *ends, *young;
};

static struct kafka_lag add_up(const struct lists *lists, bool is_age_known) {
	struct kafka_lag lag = {.old = is_age_known ? 0 : -1};

	for (int i = 0; i < lists->commits->cnt; i++)
		kafka_lag_add(
			&lag,
			&(struct kafka_lag_place){
				.commit = kafka_commit_of(&lists->commits->elems[i]),
				.is_bare = kafka_is_nothing_read(&lists->commits->elems[i]),
				.begin = lists->begins->elems[i].offset,
				.end = lists->ends->elems[i].offset,
				.young = lists->young->elems[i].offset,
			}
		);
	return lag;
}

rd_kafka_resp_err_t kafka_lag(
	rd_kafka_t *handle,
	const char *topic,
	int32_t partitions,
	int64_t before_ms,
	int timeout_ms,
	struct kafka_lag *out
) {
	int64_t deadline_ms = clock_mono_ms() + timeout_ms;
	struct lists lists = {
		kafka_list_partitions(topic, partitions),
		kafka_list_partitions(topic, partitions),
		kafka_list_partitions(topic, partitions),
		kafka_list_partitions(topic, partitions),
	};
	rd_kafka_resp_err_t err = kafka_commits(handle, lists.commits, timeout_ms);
	bool is_age_known = false;

	if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
		err = look_up(handle, lists.begins, AT_BEGINNING, left_ms(deadline_ms));
	if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
		err = look_up(handle, lists.ends, AT_END, left_ms(deadline_ms));
	if (err == RD_KAFKA_RESP_ERR_NO_ERROR && before_ms >= 0)
		is_age_known = look_up_time(handle, lists.young, before_ms, left_ms(deadline_ms)) ==
			RD_KAFKA_RESP_ERR_NO_ERROR;
	if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
		*out = add_up(&lists, is_age_known);
	rd_kafka_topic_partition_list_destroy(lists.commits);
	rd_kafka_topic_partition_list_destroy(lists.begins);
	rd_kafka_topic_partition_list_destroy(lists.ends);
	rd_kafka_topic_partition_list_destroy(lists.young);
	return err;
}
