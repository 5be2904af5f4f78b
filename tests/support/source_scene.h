// SPDX-License-Identifier: MPL-2.0
// source_scene: a source, brokers that fail on demand (librdkafka's mock cluster), and an engine
// that only takes and finishes.
#pragma once

#include "worker/intake/source.h"

#include <librdkafka/rdkafka_mock.h>

#define SCENE_TOPIC "p.fruit"
#define SCENE_RETRY "p.fruit.retry.1m"
#define SCENE_RETRY_2 "p.fruit.retry.10m"
#define SCENE_RETRY_3 "p.fruit.retry.1h"
#define SCENE_DEAD "p.fruit.dead"
#define SCENE_AUDIT "p.fruit.audit"

// Kafka's numbers of the requests that can be made to fail.
enum { API_PRODUCE = 0, API_FETCH = 1, API_OFFSET_COMMIT = 8, API_HEARTBEAT = 12 };

enum {
	PARTITIONS = 4,
	RECORDS = 200,
	TAKE = 32,
	GIVE_UP_MS = 60000,
};

struct scene {
	rd_kafka_t *handle; // owns the cluster
	rd_kafka_mock_cluster_t *cluster;
	struct kafka_options kafka;
	char brokers[64];
	char prefix[2];
	struct source_setup setup;
	rd_kafka_t *reader; // of commits; made when first needed
	struct source *source;
	struct queue_take *queue;
	int log_fd; // what the source has said
	struct candidate *held[RECORDS];
	size_t held_count;
	int64_t give_up_ms;
	int seen[RECORDS]; // by key
	bool keep; // those taken stay in work
	// Of those that are finished; NULL: nothing is written down.
	const char *audit;
	enum verdict verdict; // of those that are finished
	enum reason reason;
};

// RECORDS records (target "fruit", keys from 0) in PARTITIONS partitions, and a source that takes
// them.
struct scene *scene_begin(void);
void scene_end(struct scene *scene);

void scene_produce(struct scene *scene); // the same RECORDS once more
// The source; what it lent is gone with it.
void scene_close(struct scene *scene);
void scene_open(struct scene *scene);
// Serve, take, finish unless `keep`, wait; fails when it takes too long.
void scene_step(struct scene *scene);
void scene_drain(struct scene *scene); // until nothing is left
void scene_finish(struct scene *scene, size_t index); // one of those that are held

// What the group has committed in a partition, by the brokers' word.
int64_t scene_committed_in(struct scene *scene, const char *topic, int32_t partition);
int64_t scene_committed(struct scene *scene); // the sum over the candidates' partitions
int scene_said(const struct scene *scene, const char *message); // how often
void scene_assert_all_seen(const struct scene *scene);
