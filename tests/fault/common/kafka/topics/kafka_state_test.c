// SPDX-License-Identifier: MPL-2.0
// kafka_state_test: topics belong to one database, whoever comes first (brokers: librdkafka's mock
// cluster).
#include "support/test.h"

#include "common/kafka/topics/kafka_state.h"

#include <errno.h>
#include <librdkafka/rdkafka_mock.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { ANSWER_MS = 20000, API_FETCH = 1 }; // Kafka's number of the request

struct scene {
	rd_kafka_t *handle; // owns the cluster
	struct kafka_options options;
	struct kafka_state *state;
	char brokers[64];
	char prefix[2];
};

static struct kafka_state *open_state(const struct scene *scene) {
	struct kafka_state *state;
	char error[256];

	assert_int_equal(
		kafka_state_open(&state, &scene->options, "fruit", NULL, error, sizeof(error)), 0
	);
	return state;
}

static void put(struct scene *scene, const char *scope) {
	struct layout layout = {.range_width = 7};

	snprintf(layout.scope, sizeof(layout.scope), "%s", scope);
	assert_int_equal(kafka_state_put_layout(scene->state, &layout, ANSWER_MS), 0);
}

static void begin(struct scene *scene) {
	rd_kafka_conf_t *conf = rd_kafka_conf_new();
	rd_kafka_mock_cluster_t *cluster;
	char error[256];

	rd_kafka_conf_set(conf, "test.mock.num.brokers", "1", error, sizeof(error));
	scene->handle = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof(error));
	assert_non_null(scene->handle);
	cluster = rd_kafka_handle_mock_cluster(scene->handle);
	rd_kafka_mock_topic_create(cluster, "p.fruit.state", 1, 1);
	snprintf(
		scene->brokers,
		sizeof(scene->brokers),
		"%s",
		rd_kafka_mock_cluster_bootstraps(cluster)
	);
	strcpy(scene->prefix, "p");
	scene->options = (struct kafka_options){
		.brokers = scene->brokers,
		.topic_prefix = scene->prefix,
	};
	scene->state = open_state(scene);
	put(scene, "");
}

static void end(struct scene *scene) {
	kafka_state_close(scene->state);
	rd_kafka_destroy(scene->handle);
}

static int bind_to(struct scene *scene, const char *scope, struct layout *layout) {
	return kafka_state_bind(scene->state, scope, ANSWER_MS, layout);
}

// The one that is left when the topic was compacted.
static void assert_last_is(struct scene *scene, const char *scope) {
	struct layout layout;
	struct buf value;

	buf_init(&value, PACK_BYTES_MAX);
	assert_int_equal(kafka_state_get(scene->state, LAYOUT_KEY, ANSWER_MS, &value), 0);
	assert_int_equal(layout_unpack(&layout, value.data, value.len), 0);
	assert_string_equal(layout.scope, scope);
	assert_int_equal(layout.range_width, 7);
	buf_fini(&value);
}

static void the_first_database_binds_the_topics(void **state) {
	(void)state;
	struct scene scene;
	struct layout layout;
	begin(&scene);
	assert_int_equal(bind_to(&scene, "one/1", &layout), 0);
	assert_string_equal(layout.scope, "one/1");
	assert_int_equal(layout.range_width, 7);
	assert_int_equal(bind_to(&scene, "one/1", &layout), 0);
	assert_int_equal(bind_to(&scene, "two/1", &layout), -ESTALE);
	assert_string_equal(layout.scope, "one/1");
	assert_last_is(&scene, "one/1");
	end(&scene);
}

static void who_wrote_second_gives_way_and_mends_it(void **state) {
	(void)state;
	struct scene scene;
	struct layout layout;
	begin(&scene);
	put(&scene, "one/1");
	put(&scene, "two/1");
	assert_int_equal(kafka_state_layout(scene.state, ANSWER_MS, &layout), 0);
	assert_string_equal(layout.scope, "one/1");
	assert_int_equal(bind_to(&scene, "two/1", &layout), -ESTALE);
	assert_last_is(&scene, "one/1");
	assert_int_equal(bind_to(&scene, "one/1", &layout), 0);
	end(&scene);
}

