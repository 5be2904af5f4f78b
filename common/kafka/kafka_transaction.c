// SPDX-License-Identifier: MPL-2.0
// kafka_transaction: records that come into their topics all together or not at all.
//
// Design notes
// - librdkafka says of each failure whether the call may be made again, whether the transaction can
//   only be taken back, or whether the handle is of no use any more. Only the first of these is
//   tried again, until the time is over.
// - The library's own error of a topic is in the report of a record: it comes before that of the
//   transaction, and names the cause. When a right is missing there is none: the records are
//   purged, and only a commit, which is refused then, says why, but not which topic it is about.
#include "common/kafka/kafka_transaction.h"

#include "common/base/clock.h"
#include "common/kafka/kafka_ask.h"
#include "common/kafka/kafka_end.h"
#include "common/kafka/kafka_error.h"
#include "common/kafka/kafka_right.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { POLL_MS = 100, END_MS = 5000, TOPICS_MAX = 2 };

struct kafka_transaction {
	const struct kafka_options *kafka;
	const char *id;
	struct kafka_opaque opaque;
	rd_kafka_t *handle;
	bool is_begun;
	size_t sent, delivered; // in this one
	const char *topics[TOPICS_MAX]; // in this one
	// Of the first record that was not taken.
	rd_kafka_resp_err_t refusal;
	char refused_topic[KAFKA_NAME_BYTES];
	char error[KAFKA_TRANSACTION_ERROR_BYTES];
};

const char *kafka_transaction_error(const struct kafka_transaction *transaction) {
	return transaction->error;
}

rd_kafka_t *kafka_transaction_handle(struct kafka_transaction *transaction) {
	return transaction->handle;
}

// --- what went wrong

static int errno_of(rd_kafka_resp_err_t err) {
	return kafka_classify(err) == KAFKA_FENCED ? -ESTALE : kafka_errno(err);
}

static int fail_topic(
	struct kafka_transaction *transaction, const char *topic, rd_kafka_resp_err_t err
) {
	const struct kafka_right right = {.operation = "Write", .resource = "topic", .name = topic};
	char why[KAFKA_RIGHT_BYTES];

	if (!kafka_refusal_words(topic, err, why, sizeof(why)))
		kafka_right_words(transaction->kafka, &right, err, why, sizeof(why));
	snprintf(
		transaction->error,
		sizeof(transaction->error),
		"cannot write to topic '%s': %s",
		topic,
		why
	);
	return errno_of(err);
}

static int fail_fenced(struct kafka_transaction *transaction) {
	snprintf(
		transaction->error,
		sizeof(transaction->error),
		"another one began transactions as '%s': two of them at once do not go together; "
		"or this one took longer than --kafka.transaction.timeout.ms, and the brokers "
		"took it back",
		transaction->id
	);
	return -ESTALE;
}

// Of one of the topics.
static int fail_denied(struct kafka_transaction *transaction) {
	char why[KAFKA_RIGHT_BYTES];
	size_t len = 0;

	for (size_t i = 0; i < TOPICS_MAX && transaction->topics[i] != NULL; i++) {
		const struct kafka_right right = {
			.operation = "Write",
			.resource = "topic",
			.name = transaction->topics[i],
		};

		kafka_right_words(
			transaction->kafka,
			&right,
			RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED,
			why,
			sizeof(why)
		);
		len += (size_t)snprintf(
			transaction->error + len,
			sizeof(transaction->error) - len,
			"%s%s",
			i == 0 ? "" : "; or ",
			why
		);
	}
	return -EACCES;
}

static void note_topic(struct kafka_transaction *transaction, const char *topic) {
	size_t i = 0;

	while (i < TOPICS_MAX && transaction->topics[i] != NULL) {
		if (strcmp(transaction->topics[i], topic) == 0)
			return;
		i++;
	}
	if (i < TOPICS_MAX)
		transaction->topics[i] = topic;
}

