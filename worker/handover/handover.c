// SPDX-License-Identifier: MPL-2.0
// handover: publishes what leaves a worker.
#include "worker/handover/handover.h"

#include "common/base/wake.h"
#include "common/kafka/kafka_end.h"
#include "common/kafka/topics/replay.h"
#include "common/text/number.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_BYTES = 512 };

struct handover {
	struct handover_setup setup;
	struct kafka_opaque opaque;
	rd_kafka_t *producer;
	rd_kafka_queue_t *events;
};

// --- headers

static bool add_text(rd_kafka_headers_t *headers, const char *name, const char *text) {
	size_t len = text == NULL ? 0 : strnlen(text, MESSAGE_BYTES);

	return rd_kafka_header_add(headers, name, -1, text == NULL ? "" : text, (ssize_t)len) ==
		RD_KAFKA_RESP_ERR_NO_ERROR;
}

static bool add_int(rd_kafka_headers_t *headers, const char *name, int64_t value) {
	char text[24];

	snprintf(text, sizeof(text), "%" PRId64, value);
	return add_text(headers, name, text);
}

// Where 0 means that nothing is known.
static bool add_known(rd_kafka_headers_t *headers, const char *name, int64_t value) {
	return value == 0 || add_int(headers, name, value);
}

rd_kafka_headers_t *handover_headers(const struct handover_note *note) {
	rd_kafka_headers_t *headers = rd_kafka_headers_new(12);
	bool is_whole = headers != NULL && add_text(headers, "purge.error.reason", note->reason) &&
		add_known(headers, "purge.error.status", note->status) &&
		add_text(headers, "purge.error.message", note->message) &&
		add_text(headers, "purge.error.topic", note->topic) &&
		add_int(headers, "purge.error.partition", note->partition) &&
		add_int(headers, "purge.error.offset", note->offset) &&
		add_int(headers, "purge.error.attempts", note->attempts) &&
		add_int(headers, "purge.error.postponed", note->postponed) &&
		add_known(headers, "purge.error.away", note->away) &&
		add_known(headers, "purge.error.first_failed_at", note->first_failed_ms) &&
		(!note->truncated || add_text(headers, "purge.truncated", "true")) &&
		(note->replay == NULL || add_text(headers, REPLAY_HEADER, note->replay));

	if (is_whole || headers == NULL)
		return headers;
	rd_kafka_headers_destroy(headers);
	return NULL;
}

// A number in a header, as another program may have written it. 0 when it is missing, no number, or
// out of 0 to `most`.
static int64_t read_int(const rd_kafka_headers_t *headers, const char *name, int64_t most) {
	const void *value;
	size_t len;
	int64_t number = 0;

	if (rd_kafka_header_get_last(headers, name, &value, &len) == RD_KAFKA_RESP_ERR_NO_ERROR)
		(void)number_parse(value, len, 0, most, &number);
	return number;
}

// The library ends each value with a NUL.
static const char *read_replay(const rd_kafka_headers_t *headers) {
	const void *value;
	size_t len;

	if (rd_kafka_header_get_last(headers, REPLAY_HEADER, &value, &len) !=
		    RD_KAFKA_RESP_ERR_NO_ERROR ||
	    value == NULL || strlen(value) != len || !replay_id_is_valid(value))
		return NULL;
	return value;
}

void handover_read_past(const rd_kafka_message_t *message, struct handover_past *out) {
	rd_kafka_headers_t *headers;

	*out = (struct handover_past){0};
	if (rd_kafka_message_headers(message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return;
	out->attempts = (int)read_int(headers, "purge.error.attempts", 1000000);
	out->postponed = (int)read_int(headers, "purge.error.postponed", 1000000);
	out->away = (int)read_int(headers, "purge.error.away", 1000000);
	out->first_failed_ms = read_int(headers, "purge.error.first_failed_at", INT64_MAX);
	out->replay = read_replay(headers);
}

// --- the producer

int handover_open(
	struct handover **out, const struct handover_setup *setup, char *error, size_t error_bytes
) {
	struct handover *handover = calloc(1, sizeof(*handover));
	rd_kafka_conf_t *conf;
	int err;

	if (handover == NULL)
		return -ENOMEM;
	handover->setup = *setup;
	handover->opaque = KAFKA_OPAQUE(.log = setup->log, .owner = handover, .tells_errors = true);
	err = kafka_conf_new(
		&conf, setup->kafka, KAFKA_PRODUCER, &handover->opaque, NULL, error, error_bytes
	);
	if (err < 0) {
		free(handover);
		return err;
	}
	rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_ERROR);
	handover->producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, error_bytes);
	if (handover->producer == NULL) {
		rd_kafka_conf_destroy(conf);
		free(handover);
		return -EINVAL;
	}
	handover->events = rd_kafka_queue_get_main(handover->producer);
	rd_kafka_queue_io_event_enable(
		handover->events, setup->wake_fd, &wake_word, sizeof(wake_word)
	);
	*out = handover;
	return 0;
}

int handover_close(struct handover *handover, int64_t timeout_ms) {
	int err;

	if (handover == NULL)
		return 0;
	rd_kafka_queue_io_event_enable(handover->events, -1, NULL, 0);
	rd_kafka_purge(handover->producer, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT);
	rd_kafka_queue_destroy(handover->events);
	err = kafka_end(handover->producer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE, timeout_ms);
	if (err == 0)
		free(handover);
	return err;
}

rd_kafka_resp_err_t handover_send(struct handover *handover, const struct handover_record *record) {
	rd_kafka_headers_t *headers = record->headers == NULL
		? rd_kafka_headers_new(1)
		: rd_kafka_headers_copy(record->headers);
	rd_kafka_resp_err_t err;

	if (headers == NULL)
		return RD_KAFKA_RESP_ERR__QUEUE_FULL;
	err = __extension__ rd_kafka_producev(
		handover->producer,
		RD_KAFKA_V_TOPIC(record->topic),
		RD_KAFKA_V_PARTITION(record->partition),
		RD_KAFKA_V_KEY(record->key, record->key_bytes),
		RD_KAFKA_V_VALUE(record->value, record->value_bytes),
		RD_KAFKA_V_HEADERS(headers),
		RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
		RD_KAFKA_V_OPAQUE(record->tag),
		RD_KAFKA_V_END
	);
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
		rd_kafka_headers_destroy(headers);
	return err;
}

static void on_deliveries(struct handover *handover, rd_kafka_event_t *event) {
	const struct handover_setup *setup = &handover->setup;
	const rd_kafka_message_t *message;

	while ((message = rd_kafka_event_message_next(event)) != NULL) {
		const struct handover_place place = {
			.partition = message->partition,
			.offset = message->offset,
			.stamp_ms = rd_kafka_message_timestamp(message, NULL),
		};

		setup->on_done(setup->ctx, message->_private, message->err, &place);
	}
}

static void on_error(const struct handover *handover, rd_kafka_event_t *event) {
	if (rd_kafka_event_error_is_fatal(event) != 0)
		handover->setup.on_fatal(handover->setup.ctx, rd_kafka_event_error(event));
}

void handover_serve(struct handover *handover) {
	rd_kafka_event_t *event;

	while ((event = rd_kafka_queue_poll(handover->events, 0)) != NULL) {
		if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_DR)
			on_deliveries(handover, event);
		else if (rd_kafka_event_type(event) == RD_KAFKA_EVENT_ERROR)
			on_error(handover, event);
		rd_kafka_event_destroy(event);
	}
}

bool handover_is_busy(const struct handover *handover) {
	return rd_kafka_outq_len(handover->producer) > 0;
}
