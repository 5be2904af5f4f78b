// SPDX-License-Identifier: MPL-2.0
// source_scope_test: topics that may be of another database now.
#include "common/base/clock.h"
#include "support/side_by_side.h"
#include "support/source_scene.h"
#include "support/test.h"
#include "worker/intake/source_parts.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

static atomic_int whose; // the answer

static int look_whose(void *ctx, char *error, size_t error_bytes) {
	(void)ctx;
	snprintf(error, error_bytes, "it is theirs");
	return atomic_load(&whose);
}

// All is done, and then the topics are seen as `answer` says.
static struct scene *scene_with_an_owner(int answer) {
	struct scene *scene = scene_begin();

	scene_drain(scene);
	scene_close(scene);
	memset(scene->seen, 0, sizeof(scene->seen));
	scene->setup.look_whose = look_whose;
	atomic_store(&whose, answer);
	scene_open(scene);
	scene_drain(scene);
	return scene;
}

// The library does so with a partition whose new log is shorter.
static void begin_anew(struct scene *scene) {
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);

	rd_kafka_topic_partition_list_add(list, SCENE_TOPIC, 2)->offset = 0;
	rd_kafka_error_destroy(
		rd_kafka_seek_partitions(scene->source->member.consumer, list, GIVE_UP_MS)
	);
	rd_kafka_topic_partition_list_destroy(list);
}

static void nothing_is_taken_of_a_new_log_before_it_is_known_whose_it_is(void **state) {
	(void)state;
	struct scene *scene = scene_with_an_owner(-EAGAIN);
	begin_anew(scene);
	while (scene_said(scene, "of which database the topics are now") == 0)
		scene_step(scene);
	for (int i = 0; i < 10; i++)
		scene_step(scene);
	assert_int_equal(source_counts(scene->source)->taken, 0);
	atomic_store(&whose, 0);
	scene_drain(scene);
	scene_assert_all_seen(scene);
	assert_int_equal(scene_committed(scene), RECORDS);
	scene_end(scene);
}

static void a_new_log_of_another_database_ends_the_worker(void **state) {
	(void)state;
	struct scene *scene = scene_with_an_owner(-ESTALE);
	begin_anew(scene);
	while (source_state(scene->source) == SOURCE_RUNS)
		scene_step(scene);
	assert_string_equal(source_error(scene->source), "it is theirs");
	assert_int_equal(source_counts(scene->source)->taken, 0);
	scene_end(scene);
}

static void it_is_looked_after_a_rebalance_too(void **state) {
	(void)state;
	struct scene *scene = scene_with_an_owner(-ESTALE);
	rd_kafka_mock_push_request_errors(
		scene->cluster, API_HEARTBEAT, 1, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS
	);
	while (source_state(scene->source) == SOURCE_RUNS)
		scene_step(scene);
	assert_string_equal(source_error(scene->source), "it is theirs");
	scene_end(scene);
}

// Its state topic may be away for longer than anybody has to mend something.
static void a_replay_waits_for_a_look_and_that_is_no_trouble(void **state) {
	(void)state;
	static struct replay_span spans[PARTITIONS];
	struct replay replay = {
		.id = "x",
		.group = "g",
		.created_ms = INT64_MAX / 2,
		.spans = spans,
		.count = PARTITIONS};
	struct scene *scene = scene_begin();
	for (int32_t i = 0; i < PARTITIONS; i++)
		spans[i].end = RECORDS / PARTITIONS;
	scene_close(scene);
	scene->setup.look_whose = look_whose;
	scene->setup.replay = &replay;
	scene->setup.retry_count = scene->setup.tier_count = 0;
	atomic_store(&whose, -EAGAIN);
	scene_open(scene);
	while (scene_said(scene, "whether the replay is still there") == 0)
		scene_step(scene);
	assert_int_equal(source_counts(scene->source)->taken, 0);
	assert_false(owner_lasts(scene->source->owner, clock_mono_ms() + GIVE_UP_MS));
	atomic_store(&whose, 0);
	scene_drain(scene);
	scene_assert_all_seen(scene);
	scene_end(scene);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_taken_of_a_new_log_before_it_is_known_whose_it_is),
		cmocka_unit_test(a_new_log_of_another_database_ends_the_worker),
		cmocka_unit_test(it_is_looked_after_a_rebalance_too),
		cmocka_unit_test(a_replay_waits_for_a_look_and_that_is_no_trouble),
	};
	return side_by_side_run(tests, sizeof(tests) / sizeof(*tests));
}