static int fail(struct kafka_transaction *transaction, const char *what, rd_kafka_resp_err_t err) {
	const struct kafka_right right = {
		.operation = "Write", .resource = "transactional-id", .name = transaction->id};
	char silence[KAFKA_SILENCE_BYTES];
	char why[KAFKA_RIGHT_BYTES];

	if (transaction->refusal != RD_KAFKA_RESP_ERR_NO_ERROR)
		return fail_topic(transaction, transaction->refused_topic, transaction->refusal);
	if (kafka_classify(err) == KAFKA_FENCED)
		return fail_fenced(transaction);
	if (err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED)
		return fail_denied(transaction);
	if (kafka_classify(err) == KAFKA_RETRY)
		snprintf(
			why, sizeof(why), "%s", kafka_error_words(transaction->handle, err, silence)
		);
	else
		kafka_right_words(transaction->kafka, &right, err, why, sizeof(why));
	snprintf(transaction->error, sizeof(transaction->error), "cannot %s: %s", what, why);
	return errno_of(err);
}

// Makes a call again as long as the library says that this may help. NULL: it worked.
static rd_kafka_error_t *call(
	struct kafka_transaction *transaction,
	rd_kafka_error_t *(*function)(rd_kafka_t *handle, int timeout_ms)
) {
	int64_t deadline_ms = clock_mono_ms() + KAFKA_TRANSACTION_ANSWER_MS;
	rd_kafka_error_t *error;

	for (;;) {
		int64_t left_ms = deadline_ms - clock_mono_ms();

		error = function(transaction->handle, left_ms > 1 ? (int)left_ms : 1);
		if (error == NULL || rd_kafka_error_is_retriable(error) == 0 ||
		    clock_mono_ms() >= deadline_ms)
			return error;
		rd_kafka_error_destroy(error);
		rd_kafka_poll(transaction->handle, POLL_MS);
	}
}

// Takes the error. 0 or a negative errno.
static int judge(struct kafka_transaction *transaction, const char *what, rd_kafka_error_t *error) {
	rd_kafka_resp_err_t err;

	if (error == NULL)
		return 0;
	err = kafka_cause(transaction->handle, rd_kafka_error_code(error));
	rd_kafka_error_destroy(error);
	return fail(transaction, what, err);
}

// --- its life

static void take_report(rd_kafka_t *handle, const rd_kafka_message_t *message, void *pointer) {
	const struct kafka_opaque *opaque = pointer;
	struct kafka_transaction *transaction = opaque->owner;
	int64_t *offset = message->_private;

	(void)handle;
	transaction->delivered += message->err == RD_KAFKA_RESP_ERR_NO_ERROR;
	if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR && offset != NULL)
		*offset = message->offset;
	if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR ||
	    transaction->refusal != RD_KAFKA_RESP_ERR_NO_ERROR ||
	    message->err == RD_KAFKA_RESP_ERR__PURGE_QUEUE ||
	    message->err == RD_KAFKA_RESP_ERR__PURGE_INFLIGHT)
		return;
	transaction->refusal = message->err;
	snprintf(
		transaction->refused_topic,
		sizeof(transaction->refused_topic),
		"%s",
		rd_kafka_topic_name(message->rkt)
	);
}

static int open_handle(struct kafka_transaction *transaction, char *error, size_t error_bytes) {
	rd_kafka_conf_t *conf = NULL;
	int err = kafka_conf_new(
		&conf,
		transaction->kafka,
		KAFKA_TRANSACTOR,
		&transaction->opaque,
		transaction->id,
		error,
		error_bytes
	);

	if (err < 0)
		return err;
	rd_kafka_conf_set_dr_msg_cb(conf, take_report);
	transaction->handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, error_bytes);
	if (transaction->handle != NULL)
		return 0;
	rd_kafka_conf_destroy(conf);
	return -EINVAL;
}

static int greet(struct kafka_transaction *transaction) {
	int err = kafka_greet(transaction->handle, KAFKA_TRANSACTION_ANSWER_MS);

	if (err < 0)
		snprintf(
			transaction->error,
			sizeof(transaction->error),
			"%s",
			kafka_trouble(transaction->handle)
		);
	return err < 0 ? err
		       : judge(transaction,
			       "begin transactions",
			       call(transaction, rd_kafka_init_transactions));
}

