// SPDX-License-Identifier: MPL-2.0
// source_test: a source against brokers that answer with errors (librdkafka's mock cluster).
#include "support/test.h"

#include "common/clock.h"
#include "common/record.h"
#include "worker/source.h"

#include <librdkafka/rdkafka_mock.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PARTITIONS = 4,
	RECORDS = 200,
	TAKE = 32,
	GIVE_UP_MS = 60000,
	API_PRODUCE = 0, // numbers of Kafka's protocol
	API_OFFSET_COMMIT = 8,
	API_HEARTBEAT = 12,
};

struct scene {
	rd_kafka_t *handle; // owns the cluster
	rd_kafka_mock_cluster_t *cluster;
	struct kafka_options kafka;
	char brokers[64];
	struct source_setup setup;
	struct source *source;
	struct queue_take *queue;
	struct candidate *held[RECORDS];
	size_t held_count;
	int64_t give_up_ms;
	int seen[RECORDS]; // by key
	bool keep; // those taken stay in work
	enum verdict verdict; // of those that are finished
};

static void produce(struct scene *scene) {
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
			rd_kafka_producev(
				scene->handle,
				RD_KAFKA_V_TOPIC("p.fruit"),
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
	rd_kafka_mock_topic_create(scene->cluster, "p.fruit", PARTITIONS, 1);
	rd_kafka_mock_topic_create(scene->cluster, "p.fruit.retry.1m", PARTITIONS, 1);
	rd_kafka_mock_topic_create(scene->cluster, "p.fruit.dead", PARTITIONS, 1);
}

static void open_source(struct scene *scene) {
	char error[256];

	assert_int_equal(source_open(&scene->source, &scene->setup, error, sizeof(error)), 0);
	scene->queue = source_take_side(scene->source);
}

static char quick[][40] = {
	"session.timeout.ms=6000",
	"heartbeat.interval.ms=100",
	"fetch.wait.max.ms=20",
	"fetch.error.backoff.ms=20",
	"retry.backoff.ms=20",
};
static char *properties[] = {quick[0], quick[1], quick[2], quick[3], quick[4]};

static struct scene *begin(void) {
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	start_cluster(scene);
	produce(scene);
	scene->verdict = VERDICT_DONE;
	scene->give_up_ms = clock_mono_ms() + GIVE_UP_MS;
	snprintf(
		scene->brokers,
		sizeof(scene->brokers),
		"%s",
		rd_kafka_mock_cluster_bootstraps(scene->cluster)
	);
	scene->kafka = (struct kafka_options){
		.brokers = scene->brokers,
		.topic_prefix = (char[]){"p"},
		.properties = {.items = properties, .count = 5},
	};
	scene->setup = (struct source_setup){
		.kafka = &scene->kafka,
		.target = "fruit",
		.topic = "p.fruit",
		.retry_topic = "p.fruit.retry.1m",
		.dead_topic = "p.fruit.dead",
		.group = "g",
		.window = 50,
		.commit_every_ms = 20,
		.revoke_deadline_ms = 1000,
		.hold_ms = 10000,
		.retry_delay_ms = 10,
		.limits = {.attempts = 3, .life_ms = INT64_MAX / 2},
	};
	open_source(scene);
	return scene;
}

static void finish(struct scene *scene, struct candidate *candidate) {
	const struct fate fate = {
		.verdict = scene->verdict,
		.reason = scene->verdict == VERDICT_DONE ? REASON_NONE : REASON_UNKNOWN,
		.message = "",
	};

	scene->queue->ops->finish(scene->queue, candidate, &fate);
}

static void finish_held(struct scene *scene) {
	while (scene->held_count > 0) // the last first
		finish(scene, scene->held[--scene->held_count]);
}

static void step(struct scene *scene) {
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
		scene->held[scene->held_count++] = taken[i];
	}
	if (!scene->keep)
		finish_held(scene);
	wait_ms = source_wait_ms(scene->source, clock_mono_ms());
	poll(fds, 2, wait_ms < 100 ? (int)wait_ms : 100);
	if (clock_mono_ms() > scene->give_up_ms)
		fail_msg("it takes too long; last error: %s", source_error(scene->source));
}

static void drain(struct scene *scene) {
	while (!source_is_drained(scene->source))
		step(scene);
}

// The sum of what the group has committed, by the brokers' word.
static int64_t committed(struct scene *scene) {
	struct kafka_opaque opaque = {0};
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(PARTITIONS);
	rd_kafka_conf_t *conf;
	rd_kafka_t *reader;
	char error[256];
	int64_t sum = 0;

	assert_int_equal(
		kafka_conf_new(
			&conf, &scene->kafka, KAFKA_CONSUMER, &opaque, "g", error, sizeof(error)
		),
		0
	);
	reader = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof(error));
	assert_non_null(reader);
	rd_kafka_topic_partition_list_add_range(list, "p.fruit", 0, PARTITIONS - 1);
	assert_int_equal(rd_kafka_committed(reader, list, 20000), 0);
	for (int i = 0; i < list->cnt; i++)
		sum += list->elems[i].offset > 0 ? list->elems[i].offset : 0;
	rd_kafka_topic_partition_list_destroy(list);
	rd_kafka_destroy(reader);
	return sum;
}

static void end(struct scene *scene) {
	assert_int_equal(source_close(scene->source, 5000), 0);
	rd_kafka_destroy(scene->handle);
	free(scene);
}

static void assert_all_seen(const struct scene *scene) {
	for (int key = 0; key < RECORDS; key++)
		assert_true(scene->seen[key] > 0);
}

