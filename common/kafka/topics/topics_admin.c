// SPDX-License-Identifier: MPL-2.0
// topics_admin: looks at topics and makes them.
#include "common/kafka/topics/topics_admin.h"

#include "common/kafka/kafka_ask.h"
#include "common/kafka/kafka_error.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int topics_admin_open(
	struct topics_admin **out,
	const struct kafka_options *options,
	struct log *log,
	char *error,
	size_t error_bytes
) {
	struct topics_admin *admin = calloc(1, sizeof(*admin));
	rd_kafka_conf_t *conf = NULL;
	int err;

	if (admin == NULL)
		return -ENOMEM;
	admin->opaque = KAFKA_OPAQUE(.log = log, .owner = admin);
	admin->options = options;
	err = kafka_conf_new(&conf, options, KAFKA_ADMIN, &admin->opaque, NULL, error, error_bytes);
	if (err == 0) {
		admin->handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, error_bytes);
		if (admin->handle == NULL) {
			rd_kafka_conf_destroy(conf);
			err = -EINVAL;
		}
	}
	if (err < 0) {
		free(admin);
		return err;
	}
	admin->queue = rd_kafka_queue_new(admin->handle);
	*out = admin;
	return 0;
}

void topics_admin_close(struct topics_admin *admin) {
	if (admin == NULL)
		return;
	rd_kafka_queue_destroy(admin->queue);
	rd_kafka_destroy(admin->handle);
	free(admin);
}

const char *topics_admin_error(const struct topics_admin *admin) {
	return admin->error;
}

static int errno_of(rd_kafka_resp_err_t err) {
	switch (kafka_classify(err)) {
	case KAFKA_DENIED:
		return -EACCES;
	case KAFKA_REFUSED:
		return -EINVAL;
	default:
		return -EAGAIN;
	}
}

int topics_admin_fail(struct topics_admin *admin, const char *what, rd_kafka_resp_err_t err) {
	char silence[KAFKA_SILENCE_BYTES];

	snprintf(
		admin->error,
		sizeof(admin->error),
		"cannot %s: %s",
		what,
		kafka_error_words(admin->handle, err, silence)
	);
	return errno_of(err);
}

int topics_admin_fail_at(
	struct topics_admin *admin,
	const struct topics_act *act,
	const char *topic,
	rd_kafka_resp_err_t err,
	const char *why
) {
	const struct kafka_right right = {
		.operation = act->operation,
		.resource = "topic",
		.name = topic,
		.is_hidden = act->is_hidden,
	};
	char words[KAFKA_RIGHT_BYTES], silence[KAFKA_SILENCE_BYTES];

	if (why == NULL)
		why = kafka_error_words(admin->handle, err, silence);
	// Old brokers want the right to Create of the cluster, and say so; that to the topic is not
	// less, here.
	if (err == RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED)
		err = RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
	kafka_right_words(admin->options, &right, err, words, sizeof(words));
	if (kafka_classify(err) == KAFKA_DENIED)
		why = words;
	snprintf(
		admin->error,
		sizeof(admin->error),
		"cannot %s topic '%s': %s",
		act->verb,
		topic,
		why
	);
	return errno_of(err);
}

int topics_admin_greet(struct topics_admin *admin) {
	int err = kafka_greet(admin->handle, TOPICS_ANSWER_MS);
	const char *why = kafka_trouble(admin->handle);
	char silence[KAFKA_SILENCE_BYTES];

	if (err == -EAGAIN)
		why = kafka_silence(admin->handle, why, silence);
	if (err < 0)
		snprintf(admin->error, sizeof(admin->error), "cannot reach the brokers: %s", why);
	return err;
}

rd_kafka_event_t *topics_admin_wait_for(struct topics_admin *admin, rd_kafka_event_type_t type) {
	for (;;) {
		rd_kafka_event_t *event = rd_kafka_queue_poll(
			admin->queue, TOPICS_ANSWER_MS + 5000
		);

		if (event == NULL || rd_kafka_event_type(event) == type)
			return event;
		rd_kafka_event_destroy(event);
	}
}

rd_kafka_AdminOptions_t *topics_admin_make_options(struct topics_admin *admin) {
	rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(
		admin->handle, RD_KAFKA_ADMIN_OP_ANY
	);

	if (options != NULL)
		rd_kafka_AdminOptions_set_request_timeout(options, TOPICS_ANSWER_MS, NULL, 0);
	return options;
}
