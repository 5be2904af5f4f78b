// SPDX-License-Identifier: MPL-2.0
// leftovers: says what is still in a retry topic that is no tier any more.
#include "cli/topics/leftovers.h"

#include "common/kafka/kafka.h"
#include "common/kafka/kafka_ask.h"
#include "common/kafka/kafka_error.h"
#include "common/kafka/kafka_lag.h"
#include "common/kafka/kafka_right.h"
#include "common/kafka/topics/topics.h"

#include <inttypes.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>

enum { ANSWER_MS = 5 * 1000 };

// One topic, as the group sees it.
struct leftover {
	const struct kafka_options *kafka;
	struct log *log;
	const char *topic;
	int32_t partitions;
	char group[TOPIC_NAME_BYTES];
	rd_kafka_t *consumer;
	char why[KAFKA_RIGHT_BYTES]; // it is unknown
};

static void say_why(struct leftover *left, rd_kafka_resp_err_t err) {
	bool is_group = err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
	const struct kafka_right right = {
		.operation = "Describe",
		.resource = is_group ? "group" : "topic",
		.name = is_group ? left->group : left->topic,
	};

	kafka_right_words(left->kafka, &right, err, left->why, sizeof(left->why));
	if (kafka_classify(err) == KAFKA_RETRY)
		kafka_error_words(left->consumer, err, left->why);
}

// Records that the group has not committed; -1 with words: unknown.
static int64_t count(struct leftover *left) {
	struct kafka_opaque opaque = KAFKA_OPAQUE(.log = left->log);
	struct kafka_lag lag = {.records = 0};
	rd_kafka_conf_t *conf = NULL;
	rd_kafka_resp_err_t err;

	if (kafka_conf_new(
		    &conf,
		    left->kafka,
		    KAFKA_CONSUMER,
		    &opaque,
		    left->group,
		    left->why,
		    sizeof(left->why)
	    ) < 0)
		return -1;
	left->consumer = rd_kafka_new(RD_KAFKA_CONSUMER, conf, left->why, sizeof(left->why));
	if (left->consumer == NULL) {
		rd_kafka_conf_destroy(conf);
		return -1;
	}
	err = kafka_lag(left->consumer, left->topic, left->partitions, -1, ANSWER_MS, &lag);
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
		say_why(left, err);
	rd_kafka_destroy(left->consumer);
	return err == RD_KAFKA_RESP_ERR_NO_ERROR ? lag.records : -1;
}

static void tell_delete(const char *topic) {
	printf("kafka-topics.sh --bootstrap-server HOST:PORT --delete --topic %s\n", topic);
}

static void tell_count(const struct leftovers *leftovers, const char *topic, int32_t partitions) {
	struct leftover left = {
		.kafka = leftovers->kafka,
		.log = leftovers->log,
		.topic = topic,
		.partitions = partitions};
	int64_t records;

	kafka_group_name(leftovers->kafka, leftovers->target, left.group, sizeof(left.group));
	records = count(&left);
	if (records < 0) {
		printf("  how many records the group %s has left in it is unknown: %s\n",
		       left.group,
		       left.why);
		return;
	}
	printf("  the group %s has %" PRId64 " record%s left in it; ",
	       left.group,
	       records,
	       records == 1 ? "" : "s");
	fputs(records > 0 ? "once they are done it may be deleted: "
			  : "when no worker has it as a tier it may be deleted: ",
	      stdout);
	tell_delete(topic);
}

void leftovers_tell(const struct leftovers *leftovers, const char *topic, int32_t partitions) {
	int64_t delay_ms;

	if (topic_retry_delay(leftovers->kafka->topic_prefix, leftovers->target, topic, &delay_ms) <
	    0)
		printf("  its name says no delay, so no worker reads it\n");
	else if (leftovers->counts)
		tell_count(leftovers, topic, partitions);
	else
		printf("  workers read it until it is empty; topics show says when that is, and "
		       "it may be deleted then\n");
}
