// SPDX-License-Identifier: MPL-2.0
// topics_look: which topics there are, and how they are.
#include "common/kafka/topics/topics_look.h"

#include "common/kafka/kafka_error.h"
#include "common/kafka/topics/topics_properties.h"

#include <errno.h>
#include <string.h>

static const struct topics_act act_see = {.verb = "look at", .operation = "Describe"};

int topics_look_count_brokers(struct topics_admin *admin, int *out) {
	const struct rd_kafka_metadata *metadata = NULL;
	rd_kafka_resp_err_t err;
	int greeted = topics_admin_greet(admin);

	if (greeted < 0)
		return greeted;
	err = rd_kafka_metadata(admin->handle, 0, NULL, &metadata, TOPICS_ANSWER_MS);
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
		return topics_admin_fail(admin, "reach the brokers", err);
	*out = metadata->broker_cnt;
	rd_kafka_metadata_destroy(metadata);
	return 0;
}

int topics_look_at_partitions(
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

int topics_look_find(struct topics_admin *admin, const char *topic, const char *seen_by) {
	struct topic_facts facts = {.partitions = 0};
	int err = topics_admin_greet(admin);

	if (err == 0)
		err = topics_look_at_partitions(admin, topic, seen_by, &facts);
	return err == 0 && facts.partitions == 0 ? -ENOENT : err;
}

int topics_look_at(
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
	err = topics_look_at_partitions(admin, plan->name, plan->seen_by, out);
	if (err == 0)
		err = topics_properties_read(admin, &reading, 1);
	if (err == 0 && out->partitions > 0 && reading.is_missing) // gone meanwhile
		return topics_admin_fail_at(
			admin, &act_see, plan->name, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART, NULL
		);
	return err;
}

int topics_look_each(
	struct topics_admin *admin,
	const char *start,
	int (*visit)(void *ctx, const char *topic, int32_t partitions),
	void *ctx
) {
	const struct rd_kafka_metadata *metadata = NULL;
	rd_kafka_resp_err_t listed;
	int err = topics_admin_greet(admin);

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
