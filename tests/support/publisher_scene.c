// SPDX-License-Identifier: MPL-2.0
// publisher_scene: a publisher and librdkafka's own mock of a cluster.
#include "support/publisher_scene.h"

#include "common/candidate.h"
#include "support/test.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void begin_fixture(struct fixture *fixture) {
	char error[256];

	memset(fixture, 0, sizeof(*fixture));
	fixture->host = rd_kafka_new(RD_KAFKA_PRODUCER, rd_kafka_conf_new(), error, sizeof(error));
	assert_non_null(fixture->host);
	fixture->cluster = rd_kafka_mock_cluster_new(fixture->host, 1);
	assert_non_null(fixture->cluster);
	rd_kafka_mock_topic_create(fixture->cluster, "purge.fruit", PARTITIONS, 1);
	fixture->properties[0] = (char *)"retry.backoff.ms=10";
	fixture->properties[1] = (char *)"reconnect.backoff.max.ms=200";
	fixture->properties[2] = (char *)"message.timeout.ms=20000";
	fixture->kafka = (struct kafka_options){
		.brokers = (char *)rd_kafka_mock_cluster_bootstraps(fixture->cluster),
		.topic_prefix = (char *)"purge",
		.properties = {.items = fixture->properties, .count = 3},
	};
}

void open_with(struct fixture *fixture, struct publisher_setup setup) {
	char error[256];

	setup.kafka = &fixture->kafka;
	setup.target = "fruit";
	assert_int_equal(publisher_new(&fixture->publisher, &setup, error, sizeof(error)), 0);
	fixture->queue = publisher_put_side(fixture->publisher);
}

void end_fixture(struct fixture *fixture) {
	publisher_free(fixture->publisher);
	rd_kafka_mock_cluster_destroy(fixture->cluster);
	rd_kafka_destroy(fixture->host);
}

static struct candidate *make_list(int64_t first, int count) {
	struct candidate *list = NULL;

	for (int i = count - 1; i >= 0; i--) {
		char id[32];
		struct candidate like = {.id = id, .key = first + i};
		struct candidate *candidate;

		snprintf(id, sizeof(id), "%" PRId64, like.key);
		candidate = candidate_new(&like);
		assert_non_null(candidate);
		candidate->next = list;
		list = candidate;
	}
	return list;
}

int put_page(struct fixture *fixture, int64_t page) {
	char cursor[32];
	int err = fixture->queue->ops->put(fixture->queue, make_list(page * PAGE_ROWS, PAGE_ROWS));

	snprintf(cursor, sizeof(cursor), "%" PRId64, page + 1);
	return err < 0 ? err : publisher_seal(fixture->publisher, cursor);
}
