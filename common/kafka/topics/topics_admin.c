// SPDX-License-Identifier: MPL-2.0
// topics_admin: looks at topics and makes them.
#include "common/kafka/topics/topics_admin.h"

#include "common/kafka/topics/topics_admin_state.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct topics_act act_see = {.verb = "look at", .operation = "Describe"};
static const struct topics_act act_create = {.verb = "create", .operation = "Create"};
static const struct topics_act act_grow = {.verb = "add partitions to", .operation = "Alter"};

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

static int greet(struct topics_admin *admin) {
	int err = kafka_greet(admin->handle, TOPICS_ANSWER_MS);
	const char *why = kafka_trouble(admin->handle);
	char silence[KAFKA_SILENCE_BYTES];

	if (err == -EAGAIN)
		why = kafka_silence(admin->handle, why, silence);
	if (err < 0)
		snprintf(admin->error, sizeof(admin->error), "cannot reach the brokers: %s", why);
	return err;
}

int topics_admin_count_brokers(struct topics_admin *admin, int *out) {
	const struct rd_kafka_metadata *metadata = NULL;
	rd_kafka_resp_err_t err;
	int greeted = greet(admin);

	if (greeted < 0)
		return greeted;
	err = rd_kafka_metadata(admin->handle, 0, NULL, &metadata, TOPICS_ANSWER_MS);
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
		return topics_admin_fail(admin, "reach the brokers", err);
	*out = metadata->broker_cnt;
	rd_kafka_metadata_destroy(metadata);
	return 0;
}

