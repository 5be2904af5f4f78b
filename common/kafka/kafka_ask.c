// SPDX-License-Identifier: MPL-2.0
// kafka_ask: what the brokers say of themselves and their topics.
#include "common/kafka/kafka_ask.h"

#include "common/base/clock.h"
#include "common/kafka/kafka_error.h"

#include <errno.h>
#include <stdio.h>

// For one question; of what was heard.
enum { GREET_MS = 500, FRESH_MS = 60 * 1000 };

const char *kafka_silence(
	const rd_kafka_t *handle, const char *words, char out[KAFKA_SILENCE_BYTES]
) {
	struct kafka_opaque *opaque = rd_kafka_opaque(handle);

	snprintf(out, KAFKA_SILENCE_BYTES, "%s", words);
	if (opaque == NULL)
		return out;
	pthread_mutex_lock(&opaque->lock);
	if (opaque->address_ms != 0 && clock_mono_ms() - opaque->address_ms <= FRESH_MS)
		snprintf(out, KAFKA_SILENCE_BYTES, "%s", opaque->address_words);
	pthread_mutex_unlock(&opaque->lock);
	return out;
}

const char *kafka_error_words(
	const rd_kafka_t *handle, rd_kafka_resp_err_t err, char out[KAFKA_SILENCE_BYTES]
) {
	const char *words = err == RD_KAFKA_RESP_ERR__TIMED_OUT
		? "the brokers do not answer in time"
		: rd_kafka_err2str(err);

	if (err < RD_KAFKA_RESP_ERR__END && kafka_classify(err) == KAFKA_RETRY)
		return kafka_silence(handle, words, out);
	snprintf(out, KAFKA_SILENCE_BYTES, "%s", words);
	return out;
}

const char *kafka_trouble(const rd_kafka_t *handle) {
	const struct kafka_opaque *opaque = rd_kafka_opaque(handle);

	return opaque == NULL || opaque->trouble_words[0] == '\0' ? "the brokers do not answer"
								  : opaque->trouble_words;
}

rd_kafka_resp_err_t kafka_cause(rd_kafka_t *producer, rd_kafka_resp_err_t err) {
	rd_kafka_resp_err_t fatal = rd_kafka_fatal_error(producer, NULL, 0);

	switch (err) {
	case RD_KAFKA_RESP_ERR__FATAL:
	case RD_KAFKA_RESP_ERR__PURGE_QUEUE:
	case RD_KAFKA_RESP_ERR__PURGE_INFLIGHT:
		return fatal == RD_KAFKA_RESP_ERR_NO_ERROR ? err : fatal;
	default:
		return err;
	}
}

static bool is_denied(rd_kafka_t *handle) {
	const struct kafka_opaque *opaque = rd_kafka_opaque(handle);

	while (rd_kafka_poll(handle, 0) > 0)
		;
	return opaque != NULL && opaque->trouble == KAFKA_DENIED;
}

// One question does not end when we are refused, so there are many.
int kafka_greet(rd_kafka_t *handle, int timeout_ms) {
	struct kafka_opaque *opaque = rd_kafka_opaque(handle);
	int64_t deadline_ms = clock_mono_ms() + timeout_ms;

	if (opaque != NULL) {
		opaque->trouble = KAFKA_OK;
		opaque->trouble_words[0] = '\0';
	}

	for (;;) {
		const struct rd_kafka_metadata *metadata = NULL;
		int err = kafka_errno(rd_kafka_metadata(handle, 0, NULL, &metadata, GREET_MS));

		if (err == 0)
			rd_kafka_metadata_destroy(metadata);
		if (err != -EAGAIN)
			return err;
		if (is_denied(handle))
			return -EACCES;
		if (clock_mono_ms() > deadline_ms)
			return -EAGAIN;
	}
}

int kafka_partition_count(rd_kafka_t *handle, const char *topic, int timeout_ms, int32_t *out) {
	rd_kafka_topic_t *named = rd_kafka_topic_new(handle, topic, NULL);
	const struct rd_kafka_metadata *metadata = NULL;
	int err;

	if (named == NULL)
		return -EAGAIN;
	err = kafka_errno(rd_kafka_metadata(handle, 0, named, &metadata, timeout_ms));
	if (err == 0 && metadata->topic_cnt != 1)
		err = -EAGAIN;
	if (err == 0)
		err = kafka_errno(metadata->topics[0].err);
	if (err == 0 && metadata->topics[0].partition_cnt < 1)
		err = -ENOENT;
	if (err == 0)
		*out = metadata->topics[0].partition_cnt;
	if (metadata != NULL)
		rd_kafka_metadata_destroy(metadata);
	rd_kafka_topic_destroy(named);
	return err;
}

const char *kafka_look_words(
	const rd_kafka_t *handle,
	const struct kafka_options *options,
	const char *operation,
	const char *topic,
	int err,
	char out[KAFKA_RIGHT_BYTES]
) {
	const struct kafka_right right = {
		.operation = operation, .resource = "topic", .name = topic, .is_hidden = true};
	rd_kafka_resp_err_t answer = err == -ENOENT ? RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART
						    : RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;

	if (err == -ENOENT || err == -EACCES)
		kafka_right_words(options, &right, answer, out, KAFKA_RIGHT_BYTES);
	else
		kafka_silence(handle, "the brokers do not answer", out);
	return out;
}
