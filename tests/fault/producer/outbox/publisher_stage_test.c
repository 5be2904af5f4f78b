// SPDX-License-Identifier: MPL-2.0
// publisher_stage_test: how a publisher waits between two stages for the workers, whose commits the
// test makes, at librdkafka's own mock of a cluster.
#include "common/base/clock.h"
#include "common/base/log.h"
#include "producer/outbox/publisher.h"
#include "support/publisher_scene.h"
#include "support/test.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TOPIC "purge.fruit"
#define RETRY "purge.fruit.retry.1m"

enum { OFFSET_FETCH = 9, REFUSALS = 1000, SOON_MS = 1500 };

struct scene {
	struct fixture fixture;
	rd_kafka_t *group; // commits as workers do
	pthread_t thread; // drains
	atomic_int calls; // of on_wait
	atomic_bool is_drained;
	int err;
	struct log *log;
	int fds[2];
};

static int on_wait(void *ctx) {
	struct scene *scene = ctx;

	atomic_fetch_add(&scene->calls, 1);
	return 0;
}

static void begin(struct scene *scene, struct publisher_setup setup) {
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	char error[256];

	*scene = (struct scene){.err = 0};
	begin_fixture(&scene->fixture);
	rd_kafka_mock_topic_create(scene->fixture.cluster, RETRY, 1, 1);
	assert_int_equal(pipe(scene->fds), 0);
	scene->log = log_new(scene->fds[1], LOG_LEVEL_INFO, false);
	setup.log = scene->log;
	setup.unacked_max = 1000;
	open_with(&scene->fixture, setup);
	publisher_on_wait(scene->fixture.publisher, on_wait, scene);
	rd_kafka_conf_set(conf, "bootstrap.servers", scene->fixture.kafka.brokers, NULL, 0);
	rd_kafka_conf_set(conf, "group.id", TOPIC, NULL, 0);
	scene->group = rd_kafka_new(RD_KAFKA_CONSUMER, conf, error, sizeof(error));
	assert_non_null(scene->group);
	assert_int_equal(publisher_begin(scene->fixture.publisher, "run", WIDTH), 0);
}

static void end(struct scene *scene) {
	rd_kafka_destroy(scene->group);
	end_fixture(&scene->fixture);
	log_free(scene->log);
	close(scene->fds[0]);
	close(scene->fds[1]);
}

static int drain(struct scene *scene, enum queue_drain until) {
	struct queue_put *queue = scene->fixture.queue;
	struct settled settled;

	return queue->ops->drain(queue, until, &settled);
}

// A page that the brokers have.
static void publish(struct scene *scene) {
	assert_int_equal(put_page(&scene->fixture, 0), 0);
	assert_int_equal(drain(scene, QUEUE_KEPT), 0);
}

static void *run_drain(void *ctx) {
	struct scene *scene = ctx;

	scene->err = drain(scene, QUEUE_SETTLED);
	atomic_store(&scene->is_drained, true);
	return NULL;
}

static void start_drain(struct scene *scene) {
	atomic_store(&scene->is_drained, false);
	assert_int_equal(pthread_create(&scene->thread, NULL, run_drain, scene), 0);
}

static int join_drain(struct scene *scene) {
	assert_int_equal(pthread_join(scene->thread, NULL), 0);
	return scene->err;
}

// Until it has looked twice more and waits still.
static void assert_waits(struct scene *scene) {
	const struct timespec pause = {.tv_nsec = 5000000};
	int64_t deadline_ms = clock_mono_ms() + 20000;
	int calls = atomic_load(&scene->calls) + 2;
	struct publisher_counts counts;

	while (atomic_load(&scene->calls) < calls) {
		assert_true(clock_mono_ms() < deadline_ms);
		nanosleep(&pause, NULL);
	}
	assert_false(atomic_load(&scene->is_drained));
	publisher_count(scene->fixture.publisher, &counts);
	assert_true(counts.is_waiting);
}

