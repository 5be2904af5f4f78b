// SPDX-License-Identifier: MPL-2.0
// topics_change: makes topics, and gives them partitions.
#include "common/kafka/topics/topics_change.h"

#include "common/kafka/topics/topics_settle.h"

#include <errno.h>

static const struct topics_act act_create = {.verb = "create", .operation = "Create"};
static const struct topics_act act_grow = {.verb = "add partitions to", .operation = "Alter"};

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

int topics_change_create(struct topics_admin *admin, const struct topic_plan *plan) {
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
	return err < 0 ? err : topics_settle(admin, plan->name, plan->partitions);
}

int topics_change_grow(struct topics_admin *admin, const char *topic, int32_t partitions) {
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
	return err < 0 ? err : topics_settle(admin, topic, partitions);
}
