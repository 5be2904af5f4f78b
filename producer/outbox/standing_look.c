// SPDX-License-Identifier: MPL-2.0
// standing_look: asks the brokers how far the workers' group is.
//
// Design notes
// - Which retry topics there are is asked anew each time: workers with other tiers bring others.
// - A topic that we may not Describe is not among those that the brokers tell of, so that one retry
//   topic is missing cannot be seen. That all are is taken for a missing right: no worker begins
//   without its tiers.
#include "producer/outbox/standing_look.h"

#include "common/kafka/kafka.h"
#include "common/kafka/kafka_ask.h"
#include "common/kafka/kafka_error.h"
#include "common/kafka/kafka_lag.h"
#include "common/kafka/topics/topics.h"
#include "producer/outbox/standing.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { ANSWER_MS = 3000 };

void standing_look_init(
	struct standing_look *look,
	const struct kafka_options *kafka,
	const char *target,
	const char *topic,
	struct log *log
) {
	*look = (struct standing_look){
		.kafka = kafka,
		.target = target,
		.topic = topic,
		.opaque = KAFKA_OPAQUE(.log = log),
	};
	kafka_group_name(kafka, target, look->group, sizeof(look->group));
}

void standing_look_fini(struct standing_look *look) {
	if (look->consumer != NULL)
		rd_kafka_destroy(look->consumer);
	look->consumer = NULL;
}

static int open_consumer(struct standing_look *look) {
	rd_kafka_conf_t *conf = NULL;
	int err;

	if (look->consumer != NULL)
		return 0;
	err = kafka_conf_new(
		&conf,
		look->kafka,
		KAFKA_CONSUMER,
		&look->opaque,
		look->group,
		look->why,
		sizeof(look->why)
	);
	if (err < 0)
		return -EAGAIN;
	// So are the ends; it reads nothing.
	rd_kafka_conf_set(conf, "isolation.level", "read_uncommitted", NULL, 0);
	look->consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, look->why, sizeof(look->why));
	if (look->consumer != NULL)
		return 0;
	rd_kafka_conf_destroy(conf);
	return -EAGAIN;
}

// --- why not

static int fail_kafka(struct standing_look *look, rd_kafka_resp_err_t err) {
	bool is_group = err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
	const struct kafka_right right = {
		.operation = "Describe",
		.resource = is_group ? "group" : "topic",
		.name = is_group ? look->group : look->topic,
	};

	if (kafka_classify(err) == KAFKA_RETRY)
		kafka_error_words(look->consumer, err, look->why);
	else
		kafka_right_words(look->kafka, &right, err, look->why, sizeof(look->why));
	return kafka_errno(err);
}

static int fail_look(struct standing_look *look, int err) {
	kafka_look_words(look->consumer, look->kafka, "Describe", look->topic, err, look->why);
	return err;
}

static int fail_without_retries(struct standing_look *look) {
	char command[TOPICS_COMMAND_BYTES];

	topics_command(look->kafka->topic_prefix, look->target, command, sizeof(command));
	snprintf(
		look->why,
		sizeof(look->why),
		"no retry topic of it is seen, so nobody can tell what waits there: make them "
		"(%s), or grant Describe on them",
		command
	);
	return -EACCES;
}

// --- the topics

static bool is_retry(const struct standing_look *look, const char *topic) {
	int64_t delay_ms;

	return topic_retry_delay(look->kafka->topic_prefix, look->target, topic, &delay_ms) == 0;
}

static int add_topics(
	struct standing_look *look,
	const struct rd_kafka_metadata *metadata,
	rd_kafka_topic_partition_list_t *list
) {
	bool has_candidates = false, has_retries = false;

	for (int i = 0; i < metadata->topic_cnt; i++) {
		const struct rd_kafka_metadata_topic *topic = &metadata->topics[i];
		bool is_candidates = strcmp(topic->topic, look->topic) == 0;

		if (!is_candidates && !is_retry(look, topic->topic))
			continue;
		if (topic->partition_cnt == 0) // it comes or goes
			return fail_kafka(look, RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE);
		has_candidates |= is_candidates;
		has_retries |= !is_candidates;
		rd_kafka_topic_partition_list_add_range(
			list, topic->topic, 0, topic->partition_cnt - 1
		);
	}
	if (!has_candidates)
		return fail_look(look, -ENOENT);
	return has_retries ? 0 : fail_without_retries(look);
}

// The question has the library see, too, which brokers lead the partitions now.
static int list_partitions(struct standing_look *look, rd_kafka_topic_partition_list_t *list) {
	const struct rd_kafka_metadata *metadata = NULL;
	rd_kafka_resp_err_t kafka_err = rd_kafka_metadata(
		look->consumer, 1, NULL, &metadata, ANSWER_MS
	);
	int err;

	if (kafka_err != RD_KAFKA_RESP_ERR_NO_ERROR)
		return fail_kafka(look, kafka_err);
	err = add_topics(look, metadata, list);
	rd_kafka_metadata_destroy(metadata);
	return err;
}

// --- the look

static int ask(struct standing_look *look, struct standing *out) {
	rd_kafka_resp_err_t kafka_err = kafka_commits(look->consumer, out->commits, ANSWER_MS);
	int err;

	if (kafka_err != RD_KAFKA_RESP_ERR_NO_ERROR)
		return fail_kafka(look, kafka_err);
	err = kafka_begins(look->consumer, out->begins, ANSWER_MS);
	if (err == 0)
		err = kafka_ends(look->consumer, out->ends, ANSWER_MS);
	return err < 0 ? fail_look(look, err) : 0;
}

int standing_look_take(struct standing_look *look, struct standing *out) {
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(0);
	int err = open_consumer(look);

	if (err == 0)
		err = list_partitions(look, list);
	if (err == 0) {
		standing_init(out, list);
		err = ask(look, out);
	}
	rd_kafka_topic_partition_list_destroy(list);
	if (err < 0)
		standing_fini(out);
	if (err == -EACCES)
		standing_look_fini(look); // it is told of once only
	return err;
}
