// SPDX-License-Identifier: MPL-2.0
// kafka_ask: what the brokers say of themselves and their topics. Thread: the handle's; blocks.
#pragma once

#include "common/kafka/kafka.h"
#include "common/kafka/kafka_right.h"

// Waits until the brokers answer, for a handle that was just made and that nobody polls. Blocks up
// to timeout_ms, less when they refuse us. 0; -EACCES and -EAGAIN, with words in kafka_trouble.
int kafka_greet(rd_kafka_t *handle, int timeout_ms);
const char *kafka_trouble(const rd_kafka_t *handle); // never ""
// Words for a question that the brokers did not answer: which broker cannot be reached at the
// address that it advertises, when there was one within the last minute, else `words`. Copied to
// `out`, which is returned.
const char *kafka_silence(
	const rd_kafka_t *handle, const char *words, char out[KAFKA_SILENCE_BYTES]
);
// The same for an error. One that a broker answered, or that does not pass by itself, keeps the
// library's words.
const char *kafka_error_words(
	const rd_kafka_t *handle, rd_kafka_resp_err_t err, char out[KAFKA_SILENCE_BYTES]
);
// Why a producer really failed: after a fatal error it reports its messages as purged or fatal
// only. Another error is itself.
rd_kafka_resp_err_t kafka_cause(rd_kafka_t *producer, rd_kafka_resp_err_t err);

// How many partitions the brokers say that a topic has. Blocks up to timeout_ms. 0; -ENOENT: no
// such topic; -EACCES; -EAGAIN: no answer in time.
int kafka_partition_count(rd_kafka_t *handle, const char *topic, int timeout_ms, int32_t *out);
// Why that failed, or what kafka_lag.h asks of a topic: words for its negative errno. `operation`:
// what is to be done with the topic, as in struct kafka_right. Copied to `out`, which is returned.
const char *kafka_look_words(
	const rd_kafka_t *handle,
	const struct kafka_options *options,
	const char *operation,
	const char *topic,
	int err,
	char out[KAFKA_RIGHT_BYTES]
);