static void takes_all_and_commits_all(void **state) {
	(void)state;
	struct scene *scene = begin();
	int32_t held, total;
	drain(scene);
	assert_all_seen(scene);
	assert_int_equal(committed(scene), RECORDS);
	assert_int_equal(source_counts(scene->source)->taken, RECORDS);
	source_share(scene->source, &held, &total);
	assert_int_equal(held, PARTITIONS);
	assert_int_equal(total, PARTITIONS);
	end(scene);
}

static void takes_no_more_than_its_window(void **state) {
	(void)state;
	struct scene *scene = begin();
	scene->keep = true;
	while (scene->held_count < 48) // a quarter of the window to each of the eight partitions
		step(scene);
	for (int i = 0; i < 20; i++)
		step(scene);
	assert_true(scene->held_count <= 50);
	scene->keep = false;
	drain(scene);
	assert_all_seen(scene);
	end(scene);
}

static void commits_nothing_past_what_is_in_work(void **state) {
	(void)state;
	struct scene *scene = begin();
	struct candidate *first;
	int64_t offset;
	scene->keep = true;
	while (scene->held_count < 48)
		step(scene);
	first = scene->held[0];
	offset = first->origin.offset;
	scene->held[0] = scene->held[--scene->held_count];
	scene->keep = false;
	while (source_counts(scene->source)->taken < RECORDS - RECORDS / PARTITIONS)
		step(scene);
	assert_int_equal(source_close(scene->source, 100), 0); // the first one never came back
	assert_true(committed(scene) <= RECORDS - RECORDS / PARTITIONS + offset);
	memset(scene->seen, 0, sizeof(scene->seen));
	open_source(scene);
	drain(scene);
	assert_true(scene->seen[0] + scene->seen[1] + scene->seen[2] + scene->seen[3] > 0);
	assert_int_equal(committed(scene), RECORDS);
	end(scene);
}

static void commits_again_when_the_brokers_could_not(void **state) {
	(void)state;
	struct scene *scene = begin();
	rd_kafka_mock_push_request_errors(
		scene->cluster,
		API_OFFSET_COMMIT,
		4,
		RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
		RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
		RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
		RD_KAFKA_RESP_ERR_UNKNOWN
	);
	drain(scene);
	assert_all_seen(scene);
	assert_int_equal(committed(scene), RECORDS);
	end(scene);
}

static void what_a_lost_assignment_did_not_commit_is_done_again(void **state) {
	(void)state;
	static const rd_kafka_resp_err_t errors[] = {
		RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION,
		RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID,
		RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS,
	};
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		struct scene *scene = begin();
		scene->keep = true;
		while (scene->held_count < 48)
			step(scene);
		rd_kafka_mock_push_request_errors(scene->cluster, API_OFFSET_COMMIT, 1, errors[i]);
		rd_kafka_mock_push_request_errors(scene->cluster, API_HEARTBEAT, 1, errors[i]);
		while (source_counts(scene->source)->revocations == 0)
			step(scene);
		scene->keep = false;
		drain(scene);
		assert_all_seen(scene);
		assert_int_equal(committed(scene), RECORDS);
		end(scene);
	}
}

static void another_one_with_its_name_ends_it(void **state) {
	(void)state;
	struct scene *scene = begin();
	source_close(scene->source, 1000);
	scene->setup.instance_id = "me";
	open_source(scene);
	while (source_counts(scene->source)->taken == 0)
		step(scene);
	rd_kafka_mock_push_request_errors(
		scene->cluster, API_HEARTBEAT, 1, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID
	);
	while (source_state(scene->source) == SOURCE_RUNS)
		step(scene);
	assert_int_equal(source_state(scene->source), SOURCE_FENCED);
	end(scene);
}

static void a_hand_over_counts_once_the_brokers_took_it(void **state) {
	(void)state;
	struct scene *scene = begin();
	scene->verdict = VERDICT_FAILED;
	rd_kafka_mock_push_request_errors(
		scene->cluster,
		API_PRODUCE,
		3,
		RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION,
		RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
		RD_KAFKA_RESP_ERR_NOT_ENOUGH_REPLICAS
	);
	drain(scene);
	assert_int_equal(source_counts(scene->source)->dead, RECORDS);
	assert_int_equal(committed(scene), RECORDS);
	end(scene);
}

static void a_hand_over_that_is_refused_stops_its_partition(void **state) {
	(void)state;
	struct scene *scene = begin();
	scene->verdict = VERDICT_FAILED;
	rd_kafka_mock_push_request_errors(
		scene->cluster, API_PRODUCE, 1, RD_KAFKA_RESP_ERR_POLICY_VIOLATION
	);
	while (!source_is_stuck(scene->source))
		step(scene);
	for (int i = 0; i < 20; i++)
		step(scene);
	assert_false(source_is_drained(scene->source));
	assert_int_equal(source_close(scene->source, 500), 0);
	assert_true(committed(scene) < RECORDS);
	open_source(scene); // after the operator mended it
	drain(scene);
	assert_int_equal(committed(scene), RECORDS);
	end(scene);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_all_and_commits_all),
		cmocka_unit_test(takes_no_more_than_its_window),
		cmocka_unit_test(commits_nothing_past_what_is_in_work),
		cmocka_unit_test(commits_again_when_the_brokers_could_not),
		cmocka_unit_test(what_a_lost_assignment_did_not_commit_is_done_again),
		cmocka_unit_test(another_one_with_its_name_ends_it),
		cmocka_unit_test(a_hand_over_counts_once_the_brokers_took_it),
		cmocka_unit_test(a_hand_over_that_is_refused_stops_its_partition),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
