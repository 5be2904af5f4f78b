// SPDX-License-Identifier: MPL-2.0
// delivery: the messages of a pass on their way to the brokers.
//
// Design notes
// - Only the scan thread polls the handle, so reports come there too.
// - After a failure what is under way is purged and the ledger forgotten with the next begin, so
//   that no cursor passes what was not acknowledged.
// - Offsets in a partition only rise; one that does not is of another topic of the same name.
#include "producer/outbox/delivery.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/kafka/kafka_ask.h"
#include "common/kafka/kafka_error.h"
#include "common/kafka/kafka_lag.h"
#include "common/kafka/kafka_right.h"
#include "common/kafka/topics/topics.h"
#include "producer/outbox/ledger.h"
#include "producer/outbox/watermarks.h"

#include <errno.h>
#include <inttypes.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

enum { POLL_MS = 100, ANSWER_MS = 10 * 1000, PURGE_MS = 5000, TELL_EVERY_MS = 60 * 1000 };

struct delivery {
	const struct kafka_options *kafka;
	const char *topic;
	struct kafka_opaque opaque;
	// NULL until begin, and after a fatal error.
	rd_kafka_t *handle;
	struct ledger *ledger;
	atomic_int_least64_t acknowledged;
	// 0, or why the pass cannot go on.
	int failure;
	// The handle is of no use any more.
	bool is_fatal;
	// No pass is on: what is heard now is of the time since the last one.
	bool is_idle;
	bool was_lost; // the topic
	struct watermarks marks; // of the topic
	char remedy[TOPICS_COMMAND_BYTES + 32]; // when it is missing
	char error[KAFKA_RIGHT_BYTES + TOPIC_NAME_BYTES + 64];
};

int delivery_fail(struct delivery *delivery, int err, const char *what, const char *why) {
	if (delivery->failure != 0)
		return delivery->failure;
	delivery->failure = err;
	snprintf(
		delivery->error,
		sizeof(delivery->error),
		"cannot %s topic '%s': %s",
		what,
		delivery->topic,
		why
	);
	return err;
}

int delivery_failure(const struct delivery *delivery) {
	return delivery->failure;
}

const char *delivery_error(const struct delivery *delivery) {
	return delivery->error;
}

// What was published is gone with the topic; and its offsets say nothing of the next one's.
static void lose(struct delivery *delivery) {
	delivery->was_lost = true;
	watermarks_fini(&delivery->marks);
}

static int fail_missing(struct delivery *delivery) {
	lose(delivery);
	return delivery_fail(delivery, -ENOENT, "write to", delivery->remedy);
}

static int fail_anew(struct delivery *delivery) {
	lose(delivery);
	return delivery_fail(
		delivery,
		-ENOENT,
		"write to",
		"it was made anew, and does not have what was published before"
	);
}

static int fail_words(struct delivery *delivery, rd_kafka_resp_err_t err, bool is_hidden) {
	const struct kafka_right right = {
		.operation = "Write",
		.resource = "topic",
		.name = delivery->topic,
		.is_hidden = is_hidden,
	};
	char why[KAFKA_RIGHT_BYTES];

	if (kafka_classify(err) == KAFKA_RETRY)
		kafka_error_words(delivery->handle, err, why);
	else if (!kafka_refusal_words(delivery->topic, err, why, sizeof(why)))
		kafka_right_words(delivery->kafka, &right, err, why, sizeof(why));
	return delivery_fail(
		delivery, kafka_classify(err) == KAFKA_DENIED ? -EACCES : -EIO, "write to", why
	);
}

static int fail_kafka(struct delivery *delivery, rd_kafka_resp_err_t err) {
	enum kafka_class class;

	if (rd_kafka_fatal_error(delivery->handle, NULL, 0) != RD_KAFKA_RESP_ERR_NO_ERROR)
		delivery->is_fatal = true;
	err = kafka_cause(delivery->handle, err);
	class = kafka_classify(err);
	if (class == KAFKA_FATAL || class == KAFKA_FENCED)
		delivery->is_fatal = true;
	if (err == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION)
		return fail_anew(delivery); // it has fewer now
	return class == KAFKA_MISSING ? fail_missing(delivery) : fail_words(delivery, err, false);
}

bool delivery_was_lost(struct delivery *delivery) {
	bool was_lost = delivery->was_lost;

	delivery->was_lost = false;
	return was_lost;
}

// --- what the brokers say

