// SPDX-License-Identifier: MPL-2.0
// kafka_reader: reads a topic from an offset to the end that it has when the reading begins, and
// may follow what comes behind that.
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
// - Who follows hears nothing when the brokers are away, nor of a topic that was made again and has
//   as many records. So it reads its last record once more, now and then. Another one, or none,
//   tells.
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

enum {
	POLL_MS = 100,
	END_MS = 5000,
	// From one look at the last record to the next, and at most for its answer.
	LOOK_MS = 5000,
};

#define FETCH_WAIT_MS "10" // the end is told at once
#define FETCH_WAIT_TO_FOLLOW_MS "500" // a record is, anyway

struct kafka_reader {
	struct kafka_reader_setup setup;
	struct kafka_opaque opaque;
	rd_kafka_t *handle;
	rd_kafka_topic_t *named; // NULL: nothing is being read
	rd_kafka_queue_t *queue;
	rd_kafka_topic_partition_list_t *started; // to be stopped
	rd_kafka_topic_partition_list_t *unfinished; // offset: the end
	int64_t deadline_ms;
	// Of the last record; -1: none was seen.
	int64_t last_offset, last_stamp_ms;
	int64_t looked_ms; // when it was last looked for
	bool is_looking; // and not seen yet
	char error[KAFKA_RIGHT_BYTES];
};

static int fail(struct kafka_reader *reader, int err, const char *why) {
	snprintf(reader->error, sizeof(reader->error), "%s", why);
	return err;
}

static int fail_kafka(struct kafka_reader *reader, rd_kafka_resp_err_t err) {
	const struct kafka_right right = {
		.operation = "Read", .resource = "topic", .name = reader->setup.topic};

	kafka_right_words(reader->setup.kafka, &right, err, reader->error, sizeof(reader->error));
	return kafka_errno(err);
}

static int fail_silent(struct kafka_reader *reader, const char *words) {
	char silence[KAFKA_SILENCE_BYTES];

	return fail(reader, -EAGAIN, kafka_silence(reader->handle, words, silence));
}

static int fail_look(struct kafka_reader *reader, int err) {
	kafka_look_words(
		reader->handle, reader->setup.kafka, "Read", reader->setup.topic, err, reader->error
	);
	return err;
}

const char *kafka_reader_error(const struct kafka_reader *reader) {
	return reader->error;
}

rd_kafka_t *kafka_reader_handle(struct kafka_reader *reader) {
	return reader->handle;
}

// --- its life

static const struct {
	enum kafka_role role;
	const char *fetch_wait_ms;
} manners[] = {
	[KAFKA_READ_COMMITTED] = {KAFKA_READER, FETCH_WAIT_MS},
	[KAFKA_READ_ALL] = {KAFKA_RAW_READER, FETCH_WAIT_MS},
	[KAFKA_READ_TO_FOLLOW] = {KAFKA_READER, FETCH_WAIT_TO_FOLLOW_MS},
};

static int open_handle(struct kafka_reader *reader, char *error, size_t error_bytes) {
	enum kafka_reader_manner manner = reader->setup.manner;
	rd_kafka_conf_t *conf = NULL;
	int err = kafka_conf_new(
		&conf,
		reader->setup.kafka,
		manners[manner].role,
		&reader->opaque,
		NULL,
		error,
		error_bytes
	);

	if (err < 0)
		return err;
	rd_kafka_conf_set(conf, "enable.partition.eof", "true", NULL, 0);
	rd_kafka_conf_set(conf, "fetch.wait.max.ms", manners[manner].fetch_wait_ms, NULL, 0);
	reader->handle = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, error_bytes);
	if (reader->handle != NULL)
		return 0;
	rd_kafka_conf_destroy(conf);
	return -EINVAL;
}

int kafka_reader_open(
	struct kafka_reader **out,
	const struct kafka_reader_setup *setup,
	char *error,
	size_t error_bytes
) {
	struct kafka_reader *reader = calloc(1, sizeof(*reader));
	int err;

	if (reader == NULL)
		return -ENOMEM;
	reader->setup = *setup;
	reader->opaque = KAFKA_OPAQUE(.log = setup->log, .owner = reader);
	reader->last_offset = -1;
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
		reader->handle, reader->setup.topic, left_ms(reader, reading->quiet_ms), &partitions
	);
	if (err < 0)
		return fail_look(reader, err);
	if (reading->partition >= partitions)
		return fail(reader, -ESRCH, "it has no such partition");
	for (int32_t i = 0; i < partitions; i++)
		if (reading->partition < 0 || reading->partition == i)
			rd_kafka_topic_partition_list_add(
				reader->unfinished, reader->setup.topic, i
			);
	err = kafka_ends(reader->handle, reader->unfinished, left_ms(reader, reading->quiet_ms));
	return err < 0 ? fail_look(reader, err) : 0;
}

