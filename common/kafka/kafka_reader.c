// SPDX-License-Identifier: MPL-2.0
// kafka_reader: reads a topic from an offset to the end that it has when the reading begins.
//
// Design notes
// - librdkafka's simple consumer, which has no group: a right to a group would be one more that
//   nobody thinks of.
// - The ends are looked up first. To stop at the reader's own "end of partition" is not enough: a
//   partition that is written to tells its end again and again, while another one is still being
//   read.
// - The last offset of a partition may be none that is ever shown (the end of a transaction), so a
//   partition is finished at its own "end of partition" too: the reader cannot tell that before it
//   is past the end that was looked up.
#include "common/kafka/kafka_reader.h"

#include "common/base/clock.h"
#include "common/kafka/kafka_ask.h"
#include "common/kafka/kafka_end.h"
#include "common/kafka/kafka_error.h"
#include "common/kafka/kafka_lag.h"
#include "common/kafka/kafka_right.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { POLL_MS = 100, END_MS = 5000 };

struct kafka_reader {
	const struct kafka_options *kafka;
	const char *topic;
	struct kafka_opaque opaque;
	rd_kafka_t *handle;
	rd_kafka_topic_t *named; // NULL: nothing is being read
	rd_kafka_queue_t *queue;
	rd_kafka_topic_partition_list_t *started; // to be stopped
	rd_kafka_topic_partition_list_t *unfinished; // offset: the end
	int64_t deadline_ms;
	char error[KAFKA_RIGHT_BYTES];
};

static int fail(struct kafka_reader *reader, int err, const char *why) {
	snprintf(reader->error, sizeof(reader->error), "%s", why);
	return err;
}

// `is_hidden`: it was not even seen.
static int fail_kafka(struct kafka_reader *reader, rd_kafka_resp_err_t err, bool is_hidden) {
	const struct kafka_right right = {
		.operation = "Read",
		.resource = "topic",
		.name = reader->topic,
		.is_hidden = is_hidden,
	};

	kafka_right_words(reader->kafka, &right, err, reader->error, sizeof(reader->error));
	return kafka_errno(err);
}

static int fail_silent(struct kafka_reader *reader, const char *words) {
	char silence[KAFKA_SILENCE_BYTES];

	return fail(reader, -EAGAIN, kafka_silence(reader->handle, words, silence));
}

static int fail_look(struct kafka_reader *reader, int err) {
	if (err == -ENOENT)
		return fail_kafka(reader, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, false);
	if (err == -EACCES)
		return fail_kafka(reader, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, true);
	return fail_silent(reader, "the brokers do not answer");
}

const char *kafka_reader_error(const struct kafka_reader *reader) {
	return reader->error;
}

rd_kafka_t *kafka_reader_handle(struct kafka_reader *reader) {
	return reader->handle;
}

// --- its life

static int open_handle(struct kafka_reader *reader, char *error, size_t error_bytes) {
	rd_kafka_conf_t *conf = NULL;
	int err = kafka_conf_new(
		&conf, reader->kafka, KAFKA_READER, &reader->opaque, NULL, error, error_bytes
	);

	if (err < 0)
		return err;
	rd_kafka_conf_set(conf, "enable.partition.eof", "true", NULL, 0);
	rd_kafka_conf_set(conf, "fetch.wait.max.ms", "10", NULL, 0); // the end is told at once
	reader->handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, error_bytes);
	if (reader->handle != NULL)
		return 0;
	rd_kafka_conf_destroy(conf);
	return -EINVAL;
}

int kafka_reader_open(
	struct kafka_reader **out,
	const struct kafka_options *kafka,
	const char *topic,
	struct log *log,
	char *error,
	size_t error_bytes
) {
	struct kafka_reader *reader = calloc(1, sizeof(*reader));
	int err;

	if (reader == NULL)
		return -ENOMEM;
	reader->kafka = kafka;
	reader->topic = topic;
	reader->opaque = KAFKA_OPAQUE(.log = log, .owner = reader);
	err = open_handle(reader, error, error_bytes);
	if (err < 0) {
		free(reader);
		return err;
	}
	reader->started = rd_kafka_topic_partition_list_new(0);
	reader->unfinished = rd_kafka_topic_partition_list_new(0);
	*out = reader;
	return 0;
}

static void stop(struct kafka_reader *reader) {
	for (int i = 0; i < reader->started->cnt; i++)
		rd_kafka_consume_stop(reader->named, reader->started->elems[i].partition);
	if (reader->named != NULL)
		rd_kafka_topic_destroy(reader->named);
	if (reader->queue != NULL)
		rd_kafka_queue_destroy(reader->queue);
	reader->named = NULL;
	reader->queue = NULL;
}

void kafka_reader_close(struct kafka_reader *reader) {
	if (reader == NULL)
		return;
	stop(reader);
	rd_kafka_topic_partition_list_destroy(reader->started);
	rd_kafka_topic_partition_list_destroy(reader->unfinished);
	// The log may be gone before the handle is.
	rd_kafka_set_log_level(reader->handle, 0);
	// Else the library may still use what is in it.
	if (kafka_end(reader->handle, 0, END_MS) == 0)
		free(reader);
}