static void take_report(rd_kafka_t *handle, const rd_kafka_message_t *message, void *pointer) {
	const struct kafka_opaque *opaque = pointer;
	struct delivery *delivery = opaque->owner;

	(void)handle;
	ledger_acked(delivery->ledger, message->_private);
	if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
		fail_kafka(delivery, message->err);
		return;
	}
	atomic_fetch_add(&delivery->acknowledged, 1);
	if (!watermarks_rise(&delivery->marks, message->partition, message->offset))
		fail_anew(delivery);
}

static void take_error(rd_kafka_t *handle, int err, const char *text, void *pointer) {
	const struct kafka_opaque *opaque = pointer;
	const struct delivery *delivery = opaque->owner;
	const char *name = rd_kafka_err2name((rd_kafka_resp_err_t)err);
	bool is_told = !delivery->is_idle && log_is_due(opaque->log, name, TELL_EVERY_MS);

	(void)handle;
	LOG(opaque->log,
	    is_told ? LOG_LEVEL_WARNING : LOG_LEVEL_DEBUG,
	    "trouble with the brokers",
	    log_str("error", name),
	    log_str("text", text));
	if (err == RD_KAFKA_RESP_ERR__FATAL)
		fail_kafka(opaque->owner, RD_KAFKA_RESP_ERR__FATAL);
}

// --- the handle

static int make_conf(struct delivery *delivery, rd_kafka_conf_t **out, char *error, size_t bytes) {
	int err = kafka_conf_new(
		out, delivery->kafka, KAFKA_PRODUCER, &delivery->opaque, NULL, error, bytes
	);

	if (err < 0)
		return err;
	rd_kafka_conf_set_dr_msg_cb(*out, take_report);
	rd_kafka_conf_set_error_cb(*out, take_error);
	return 0;
}

static int open_handle(struct delivery *delivery) {
	rd_kafka_conf_t *conf = NULL;
	int err;

	if (delivery->handle != NULL)
		return 0;
	err = make_conf(delivery, &conf, delivery->error, sizeof(delivery->error));
	if (err < 0)
		return err;
	delivery->handle = rd_kafka_new(
		RD_KAFKA_PRODUCER, conf, delivery->error, sizeof(delivery->error)
	);
	if (delivery->handle != NULL)
		return 0;
	rd_kafka_conf_destroy(conf);
	return -EINVAL;
}

static void close_handle(struct delivery *delivery) {
	if (delivery->handle != NULL)
		rd_kafka_destroy(delivery->handle);
	delivery->handle = NULL;
}

// Nobody polls between two passes: an outage that is long over must not be told as one of now.
static void hear_old_news(struct delivery *delivery) {
	delivery->is_idle = true;
	while (delivery->handle != NULL && rd_kafka_poll(delivery->handle, 0) > 0)
		;
	delivery->is_idle = false;
}

// Takes back what is under way, so that no report comes for a page that is forgotten.
static void forget(struct delivery *delivery) {
	int64_t deadline_ms = clock_mono_ms() + PURGE_MS;

	if (delivery->handle != NULL && ledger_unacked(delivery->ledger) > 0) {
		rd_kafka_purge(
			delivery->handle, RD_KAFKA_PURGE_F_QUEUE | RD_KAFKA_PURGE_F_INFLIGHT
		);
		while (ledger_unacked(delivery->ledger) > 0 && clock_mono_ms() < deadline_ms)
			rd_kafka_poll(delivery->handle, POLL_MS);
	}
	if (delivery->is_fatal || ledger_unacked(delivery->ledger) > 0)
		close_handle(delivery);
	delivery->is_fatal = false;
	ledger_reset(delivery->ledger);
}

// --- its life

int delivery_new(
	struct delivery **out,
	const struct kafka_options *kafka,
	const char *topic,
	struct log *log,
	char *error,
	size_t error_bytes
) {
	struct delivery *delivery = calloc(1, sizeof(*delivery));
	rd_kafka_conf_t *conf = NULL;
	int err;

	if (delivery == NULL)
		return -ENOMEM;
	delivery->kafka = kafka;
	delivery->topic = topic;
	delivery->opaque = KAFKA_OPAQUE(.log = log, .owner = delivery);
	delivery->ledger = ledger_new();
	err = delivery->ledger == NULL ? -ENOMEM : make_conf(delivery, &conf, error, error_bytes);
	if (err < 0) {
		ledger_free(delivery->ledger);
		free(delivery);
		return err;
	}
	// It was only to be seen whether it can be made.
	rd_kafka_conf_destroy(conf);
	*out = delivery;
	return 0;
}

void delivery_free(struct delivery *delivery) {
	if (delivery == NULL)
		return;
	forget(delivery);
	close_handle(delivery);
	ledger_free(delivery->ledger);
	watermarks_fini(&delivery->marks);
	free(delivery);
}