static void assert_not_waiting(struct scene *scene) {
	struct publisher_counts counts;

	publisher_count(scene->fixture.publisher, &counts);
	assert_false(counts.is_waiting);
}

// The group has all that is in these partitions, but so many of the last one.
static void commit(struct scene *scene, const char *topic, int32_t partitions, int64_t but) {
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(partitions);

	for (int32_t i = 0; i < partitions; i++) {
		int64_t low, high;

		assert_int_equal(
			rd_kafka_query_watermark_offsets(
				scene->group, topic, i, &low, &high, 10000
			),
			0
		);
		rd_kafka_topic_partition_list_add(list, topic, i)->offset = high -
			(i == partitions - 1 ? but : 0);
	}
	assert_int_equal(rd_kafka_commit(scene->group, list, 0), 0);
	rd_kafka_topic_partition_list_destroy(list);
}

// As a worker hands a record over: it is there before the last place is committed.
static void hand_over(struct scene *scene) {
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_t *producer;
	char error[256];

	rd_kafka_conf_set(conf, "bootstrap.servers", scene->fixture.kafka.brokers, NULL, 0);
	producer = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof(error));
	assert_non_null(producer);
	assert_int_equal(
		__extension__ rd_kafka_producev(
			producer,
			RD_KAFKA_V_TOPIC(RETRY),
			RD_KAFKA_V_PARTITION(0),
			RD_KAFKA_V_VALUE((void *)"x", 1),
			RD_KAFKA_V_END
		),
		0
	);
	assert_int_equal(rd_kafka_flush(producer, 10000), 0);
	rd_kafka_destroy(producer);
}

static const char *told(struct scene *scene, char *text, size_t bytes) {
	ssize_t got = read(scene->fds[0], text, bytes - 1);

	assert_true(got > 0);
	text[got] = '\0';
	return text;
}

static void a_stage_ends_when_the_workers_have_all_of_it(void **state) {
	struct scene scene;

	(void)state;
	begin(&scene, (struct publisher_setup){.order_is_needed = true});
	publish(&scene);
	start_drain(&scene);
	assert_waits(&scene);
	commit(&scene, TOPIC, PARTITIONS, 1);
	assert_waits(&scene);
	commit(&scene, TOPIC, PARTITIONS, 0);
	assert_int_equal(join_drain(&scene), 0);
	assert_not_waiting(&scene);
	end(&scene);
}

static void a_record_that_is_to_be_tried_again_is_waited_for(void **state) {
	struct scene scene;

	(void)state;
	begin(&scene, (struct publisher_setup){.order_is_needed = true});
	publish(&scene);
	start_drain(&scene);
	hand_over(&scene);
	commit(&scene, TOPIC, PARTITIONS, 0);
	assert_waits(&scene);
	commit(&scene, RETRY, 1, 0);
	assert_int_equal(join_drain(&scene), 0);
	end(&scene);
}

static void nothing_is_waited_for_where_nothing_was_published(void **state) {
	struct scene scene;

	(void)state;
	begin(&scene, (struct publisher_setup){.order_is_needed = true});
	assert_int_equal(drain(&scene, QUEUE_SETTLED), 0);
	publish(&scene);
	start_drain(&scene);
	assert_waits(&scene);
	commit(&scene, TOPIC, PARTITIONS, 0);
	assert_int_equal(join_drain(&scene), 0);
	// By then somebody else has published.
	hand_over(&scene);
	assert_int_equal(drain(&scene, QUEUE_SETTLED), 0);
	end(&scene);
}

static void a_dry_run_waits_for_nobody(void **state) {
	struct scene scene;

	(void)state;
	begin(&scene, (struct publisher_setup){.order_is_needed = true, .dryrun = true});
	assert_int_equal(put_page(&scene.fixture, 0), 0);
	assert_int_equal(drain(&scene, QUEUE_SETTLED), 0);
	assert_int_equal(atomic_load(&scene.calls), 0);
	end(&scene);
}

