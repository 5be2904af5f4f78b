// SPDX-License-Identifier: MPL-2.0
// kafka_transaction: records that come into their topics all together or not at all.
//
// Whoever opens one ends what an earlier one with the same id has left open, and that one can write
// no more. Every call blocks up to ANSWER_MS. Thread: the owner's.
#pragma once

#include "common/kafka/kafka.h"

#include <stddef.h>
#include <stdint.h>

struct kafka_transaction; // opaque

// Its words may be long: a missing right, and the topic.
enum { KAFKA_TRANSACTION_ERROR_BYTES = 2600, KAFKA_TRANSACTION_ANSWER_MS = 15 * 1000 };

struct kafka_transaction_record {
	// Lives as long as the transaction; at most two different ones.
	const char *topic;
	int32_t partition; // below the topic's count
	const void *key;
	size_t key_bytes;
	const void *value; // NULL: a tombstone
	size_t value_bytes;
	// Owned from now on; NULL: none.
	rd_kafka_headers_t *headers;
	// Gets its place when it is flushed; may be NULL.
	int64_t *offset;
};

// Connects, and waits until the brokers know the id. `kafka` and `id` must outlive it. 0; -EINVAL,
// -EACCES, -EAGAIN (no answer), with words in `error`; -ENOMEM.
int kafka_transaction_open(
	struct kafka_transaction **out,
	const struct kafka_options *kafka,
	const char *id,
	struct log *log,
	char *error,
	size_t error_bytes
);
// An open transaction is taken back. NULL is fine.
void kafka_transaction_close(struct kafka_transaction *transaction);
rd_kafka_t *kafka_transaction_handle(struct kafka_transaction *transaction);

// All: 0 or a negative errno with words in kafka_transaction_error; -ESTALE: another one has our id
// now.
int kafka_transaction_begin(struct kafka_transaction *transaction);
// Key and value are copied.
int kafka_transaction_send(
	struct kafka_transaction *transaction, const struct kafka_transaction_record *record
);
// Waits until the brokers have all that was sent. Nobody who reads committed records sees it yet.
int kafka_transaction_flush(struct kafka_transaction *transaction);
// -EAGAIN: it is not known whether it happened.
int kafka_transaction_commit(struct kafka_transaction *transaction);
int kafka_transaction_abort(struct kafka_transaction *transaction);
const char *kafka_transaction_error(const struct kafka_transaction *transaction);