// --- reading

static int left_ms(const struct kafka_reader *reader, int64_t most_ms) {
	int64_t left = reader->deadline_ms - clock_mono_ms();

	if (left > most_ms)
		left = most_ms;
	return left > 0 ? (int)left : 0;
}

static int look_at_ends(struct kafka_reader *reader, const struct kafka_reading *reading) {
	int32_t partitions = 0;
	int err = kafka_greet(reader->handle, left_ms(reader, reading->quiet_ms));

	if (err < 0)
		return err == -EAGAIN ? fail_silent(reader, kafka_trouble(reader->handle))
				      : fail(reader, err, kafka_trouble(reader->handle));
	err = kafka_partition_count(
		reader->handle, reader->topic, left_ms(reader, reading->quiet_ms), &partitions
	);
	if (err < 0)
		return fail_look(reader, err);
	if (reading->partition >= partitions)
		return fail(reader, -ESRCH, "it has no such partition");
	for (int32_t i = 0; i < partitions; i++)
		if (reading->partition < 0 || reading->partition == i)
			rd_kafka_topic_partition_list_add(reader->unfinished, reader->topic, i);
	err = kafka_ends(reader->handle, reader->unfinished, left_ms(reader, reading->quiet_ms));
	return err < 0 ? fail_look(reader, err) : 0;
}

static void finish(struct kafka_reader *reader, int32_t partition) {
	rd_kafka_topic_partition_list_del(reader->unfinished, reader->topic, partition);
}

static int start_one(struct kafka_reader *reader, int32_t partition, int64_t from) {
	int64_t offset = from == 0 ? RD_KAFKA_OFFSET_BEGINNING : from;

	if (rd_kafka_consume_start_queue(reader->named, partition, offset, reader->queue) < 0)
		return fail_kafka(reader, rd_kafka_last_error(), false);
	rd_kafka_topic_partition_list_add(reader->started, reader->topic, partition);
	return 0;
}

// Leaves out the partitions that have nothing to show.
static int start(struct kafka_reader *reader, int64_t from) {
	int err = 0;

	reader->named = rd_kafka_topic_new(reader->handle, reader->topic, NULL);
	reader->queue = rd_kafka_queue_new(reader->handle);
	if (reader->named == NULL)
		return fail_kafka(reader, rd_kafka_last_error(), false);
	for (int i = reader->unfinished->cnt - 1; i >= 0 && err == 0; i--) {
		rd_kafka_topic_partition_t end = reader->unfinished->elems[i];

		if (from >= end.offset)
			finish(reader, end.partition);
		else
			err = start_one(reader, end.partition, from);
	}
	return err;
}

static int take(
	struct kafka_reader *reader,
	const struct kafka_reading *reading,
	const rd_kafka_message_t *message
) {
	const rd_kafka_topic_partition_t *end;
	int err = 0;

	if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
		finish(reader, message->partition);
		return 0;
	}
	if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
		return kafka_classify(message->err) == KAFKA_RETRY
			? 0 // until the time is over
			: fail_kafka(reader, message->err, false);
	end = rd_kafka_topic_partition_list_find(
		reader->unfinished, reader->topic, message->partition
	);
	if (end == NULL)
		return 0; // came after the reading began
	if (message->offset < end->offset)
		err = reading->show(reading->ctx, message);
	if (message->offset + 1 >= end->offset)
		finish(reader, message->partition);
	return err;
}

// 1: it was told to stop.
static int read_all(struct kafka_reader *reader, const struct kafka_reading *reading) {
	int64_t heard_ms = clock_mono_ms();
	int err = 0;

	while (err == 0 && reader->unfinished->cnt > 0) {
		rd_kafka_message_t *message = rd_kafka_consume_queue(reader->queue, POLL_MS);

		if (message != NULL) {
			heard_ms = clock_mono_ms();
			err = take(reader, reading, message);
			rd_kafka_message_destroy(message);
		} else if (clock_mono_ms() - heard_ms > reading->quiet_ms) {
			err = fail_silent(reader, "the brokers do not answer");
		}
		if (err == 0 && reader->unfinished->cnt > 0 &&
		    clock_mono_ms() > reader->deadline_ms)
			err = fail_silent(reader, "the brokers do not answer in time");
	}
	return err;
}

int kafka_reader_read(struct kafka_reader *reader, const struct kafka_reading *reading) {
	int64_t now_ms = clock_mono_ms();
	int err;

	reader->deadline_ms = reading->timeout_ms > INT64_MAX - now_ms
		? INT64_MAX
		: now_ms + reading->timeout_ms;
	err = look_at_ends(reader, reading);
	if (err == 0)
		err = start(reader, reading->from);
	if (err == 0)
		err = read_all(reader, reading);
	return err < 0 ? err : 0;
}