// 0: there was an answer.
static int judge_answer(struct delivery *delivery, int err) {
	char silence[KAFKA_SILENCE_BYTES];

	if (err == 0)
		return 0;
	if (err == -ENOENT)
		return fail_missing(delivery);
	if (err == -EACCES)
		return fail_words(delivery, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, true);
	return delivery_fail(
		delivery,
		err,
		"write to",
		kafka_silence(delivery->handle, "the brokers do not answer", silence)
	);
}

static int count_partitions(struct delivery *delivery, int32_t *partitions) {
	return judge_answer(
		delivery,
		kafka_partition_count(delivery->handle, delivery->topic, ANSWER_MS, partitions)
	);
}

// A pass that publishes nothing hears of no offset.
static int look_at_ends(struct delivery *delivery) {
	rd_kafka_topic_partition_list_t *ends = watermarks_list(&delivery->marks, delivery->topic);
	int err = ends->cnt == 0 ? 0 : kafka_ends(delivery->handle, ends, ANSWER_MS);
	bool is_anew = err == 0 && !watermarks_are_below(&delivery->marks, ends);

	rd_kafka_topic_partition_list_destroy(ends);
	return is_anew ? fail_anew(delivery) : judge_answer(delivery, err);
}

int delivery_begin(struct delivery *delivery, const char *command, int32_t *partitions) {
	int err;

	snprintf(delivery->remedy, sizeof(delivery->remedy), TOPIC_MISSING ": %s", command);
	hear_old_news(delivery);
	forget(delivery);
	delivery->failure = 0;
	delivery->error[0] = '\0';
	atomic_store(&delivery->acknowledged, 0);
	err = open_handle(delivery);
	if (err == 0)
		err = count_partitions(delivery, partitions);
	if (err == 0 && watermarks_resize(&delivery->marks, *partitions) < 0)
		err = delivery_fail(delivery, -ENOMEM, "write to", "out of memory");
	return err < 0 ? err : look_at_ends(delivery);
}

int delivery_look(struct delivery *delivery) {
	int32_t partitions;

	return delivery->failure != 0 ? delivery->failure : count_partitions(delivery, &partitions);
}

int delivery_judge(struct delivery *delivery, int err, const char *why) {
	if (err == -EACCES)
		return delivery_fail(delivery, err, "see how far the workers are with", why);
	return err == -ENOENT ? delivery_look(delivery) : 0;
}

int delivery_compare(struct delivery *delivery, const rd_kafka_topic_partition_list_t *ends) {
	return watermarks_lie_within(&delivery->marks, delivery->topic, ends) ? delivery->failure
									      : fail_anew(delivery);
}

// --- messages

static rd_kafka_resp_err_t hand_over(
	struct delivery *delivery, const struct delivery_message *message, struct ledger_page *page
) {
	char key[32];
	int key_len = snprintf(key, sizeof(key), "%" PRId64, message->range);

	return __extension__ rd_kafka_producev(
		delivery->handle,
		RD_KAFKA_V_TOPIC(delivery->topic),
		RD_KAFKA_V_PARTITION(message->partition),
		RD_KAFKA_V_KEY(key, (size_t)key_len),
		RD_KAFKA_V_VALUE((void *)message->data, message->len),
		RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
		RD_KAFKA_V_OPAQUE(page),
		RD_KAFKA_V_END
	);
}

int delivery_send(struct delivery *delivery, const struct delivery_message *message) {
	struct ledger_page *page = ledger_page(delivery->ledger);
	rd_kafka_resp_err_t err;

	if (page == NULL)
		return delivery_fail(delivery, -ENOMEM, "write to", "out of memory");
	err = hand_over(delivery, message, page);
	if (err == RD_KAFKA_RESP_ERR__QUEUE_FULL)
		return -ENOBUFS;
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
		return fail_kafka(delivery, err);
	ledger_sent(delivery->ledger, page);
	return 0;
}

int delivery_serve(struct delivery *delivery, int timeout_ms) {
	if (delivery->handle != NULL)
		rd_kafka_poll(delivery->handle, timeout_ms);
	return delivery->failure;
}

size_t delivery_unacked(const struct delivery *delivery) {
	return ledger_unacked(delivery->ledger);
}

int64_t delivery_acknowledged(const struct delivery *delivery) {
	return atomic_load(&delivery->acknowledged);
}

int delivery_seal(struct delivery *delivery, const char *cursor) {
	return ledger_seal(delivery->ledger, cursor);
}

const char *delivery_cursor(const struct delivery *delivery) {
	return delivery->failure != 0 ? "" : ledger_cursor(delivery->ledger);
}
