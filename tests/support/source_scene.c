// SPDX-License-Identifier: MPL-2.0
// source_scene: a source, brokers that fail on demand, and an engine that only takes and finishes.
#include "support/source_scene.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/kafka/record.h"
#include "support/test.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

void scene_produce(struct scene *scene) {
	struct pack *pack = pack_new();

	for (int key = 0; key < RECORDS; key++) {
		struct candidate candidate = {.id = (char[]){"x"}, .key = key, .seen_ms = 1};
		const unsigned char *data;
		unsigned char value[256];
		size_t len;

		assert_int_equal(record_encode(pack, "fruit", "r", &candidate, &data, &len), 0);
		assert_true(len <= sizeof(value));
		memcpy(value, data, len);
		assert_int_equal(
			__extension__ rd_kafka_producev(
				scene->handle,
				RD_KAFKA_V_TOPIC(SCENE_TOPIC),
				RD_KAFKA_V_PARTITION(key % PARTITIONS),
				RD_KAFKA_V_KEY("0", 1),
				RD_KAFKA_V_VALUE(value, len),
				RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
				RD_KAFKA_V_END
			),
			0
		);
	}
	pack_free(pack);
	assert_int_equal(rd_kafka_flush(scene->handle, 20000), 0);
}

static void start_cluster(struct scene *scene) {
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char error[256];

	rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", error, sizeof(error));
	scene->handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof(error));
	assert_non_null(scene->handle);
	scene->cluster = rd_kafka_handle_mock_cluster(scene->handle);
	rd_kafka_mock_topic_create(scene->cluster, SCENE_TOPIC, PARTITIONS, 1);
	rd_kafka_mock_topic_create(scene->cluster, SCENE_RETRY, PARTITIONS, 1);
	rd_kafka_mock_topic_create(scene->cluster, SCENE_RETRY_2, PARTITIONS, 1);
	rd_kafka_mock_topic_create(scene->cluster, SCENE_RETRY_3, PARTITIONS, 1);
	rd_kafka_mock_topic_create(scene->cluster, SCENE_DEAD, PARTITIONS, 1);
	rd_kafka_mock_topic_create(scene->cluster, SCENE_AUDIT, PARTITIONS, 1);
}

void scene_open(struct scene *scene) {
	char error[256];

	assert_int_equal(source_open(&scene->source, &scene->setup, error, sizeof(error)), 0);
	scene->queue = source_take_side(scene->source);
}

static char quick[][40] = {
	"session.timeout.ms=3000",
	"heartbeat.interval.ms=100",
	"fetch.wait.max.ms=20",
	"fetch.error.backoff.ms=20",
	"retry.backoff.ms=20",
};
static char *properties[] = {quick[0], quick[1], quick[2], quick[3], quick[4]};

struct scene *scene_begin(void) {
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	start_cluster(scene);
	scene_produce(scene);
	scene->verdict = VERDICT_DONE;
	scene->log_fd = memfd_create("log", MFD_CLOEXEC);
	assert_true(scene->log_fd >= 0);
	scene->give_up_ms = clock_mono_ms() + GIVE_UP_MS;
	snprintf(
		scene->brokers,
		sizeof(scene->brokers),
		"%s",
		rd_kafka_mock_cluster_bootstraps(scene->cluster)
	);
	strcpy(scene->prefix, "p");
	scene->kafka = (struct kafka_options){
		.brokers = scene->brokers,
		.topic_prefix = scene->prefix,
		.properties = {.items = properties, .count = 5},
	};
	scene->setup = (struct source_setup){
		.kafka = &scene->kafka,
		.log = log_new(scene->log_fd, LOG_LEVEL_INFO, false),
		.target = "fruit",
		.topic = SCENE_TOPIC,
		.retries =
			{{.topic = SCENE_RETRY, .delay_ms = 10},
			 {.topic = SCENE_RETRY_2, .delay_ms = 20},
			 {.topic = SCENE_RETRY_3, .delay_ms = 30}},
		.retry_count = 3,
		.tier_count = 3,
		.dead_topic = SCENE_DEAD,
		.audit_topic = SCENE_AUDIT,
		.group = "g",
		.window = 50,
		.commit_every_ms = 20,
		.revoke_deadline_ms = 1000,
		.hold_up_ms = 10000,
		.attempts = 3,
		.life_ms = INT64_MAX / 2,
	};
	scene_open(scene);
	return scene;
}