int topics_admin_find(struct topics_admin *admin, const char *topic, const char *seen_by) {
	struct topic_facts facts = {.partitions = 0};
	int err = greet(admin);

	if (err == 0)
		err = topics_admin_look_at_partitions(admin, topic, seen_by, &facts);
	return err == 0 && facts.partitions == 0 ? -ENOENT : err;
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

int topics_admin_look_at_partitions(
	struct topics_admin *admin, const char *name, const char *seen_by, struct topic_facts *out
) {
	const struct topics_act act = {
		.verb = "look at",
		.operation = seen_by,
		.is_hidden = strcmp(seen_by, "Describe") != 0,
	};
	rd_kafka_topic_t *topic = rd_kafka_topic_new(admin->handle, name, NULL);
	const struct rd_kafka_metadata *metadata = NULL;
	rd_kafka_resp_err_t err;

	if (topic == NULL)
		return topics_admin_fail_at(admin, &act, name, rd_kafka_last_error(), NULL);
	err = rd_kafka_metadata(admin->handle, 0, topic, &metadata, TOPICS_ANSWER_MS);
	if (err == RD_KAFKA_RESP_ERR_NO_ERROR && metadata->topic_cnt == 1) {
		err = metadata->topics[0].err;
		out->partitions = metadata->topics[0].partition_cnt;
		out->replication = out->partitions > 0
			? metadata->topics[0].partitions[0].replica_cnt
			: 0;
	}
	if (kafka_classify(err) == KAFKA_MISSING) {
		out->partitions = 0;
		err = RD_KAFKA_RESP_ERR_NO_ERROR;
	}
	if (metadata != NULL)
		rd_kafka_metadata_destroy(metadata);
	rd_kafka_topic_destroy(topic);
	return err == RD_KAFKA_RESP_ERR_NO_ERROR
		? 0
		: topics_admin_fail_at(admin, &act, name, err, NULL);
}

int topics_admin_look(
	struct topics_admin *admin, const struct topic_plan *plan, struct topic_facts *out
) {
	struct topic_reading reading = {
		.topic = plan->name,
		.properties = out->properties,
		.count = plan->property_count,
	};
	int err;

	memset(out, 0, sizeof(*out));
	for (size_t i = 0; i < plan->property_count; i++)
		out->properties[i].key = plan->properties[i].key;
	err = topics_admin_look_at_partitions(admin, plan->name, plan->seen_by, out);
	if (err == 0)
		err = topics_admin_read(admin, &reading, 1);
	if (err == 0 && out->partitions > 0 && reading.is_missing) // gone meanwhile
		return topics_admin_fail_at(
			admin, &act_see, plan->name, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, NULL
		);
	return err;
}

// The one topic's answer; `fine` is an error that is as good as none.
static int take_answer(
	struct topics_admin *admin,
	const struct topics_act *act,
	const char *topic,
	const rd_kafka_topic_result_t *const *answers,
	size_t count,
	rd_kafka_resp_err_t fine
) {
	rd_kafka_resp_err_t err;

	if (count != 1)
		return topics_admin_fail_at(admin, act, topic, RD_KAFKA_RESP_ERR__FAIL, NULL);
	err = rd_kafka_topic_result_error(answers[0]);
	if (err == RD_KAFKA_RESP_ERR_NO_ERROR || err == fine)
		return 0;
	return topics_admin_fail_at(
		admin, act, topic, err, rd_kafka_topic_result_error_string(answers[0])
	);
}

int topics_admin_create(struct topics_admin *admin, const struct topic_plan *plan) {
	rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(
		plan->name, plan->partitions, plan->replication, admin->error, sizeof(admin->error)
	);
	rd_kafka_AdminOptions_t *options = topics_admin_make_options(admin);
	const rd_kafka_topic_result_t **answers;
	rd_kafka_event_t *event = NULL;
	size_t count = 0;
	int err = topic == NULL ? -EINVAL : 0;

	for (size_t i = 0; i < plan->property_count && err == 0; i++)
		if (!plan->properties[i].is_least)
			rd_kafka_NewTopic_set_config(
				topic, plan->properties[i].key, plan->properties[i].value
			);
	if (err == 0) {
		rd_kafka_CreateTopics(admin->handle, &topic, 1, options, admin->queue);
		event = topics_admin_wait_for(admin, RD_KAFKA_EVENT_CREATETOPICS_RESULT);
	}
	if (err == 0 && event == NULL)
		err = topics_admin_fail_at(
			admin, &act_create, plan->name, RD_KAFKA_RESP_ERR__TIMED_OUT, NULL
		);
	else if (err == 0 && rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR)
		err = topics_admin_fail_at(
			admin, &act_create, plan->name, rd_kafka_event_error(event), NULL
		);
	else if (err == 0) {
		answers = rd_kafka_CreateTopics_result_topics(
			rd_kafka_event_CreateTopics_result(event), &count
		);
		err = take_answer(
			admin,
			&act_create,
			plan->name,
			answers,
			count,
			RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS
		);
	}
	if (event != NULL)
		rd_kafka_event_destroy(event);
	rd_kafka_AdminOptions_destroy(options);
	if (topic != NULL)
		rd_kafka_NewTopic_destroy(topic);
	return err < 0 ? err : topics_admin_settle(admin, plan->name, plan->partitions);
}

int topics_admin_grow(struct topics_admin *admin, const char *topic, int32_t partitions) {
	rd_kafka_NewPartitions_t *wish = rd_kafka_NewPartitions_new(
		topic, (size_t)partitions, admin->error, sizeof(admin->error)
	);
	rd_kafka_AdminOptions_t *options;
	const rd_kafka_topic_result_t **answers;
	rd_kafka_event_t *event;
	size_t count = 0;
	int err;

	if (wish == NULL)
		return -EINVAL;
	options = topics_admin_make_options(admin);
	rd_kafka_CreatePartitions(admin->handle, &wish, 1, options, admin->queue);
	event = topics_admin_wait_for(admin, RD_KAFKA_EVENT_CREATEPARTITIONS_RESULT);
	if (event == NULL) {
		err = topics_admin_fail_at(
			admin, &act_grow, topic, RD_KAFKA_RESP_ERR__TIMED_OUT, NULL
		);
	} else {
		answers = rd_kafka_CreatePartitions_result_topics(
			rd_kafka_event_CreatePartitions_result(event), &count
		);
		err = take_answer(
			admin, &act_grow, topic, answers, count, RD_KAFKA_RESP_ERR_NO_ERROR
		);
		rd_kafka_event_destroy(event);
	}
	rd_kafka_AdminOptions_destroy(options);
	rd_kafka_NewPartitions_destroy(wish);
	return err < 0 ? err : topics_admin_settle(admin, topic, partitions);
}

int topics_admin_each(
	struct topics_admin *admin,
	const char *start,
	int (*visit)(void *ctx, const char *topic, int32_t partitions),
	void *ctx
) {
	const struct rd_kafka_metadata *metadata = NULL;
	rd_kafka_resp_err_t listed;
	int err = greet(admin);

	if (err < 0)
		return err;
	listed = rd_kafka_metadata(admin->handle, 1, NULL, &metadata, TOPICS_ANSWER_MS);
	if (listed != RD_KAFKA_RESP_ERR_NO_ERROR)
		return topics_admin_fail(admin, "list the topics", listed);
	for (int i = 0; i < metadata->topic_cnt && err == 0; i++) {
		const struct rd_kafka_metadata_topic *topic = &metadata->topics[i];

		if (strncmp(topic->topic, start, strlen(start)) == 0)
			err = visit(ctx, topic->topic, topic->partition_cnt);
	}
	rd_kafka_metadata_destroy(metadata);
	return err;
}