static void a_pass_that_needs_the_order_fails_when_it_takes_too_long(void **state) {
	struct scene scene;
	const char *error;

	(void)state;
	begin(&scene, (struct publisher_setup){.order_is_needed = true, .stage_ms = SOON_MS});
	assert_int_equal(put_page(&scene.fixture, 0), 0);
	assert_int_equal(drain(&scene, QUEUE_SETTLED), -ETIME);
	assert_not_waiting(&scene);
	error = publisher_error(scene.fixture.publisher);
	assert_non_null(strstr(error, "cannot begin the next stage of topic '" TOPIC "': "));
	assert_non_null(strstr(error, "50 record(s) are left (" TOPIC ": 50)"));
	assert_non_null(strstr(error, "--stage-wait"));
	assert_int_equal(put_page(&scene.fixture, 1), -ETIME);
	end(&scene);
}

static void one_that_does_not_goes_on_with_a_warning(void **state) {
	struct scene scene;
	char text[4096];

	(void)state;
	begin(&scene, (struct publisher_setup){.stage_ms = SOON_MS});
	assert_int_equal(put_page(&scene.fixture, 0), 0);
	assert_int_equal(drain(&scene, QUEUE_SETTLED), 0);
	assert_not_waiting(&scene);
	assert_non_null(strstr(told(&scene, text, sizeof(text)), "did not finish the stage within")
	);
	assert_int_equal(put_page(&scene.fixture, 1), 0);
	assert_int_equal(drain(&scene, QUEUE_KEPT), 0);
	end(&scene);
}

static void stops_waiting_when_it_is_told_to(void **state) {
	struct scene scene;

	(void)state;
	begin(&scene, (struct publisher_setup){.order_is_needed = true});
	publish(&scene);
	start_drain(&scene);
	assert_waits(&scene);
	scene.fixture.queue->ops->stop(scene.fixture.queue);
	assert_int_equal(join_drain(&scene), -ECANCELED);
	end(&scene);
}

static void what_it_does_not_know_it_waits_out(void **state) {
	struct scene scene;

	(void)state;
	begin(&scene, (struct publisher_setup){.order_is_needed = true});
	for (int i = 0; i < REFUSALS; i++)
		rd_kafka_mock_push_request_errors(
			scene.fixture.cluster, OFFSET_FETCH, 1, RD_KAFKA_RESP_ERR_UNKNOWN
		);
	publish(&scene);
	commit(&scene, TOPIC, PARTITIONS, 0);
	start_drain(&scene);
	assert_waits(&scene);
	rd_kafka_mock_clear_request_errors(scene.fixture.cluster, OFFSET_FETCH);
	assert_int_equal(join_drain(&scene), 0);
	end(&scene);
}

static void retry_topics_that_cannot_be_seen_fail_the_pass(void **state) {
	struct fixture fixture;
	struct settled settled;

	(void)state;
	begin_fixture(&fixture);
	open_with(&fixture, (struct publisher_setup){.unacked_max = 1000});
	assert_int_equal(publisher_begin(fixture.publisher, "run", WIDTH), 0);
	assert_int_equal(put_page(&fixture, 0), 0);
	assert_int_equal(
		fixture.queue->ops->drain(fixture.queue, QUEUE_SETTLED, &settled), -EACCES
	);
	assert_non_null(strstr(publisher_error(fixture.publisher), "no retry topic of it is seen"));
	end_fixture(&fixture);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stage_ends_when_the_workers_have_all_of_it),
		cmocka_unit_test(a_record_that_is_to_be_tried_again_is_waited_for),
		cmocka_unit_test(nothing_is_waited_for_where_nothing_was_published),
		cmocka_unit_test(a_dry_run_waits_for_nobody),
		cmocka_unit_test(a_pass_that_needs_the_order_fails_when_it_takes_too_long),
		cmocka_unit_test(one_that_does_not_goes_on_with_a_warning),
		cmocka_unit_test(stops_waiting_when_it_is_told_to),
		cmocka_unit_test(what_it_does_not_know_it_waits_out),
		cmocka_unit_test(retry_topics_that_cannot_be_seen_fail_the_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