void scene_finish(struct scene *scene, size_t index) {
	const struct fate fate = {
		.verdict = scene->verdict,
		.reason = scene->reason,
		.message = "",
		.audit = scene->audit,
		.audit_bytes = scene->audit == NULL ? 0 : strlen(scene->audit),
	};
	struct candidate *candidate = scene->held[index];

	scene->held[index] = scene->held[--scene->held_count];
	scene->queue->ops->finish(scene->queue, candidate, &fate);
}

void scene_step(struct scene *scene) {
	struct candidate *taken[TAKE];
	struct pollfd fds[] = {
		{.fd = source_fd(scene->source), .events = POLLIN},
		{.fd = scene->queue->ops->fd(scene->queue), .events = POLLIN},
	};
	int64_t wait_ms;
	size_t count;

	source_serve(scene->source, clock_mono_ms());
	count = scene->queue->ops->take(scene->queue, taken, TAKE);
	for (size_t i = 0; i < count; i++) {
		scene->seen[taken[i]->key]++;
		assert_true(scene->held_count < RECORDS);
		scene->held[scene->held_count++] = taken[i];
	}
	while (!scene->keep && scene->held_count > 0) // the last first
		scene_finish(scene, scene->held_count - 1);
	wait_ms = source_wait_ms(scene->source, clock_mono_ms());
	poll(fds, 2, wait_ms < 100 ? (int)wait_ms : 100);
	if (clock_mono_ms() > scene->give_up_ms)
		fail_msg("it takes too long; last error: %s", source_error(scene->source));
}

void scene_drain(struct scene *scene) {
	while (!source_is_drained(scene->source))
		scene_step(scene);
}

static rd_kafka_t *open_reader(struct scene *scene) {
	static struct kafka_opaque opaque; // nothing to log to
	rd_kafka_conf_t *conf;
	rd_kafka_t *reader;
	char error[256];

	assert_int_equal(
		kafka_conf_new(
			&conf, &scene->kafka, KAFKA_CONSUMER, &opaque, "g", error, sizeof(error)
		),
		0
	);
	reader = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof(error));
	assert_non_null(reader);
	return reader;
}

int64_t scene_committed_in(struct scene *scene, const char *topic, int32_t partition) {
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	int64_t offset;

	if (scene->reader == NULL)
		scene->reader = open_reader(scene);
	rd_kafka_topic_partition_list_add(list, topic, partition);
	assert_int_equal(rd_kafka_committed(scene->reader, list, 20000), 0);
	offset = list->elems[0].offset;
	rd_kafka_topic_partition_list_destroy(list);
	return offset > 0 ? offset : 0;
}

int64_t scene_committed(struct scene *scene) {
	int64_t sum = 0;

	for (int32_t i = 0; i < PARTITIONS; i++)
		sum += scene_committed_in(scene, SCENE_TOPIC, i);
	return sum;
}

int scene_said(const struct scene *scene, const char *message) {
	char text[64 * 1024];
	ssize_t len = pread(scene->log_fd, text, sizeof(text) - 1, 0);
	int count = 0;

	assert_true(len >= 0);
	text[len] = '\0';
	for (const char *at = text; (at = strstr(at, message)) != NULL; at++)
		count++;
	return count;
}

void scene_close(struct scene *scene) {
	assert_int_equal(source_close(scene->source, 500), 0);
	scene->source = NULL;
	scene->held_count = 0;
}

void scene_end(struct scene *scene) {
	assert_int_equal(source_close(scene->source, 5000), 0);
	if (scene->reader != NULL)
		rd_kafka_destroy(scene->reader);
	rd_kafka_destroy(scene->handle);
	log_free(scene->setup.log);
	close(scene->log_fd);
	free(scene);
}

void scene_assert_all_seen(const struct scene *scene) {
	for (int key = 0; key < RECORDS; key++)
		assert_true(scene->seen[key] > 0);
}
