// SPDX-License-Identifier: MPL-2.0
// kafka_reader: reads a topic from an offset to the end that it has when the reading begins, and
// may follow what comes behind that. It is in no group, so it needs no right but to Read the topic.
// Every call blocks. Thread: the owner's.
#pragma once

#include "common/kafka/kafka.h"

#include <stdint.h>

struct kafka_reader; // opaque

struct kafka_reading {
	int64_t partition; // -1: all
	int64_t from; // the first offset, in every partition
	int64_t quiet_ms; // so long nothing may come
	// For all of it; INT64_MAX: as long as it takes.
	int64_t timeout_ms;
	// Gets each record. Returns 0 to go on; 1: it wants no more; a negative errno ends the
	// reading with it.
	int (*show)(void *ctx, const rd_kafka_message_t *message);
	// Where each partition ends, before anything is shown; may be NULL. 0 or a negative errno.
	int (*see_end)(void *ctx, int32_t partition, int64_t end);
	void *ctx;
};

enum kafka_reader_manner {
	KAFKA_READ_COMMITTED,
	// What is not committed yet, or was taken back, as well.
	KAFKA_READ_ALL,
	// For one that goes on to follow: it hears of new records at once, and of the end half a
	// second late.
	KAFKA_READ_TO_FOLLOW,
};

// What it points to must outlive the reader.
struct kafka_reader_setup {
	const struct kafka_options *kafka;
	const char *topic;
	struct log *log; // may be NULL
	enum kafka_reader_manner manner;
};

// Connects to nothing yet. 0; -EINVAL, with words in `error`; -ENOMEM.
int kafka_reader_open(
	struct kafka_reader **out,
	const struct kafka_reader_setup *setup,
	char *error,
	size_t error_bytes
);
void kafka_reader_close(struct kafka_reader *reader); // NULL is fine

// Once for each reader. 0; -ENOENT: no such topic; -ESRCH: no such partition; -EACCES; -EAGAIN: no
// answer in time; or what `show` returned. Words are in kafka_reader_error, but for what `show`
// returned.
int kafka_reader_read(struct kafka_reader *reader, const struct kafka_reading *reading);
// Goes on behind a kafka_reader_read of one partition: waits up to wait_ms for a record and shows
// it. Now and then it sees whether the last one is still at its place. 0: also when nothing came.
// Else this reader is done: -ESTALE: the log is another one than before, or was empty; -ENOENT;
// -EACCES; -EAGAIN: the brokers do not answer; or what `show` returned.
int kafka_reader_follow(
	struct kafka_reader *reader, const struct kafka_reading *reading, int wait_ms
);
const char *kafka_reader_error(const struct kafka_reader *reader); // why, without the topic

// To ask the brokers something else.
rd_kafka_t *kafka_reader_handle(struct kafka_reader *reader);
