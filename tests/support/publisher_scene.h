// SPDX-License-Identifier: MPL-2.0
// publisher_scene: a publisher, brokers that fail on demand (librdkafka's mock cluster) with the
// topic "purge.fruit", and pages of candidates to be published.
//
// Whatever fails fails the running test. Thread: that of the tests, put_page any one of them.
#pragma once

#include "producer/outbox/publisher.h"

#include <librdkafka/rdkafka_mock.h>
#include <stdint.h>

enum { PARTITIONS = 4, WIDTH = 10, PAGE_ROWS = 50 };

struct fixture {
	rd_kafka_t *host; // of the mock cluster
	rd_kafka_mock_cluster_t *cluster;
	struct kafka_options kafka;
	char *properties[4];
	struct publisher *publisher;
	struct queue_put *queue; // its side
};

// The brokers, without a publisher.
void begin_fixture(struct fixture *fixture);
// Opens the publisher; the brokers and the target of `setup` are filled in.
void open_with(struct fixture *fixture, struct publisher_setup setup);
void end_fixture(struct fixture *fixture);

// Puts PAGE_ROWS candidates and seals them with the cursor `page` + 1. 0 or what was refused.
int put_page(struct fixture *fixture, int64_t page);
