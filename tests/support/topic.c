// SPDX-License-Identifier: MPL-2.0
// topic BROKERS make NAME PARTITIONS [KEY=VALUE...] | topic BROKERS delete NAME: as an operator does it with Kafka's own tools.
// Returns when a broker has done it.
#include "support/admin.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void judge(const rd_kafka_topic_result_t *const *results, size_t count) {
	if (count != 1)
		admin_die("no result", "of the one topic");
	if (rd_kafka_topic_result_error(results[0]) != RD_KAFKA_RESP_ERR_NO_ERROR)
		admin_die(
			rd_kafka_topic_result_name(results[0]),
			rd_kafka_err2str(rd_kafka_topic_result_error(results[0]))
		);
}

static void
make(const struct admin *admin, const char *name, int partitions, char **pairs, int pair_count) {
	char error[256];
	rd_kafka_NewTopic_t *topic =
		rd_kafka_NewTopic_new(name, partitions, 1, error, sizeof(error));
	const rd_kafka_topic_result_t **results;
	rd_kafka_event_t *event;
	size_t count = 0;

	if (topic == NULL)
		admin_die(name, error);
	for (int i = 0; i < pair_count; i++) {
		char *value = pairs[i];
		const char *key = strsep(&value, "=");

		if (value == NULL)
			admin_die(key, "KEY=VALUE");
		rd_kafka_NewTopic_set_config(topic, key, value);
	}
	rd_kafka_CreateTopics(admin->handle, &topic, 1, NULL, admin->queue);
	event = admin_wait_for(admin, RD_KAFKA_EVENT_CREATETOPICS_RESULT);
	results = rd_kafka_CreateTopics_result_topics(
		rd_kafka_event_CreateTopics_result(event), &count
	);
	judge(results, count);
	rd_kafka_event_destroy(event);
	rd_kafka_NewTopic_destroy(topic);
}

static void delete (const struct admin *admin, const char *name) {
	rd_kafka_DeleteTopic_t *topic = rd_kafka_DeleteTopic_new(name);
	const rd_kafka_topic_result_t **results;
	rd_kafka_event_t *event;
	size_t count = 0;

	rd_kafka_DeleteTopics(admin->handle, &topic, 1, NULL, admin->queue);
	event = admin_wait_for(admin, RD_KAFKA_EVENT_DELETETOPICS_RESULT);
	results = rd_kafka_DeleteTopics_result_topics(
		rd_kafka_event_DeleteTopics_result(event), &count
	);
	judge(results, count);
	rd_kafka_event_destroy(event);
	rd_kafka_DeleteTopic_destroy(topic);
}

int main(int argc, char **argv) {
	struct admin admin;

	if (argc < 4 || (strcmp(argv[2], "make") == 0 && argc < 5))
		admin_die(
			"usage",
			"topic BROKERS make NAME PARTITIONS [KEY=VALUE...] | topic BROKERS delete "
			"NAME"
		);
	admin = admin_open(argv[1]);
	if (strcmp(argv[2], "make") == 0)
		make(&admin, argv[3], (int)strtol(argv[4], NULL, 10), argv + 5, argc - 5);
	else if (strcmp(argv[2], "delete") == 0)
		delete (&admin, argv[3]);
	else
		admin_die("no such order", argv[2]);
	admin_close(&admin);
	return 0;
}