static void one_that_was_deleted_binds_nobody(void **state) {
	(void)state;
	struct scene scene;
	struct layout layout;
	begin(&scene);
	put(&scene, "one/1");
	assert_int_equal(kafka_state_put(scene.state, LAYOUT_KEY, NULL, 0, ANSWER_MS), 0);
	assert_int_equal(bind_to(&scene, "two/1", &layout), -ENOENT);
	put(&scene, "");
	assert_int_equal(bind_to(&scene, "two/1", &layout), 0);
	end(&scene);
}

static void what_a_later_version_wrote_is_not_written_over(void **state) {
	(void)state;
	static const unsigned char newer[] = {0x81, 0xa1, 'v', 0x7f};
	struct scene scene;
	struct layout layout;
	struct buf value;
	begin(&scene);
	put(&scene, "one/1");
	assert_int_equal(
		kafka_state_put(scene.state, LAYOUT_KEY, newer, sizeof(newer), ANSWER_MS), 0
	);
	assert_int_equal(bind_to(&scene, "one/1", &layout), -EBADMSG);
	buf_init(&value, 100);
	assert_int_equal(kafka_state_get(scene.state, LAYOUT_KEY, ANSWER_MS, &value), 0);
	assert_memory_equal(value.data, newer, sizeof(newer));
	buf_fini(&value);
	end(&scene);
}

struct rival {
	struct kafka_state *state;
	const char *scope;
	struct layout layout;
	int err;
};

static void *run_rival(void *ctx) {
	struct rival *rival = ctx;

	rival->err = kafka_state_bind(rival->state, rival->scope, ANSWER_MS, &rival->layout);
	return NULL;
}

static void of_two_at_once_one_wins(void **state) {
	(void)state;
	for (int i = 0; i < 10; i++) {
		struct scene scene;
		struct rival rivals[] = {{.scope = "one/1"}, {.scope = "two/1"}};
		pthread_t threads[2];
		begin(&scene);
		for (int j = 0; j < 2; j++) {
			rivals[j].state = open_state(&scene);
			assert_int_equal(
				pthread_create(&threads[j], NULL, run_rival, &rivals[j]), 0
			);
		}
		for (int j = 0; j < 2; j++) {
			pthread_join(threads[j], NULL);
			kafka_state_close(rivals[j].state);
		}
		assert_int_equal(rivals[0].err + rivals[1].err, -ESTALE);
		assert_string_equal(rivals[0].layout.scope, rivals[1].layout.scope);
		end(&scene);
	}
}

// Else a producer would take its cursor for missing, or topics for unbound.
static void a_read_that_does_not_reach_the_end_is_not_an_answer(void **state) {
	(void)state;
	rd_kafka_resp_err_t errors[200];
	struct layout layout;
	struct scene scene;
	struct buf value;
	begin(&scene);
	put(&scene, "one/1");
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		errors[i] = RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT;
	rd_kafka_mock_push_request_errors_array(
		rd_kafka_handle_mock_cluster(scene.handle), API_FETCH, 200, errors
	);
	buf_init(&value, PACK_BYTES_MAX);
	assert_int_equal(kafka_state_get(scene.state, LAYOUT_KEY, 1000, &value), -EAGAIN);
	assert_int_equal(kafka_state_layout(scene.state, 1000, &layout), -EAGAIN);
	buf_fini(&value);
	end(&scene);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_database_binds_the_topics),
		cmocka_unit_test(who_wrote_second_gives_way_and_mends_it),
		cmocka_unit_test(one_that_was_deleted_binds_nobody),
		cmocka_unit_test(what_a_later_version_wrote_is_not_written_over),
		cmocka_unit_test(of_two_at_once_one_wins),
		cmocka_unit_test(a_read_that_does_not_reach_the_end_is_not_an_answer),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