static void finish(struct kafka_reader *reader, int32_t partition) {
	rd_kafka_topic_partition_list_del(reader->unfinished, reader->setup.topic, partition);
}

static int start_one(struct kafka_reader *reader, int32_t partition, int64_t from) {
	int64_t offset = from == 0 ? RD_KAFKA_OFFSET_BEGINNING : from;

	if (rd_kafka_consume_start_queue(reader->named, partition, offset, reader->queue) < 0)
		return fail_kafka(reader, rd_kafka_last_error());
	rd_kafka_topic_partition_list_add(reader->started, reader->setup.topic, partition);
	return 0;
}

// Leaves out the partitions that have nothing to show.
static int start(struct kafka_reader *reader, const struct kafka_reading *reading) {
	int err = 0;

	reader->named = rd_kafka_topic_new(reader->handle, reader->setup.topic, NULL);
	reader->queue = rd_kafka_queue_new(reader->handle);
	if (reader->named == NULL)
		return fail_kafka(reader, rd_kafka_last_error());
	for (int i = reader->unfinished->cnt - 1; i >= 0 && err == 0; i--) {
		rd_kafka_topic_partition_t end = reader->unfinished->elems[i];

		if (reading->see_end != NULL)
			err = reading->see_end(reading->ctx, end.partition, end.offset);
		if (reading->from >= end.offset)
			finish(reader, end.partition);
		else if (err == 0)
			err = start_one(reader, end.partition, reading->from);
	}
	return err;
}

static void note_last(struct kafka_reader *reader, const rd_kafka_message_t *message) {
	reader->last_offset = message->offset;
	reader->last_stamp_ms = rd_kafka_message_timestamp(message, NULL);
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
			: fail_kafka(reader, message->err);
	note_last(reader, message);
	end = rd_kafka_topic_partition_list_find(
		reader->unfinished, reader->setup.topic, message->partition
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
			err = take(reader, reading, message);
			heard_ms = clock_mono_ms(); // what `show` took is no silence
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
		err = start(reader, reading);
	if (err == 0)
		err = read_all(reader, reading);
	reader->looked_ms = clock_mono_ms();
	return err < 0 ? err : 0;
}

// --- following

static int look_again(struct kafka_reader *reader) {
	int32_t partition = reader->started->elems[0].partition;

	reader->looked_ms = clock_mono_ms();
	reader->is_looking = true;
	rd_kafka_consume_stop(reader->named, partition);
	if (rd_kafka_consume_start_queue(
		    reader->named, partition, reader->last_offset, reader->queue
	    ) < 0)
		return fail_kafka(reader, rd_kafka_last_error());
	return 0;
}

// Is the last record still there? It is not shown again.
static int see_last(struct kafka_reader *reader, const rd_kafka_message_t *message) {
	reader->is_looking = false;
	if (message->offset == reader->last_offset &&
	    rd_kafka_message_timestamp(message, NULL) == reader->last_stamp_ms)
		return 0;
	return fail(reader, -ESTALE, "its log is another one than before");
}

static int take_next(
	struct kafka_reader *reader,
	const struct kafka_reading *reading,
	const rd_kafka_message_t *message
) {
	if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF)
		return 0;
	if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
		return kafka_classify(message->err) == KAFKA_RETRY
			? 0 // the next look tells
			: fail_kafka(reader, message->err);
	if (reader->is_looking)
		return see_last(reader, message);
	note_last(reader, message);
	return reading->show(reading->ctx, message);
}

int kafka_reader_follow(
	struct kafka_reader *reader, const struct kafka_reading *reading, int wait_ms
) {
	int64_t since_ms = clock_mono_ms() - reader->looked_ms;
	rd_kafka_message_t *message;
	int err = 0;

	if (reader->started->cnt == 0 || reader->last_offset < 0)
		return fail(reader, -ESTALE, "it was empty");
	if (reader->is_looking && since_ms > LOOK_MS)
		return fail_silent(reader, "the brokers do not answer");
	if (!reader->is_looking && since_ms > LOOK_MS)
		err = look_again(reader);
	rd_kafka_poll(reader->handle, 0); // nothing may pile up
	message = err < 0 ? NULL : rd_kafka_consume_queue(reader->queue, wait_ms);
	if (message != NULL) {
		err = take_next(reader, reading, message);
		rd_kafka_message_destroy(message);
	}
	return err;
}