int kafka_transaction_open(
	struct kafka_transaction **out,
	const struct kafka_options *kafka,
	const char *id,
	struct log *log,
	char *error,
	size_t error_bytes
) {
	struct kafka_transaction *transaction = calloc(1, sizeof(*transaction));
	int err;

	if (transaction == NULL)
		return -ENOMEM;
	transaction->kafka = kafka;
	transaction->id = id;
	transaction->opaque = KAFKA_OPAQUE(.log = log, .owner = transaction);
	err = open_handle(transaction, error, error_bytes);
	if (err < 0) {
		free(transaction);
		return err;
	}
	err = greet(transaction);
	if (err < 0) {
		snprintf(error, error_bytes, "%s", transaction->error);
		kafka_transaction_close(transaction);
		return err;
	}
	*out = transaction;
	return 0;
}

void kafka_transaction_close(struct kafka_transaction *transaction) {
	if (transaction == NULL)
		return;
	if (transaction->is_begun)
		(void)kafka_transaction_abort(transaction);
	// The log may be gone before the handle is.
	rd_kafka_set_log_level(transaction->handle, 0);
	// Else the library may still use what is in it.
	if (kafka_end(transaction->handle, 0, END_MS) == 0)
		free(transaction);
}

// --- one transaction

int kafka_transaction_begin(struct kafka_transaction *transaction) {
	int err = judge(
		transaction, "begin a transaction", rd_kafka_begin_transaction(transaction->handle)
	);

	transaction->is_begun = err == 0;
	transaction->refusal = RD_KAFKA_RESP_ERR_NO_ERROR;
	transaction->sent = transaction->delivered = 0;
	memset(transaction->topics, 0, sizeof(transaction->topics));
	return err;
}

int kafka_transaction_send(
	struct kafka_transaction *transaction, const struct kafka_transaction_record *record
) {
	rd_kafka_resp_err_t err = __extension__ rd_kafka_producev(
		transaction->handle,
		RD_KAFKA_V_TOPIC(record->topic),
		RD_KAFKA_V_PARTITION(record->partition),
		RD_KAFKA_V_KEY(record->key, record->key_bytes),
		RD_KAFKA_V_VALUE((void *)record->value, record->value_bytes),
		RD_KAFKA_V_HEADERS(record->headers),
		RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
		RD_KAFKA_V_OPAQUE(record->offset),
		RD_KAFKA_V_END
	);

	transaction->sent += err == RD_KAFKA_RESP_ERR_NO_ERROR;
	note_topic(transaction, record->topic);
	if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
		return 0;
	if (record->headers != NULL)
		rd_kafka_headers_destroy(record->headers);
	return fail_topic(transaction, record->topic, kafka_cause(transaction->handle, err));
}

int kafka_transaction_flush(struct kafka_transaction *transaction) {
	rd_kafka_resp_err_t err = rd_kafka_flush(transaction->handle, KAFKA_TRANSACTION_ANSWER_MS);
	int refused;

	if (err == RD_KAFKA_RESP_ERR_NO_ERROR && transaction->delivered == transaction->sent)
		return 0;
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR || transaction->refusal != RD_KAFKA_RESP_ERR_NO_ERROR)
		return fail(transaction, "write all of a transaction", err);
	refused = kafka_transaction_commit(transaction);
	return refused < 0
		? refused
		: fail(transaction, "write all of a transaction", RD_KAFKA_RESP_ERR__INCONSISTENT);
}

int kafka_transaction_commit(struct kafka_transaction *transaction) {
	int err = judge(
		transaction, "commit a transaction", call(transaction, rd_kafka_commit_transaction)
	);

	// One of which it is not known is not to be taken back.
	transaction->is_begun = err < 0 && err != -EAGAIN;
	return err;
}

int kafka_transaction_abort(struct kafka_transaction *transaction) {
	transaction->is_begun = false;
	return judge(
		transaction,
		"take a transaction back",
		call(transaction, rd_kafka_abort_transaction)
	);
}
