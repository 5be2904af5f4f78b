// SPDX-License-Identifier: MPL-2.0
// topics_properties: reads what is set for topics.
#include "common/kafka/topics/topics_properties.h"

#include "common/kafka/kafka_error.h"

#include <stdio.h>
#include <string.h>

static const struct topics_act act_read = {
	.verb = "read the properties of", .operation = "DescribeConfigs"};

static void take_value(
	struct topic_property *property, const rd_kafka_ConfigEntry_t *const *entries, size_t count
) {
	property->value[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		const char *value = rd_kafka_ConfigEntry_value(entries[i]);

		if (strcmp(rd_kafka_ConfigEntry_name(entries[i]), property->key) == 0)
			snprintf(
				property->value,
				sizeof(property->value),
				"%s",
				value == NULL ? "" : value
			);
	}
}

static int take_answer(
	struct topics_admin *admin,
	const rd_kafka_ConfigResource_t *answer,
	struct topic_reading *reading
) {
	rd_kafka_resp_err_t err = rd_kafka_ConfigResource_error(answer);
	size_t count = 0;
	const rd_kafka_ConfigEntry_t **entries = rd_kafka_ConfigResource_configs(answer, &count);

	reading->is_missing = kafka_classify(err) == KAFKA_MISSING;
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR && !reading->is_missing)
		return topics_admin_fail_at(
			admin,
			&act_read,
			reading->topic,
			err,
			rd_kafka_ConfigResource_error_string(answer)
		);
	for (size_t i = 0; i < reading->count; i++)
		take_value(&reading->properties[i], entries, count);
	return 0;
}

static const rd_kafka_ConfigResource_t *find_answer(
	const rd_kafka_ConfigResource_t *const *answers, size_t count, const char *topic
) {
	for (size_t i = 0; i < count; i++)
		if (strcmp(rd_kafka_ConfigResource_name(answers[i]), topic) == 0)
			return answers[i];
	return NULL;
}

static int take_answers(
	struct topics_admin *admin,
	rd_kafka_event_t *event,
	struct topic_reading *readings,
	size_t count
) {
	rd_kafka_resp_err_t failed = event == NULL ? RD_KAFKA_RESP_ERR__TIMED_OUT
						   : rd_kafka_event_error(event);
	const rd_kafka_ConfigResource_t **answers;
	size_t answer_count = 0;
	int err = 0;

	if (failed != RD_KAFKA_RESP_ERR_NO_ERROR)
		return topics_admin_fail_at(admin, &act_read, readings[0].topic, failed, NULL);
	answers = rd_kafka_DescribeConfigs_result_resources(
		rd_kafka_event_DescribeConfigs_result(event), &answer_count
	);
	for (size_t i = 0; i < count && err == 0; i++) {
		const rd_kafka_ConfigResource_t *answer = find_answer(
			answers, answer_count, readings[i].topic
		);

		err = answer == NULL
			? topics_admin_fail_at(
				  admin, &act_read, readings[i].topic, RD_KAFKA_RESP_ERR__FAIL, NULL
			  )
			: take_answer(admin, answer, &readings[i]);
	}
	return err;
}

int topics_properties_read(
	struct topics_admin *admin, struct topic_reading *readings, size_t count
) {
	rd_kafka_ConfigResource_t *topics[TOPIC_READINGS_MAX];
	rd_kafka_AdminOptions_t *options = topics_admin_make_options(admin);
	rd_kafka_event_t *event;
	int err;

	for (size_t i = 0; i < count; i++)
		topics[i] = rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, readings[i].topic);
	rd_kafka_DescribeConfigs(admin->handle, topics, count, options, admin->queue);
	event = topics_admin_wait_for(admin, RD_KAFKA_EVENT_DESCRIBECONFIGS_RESULT);
	err = take_answers(admin, event, readings, count);
	if (event != NULL)
		rd_kafka_event_destroy(event);
	rd_kafka_ConfigResource_destroy_array(topics, count);
	rd_kafka_AdminOptions_destroy(options);
	return err;
}
