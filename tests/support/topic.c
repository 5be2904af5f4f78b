// SPDX-License-Identifier: MPL-2.0
// topic BROKERS make NAME PARTITIONS [KEY=VALUE...] | topic BROKERS delete NAME: as an operator
// does it with Kafka's own tools. topic BROKERS trim NAME PARTITION OFFSET: deletes the records
// before it, as Kafka does when their time is over. Returns when a broker has done it.
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

static void make(
	const struct admin *admin, const char *name, int partitions, char **pairs, int pair_count
) {
	char error[256];
	rd_kafka_NewTopic_t *topic = rd_kafka_NewTopic_new(
		name, partitions, 1, error, sizeof(error)
	);
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

static void trim(const struct admin *admin, const char *name, char **words) {
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	const rd_kafka_topic_partition_list_t *done;
	rd_kafka_DeleteRecords_t *records;
	rd_kafka_event_t *event;

	rd_kafka_topic_partition_list_add(list, name, (int32_t)strtol(words[0], NULL, 10))
		->offset = strtoll(words[1], NULL, 10);
	records = rd_kafka_DeleteRecords_new(list);
	rd_kafka_DeleteRecords(admin->handle, &records, 1, NULL, admin->queue);
	event = admin_wait_for(admin, RD_KAFKA_EVENT_DELETERECORDS_RESULT);
	done = rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(event));
	if (done->cnt != 1 || done->elems[0].err != RD_KAFKA_RESP_ERR_NO_ERROR)
		admin_die(name, "its records are still there");
	rd_kafka_event_destroy(event);
	rd_kafka_DeleteRecords_destroy(records);
	rd_kafka_topic_partition_list_destroy(list);
}

int main(int argc, char **argv) {
	struct admin admin;

	if (argc < 4 || (strcmp(argv[2], "make") == 0 && argc < 5) ||
	    (strcmp(argv[2], "trim") == 0 && argc < 6))
		admin_die(
			"usage",
			"topic BROKERS make NAME PARTITIONS [KEY=VALUE...] | topic BROKERS delete "
			"NAME | topic BROKERS trim NAME PARTITION OFFSET"
		);
	admin = admin_open(argv[1], NULL);
	if (strcmp(argv[2], "make") == 0)
		make(&admin, argv[3], (int)strtol(argv[4], NULL, 10), argv + 5, argc - 5);
	else if (strcmp(argv[2], "delete") == 0)
		delete (&admin, argv[3]);
	else if (strcmp(argv[2], "trim") == 0)
		trim(&admin, argv[3], argv + 4);
	else
		admin_die("no such order", argv[2]);
	admin_close(&admin);
	return 0;
}
