// SPDX-License-Identifier: MPL-2.0
// source_test: a source against brokers that answer with errors (librdkafka's mock cluster).
#include "support/side_by_side.h"
#include "support/source_scene.h"
#include "support/test.h"

#include "common/base/clock.h"
#include "worker/intake/source_parts.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

static void takes_all_and_commits_all(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	int32_t held, total;
	scene_drain(scene);
	scene_assert_all_seen(scene);
	assert_int_equal(scene_committed(scene), RECORDS);
	assert_int_equal(source_counts(scene->source)->taken, RECORDS);
	do {
		scene_step(scene);
		source_share(scene->source, &held, &total);
	} while (total == 0);
	assert_int_equal(held, PARTITIONS);
	assert_int_equal(total, PARTITIONS);
	scene_end(scene);
}

static void takes_no_more_than_its_window(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	scene->keep = true;
	// A quarter of the window to each of the eight partitions.
	while (scene->held_count < 48)
		scene_step(scene);
	for (int i = 0; i < 20; i++)
		scene_step(scene);
	assert_true(scene->held_count <= 50);
	scene->keep = false;
	scene_drain(scene);
	scene_assert_all_seen(scene);
	scene_end(scene);
}

static void commits_nothing_past_what_is_in_work(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	struct candidate *first;
	int64_t offset;
	scene->keep = true;
	while (scene->held_count < 48)
		scene_step(scene);
	first = scene->held[0];
	offset = first->origin.offset;
	scene->held[0] = scene->held[--scene->held_count];
	scene->keep = false;
	while (source_counts(scene->source)->taken < RECORDS - RECORDS / PARTITIONS)
		scene_step(scene);
	scene_close(scene); // the first one never came back
	assert_true(scene_committed(scene) <= RECORDS - RECORDS / PARTITIONS + offset);
	memset(scene->seen, 0, sizeof(scene->seen));
	scene_open(scene);
	scene_drain(scene);
	assert_true(scene->seen[0] + scene->seen[1] + scene->seen[2] + scene->seen[3] > 0);
	assert_int_equal(scene_committed(scene), RECORDS);
	scene_end(scene);
}

static void commits_again_when_the_brokers_could_not(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	rd_kafka_mock_push_request_errors(
		scene->cluster,
		API_OFFSET_COMMIT,
		4,
		RD_KAFKA_RESP_ERR_COORDINATOR_LOAD_IN_PROGRESS,
		RD_KAFKA_RESP_ERR_NOT_COORDINATOR,
		RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
		RD_KAFKA_RESP_ERR_UNKNOWN
	);
	scene_drain(scene);
	scene_assert_all_seen(scene);
	assert_int_equal(scene_committed(scene), RECORDS);
	scene_end(scene);
}

static void what_a_lost_assignment_did_not_commit_is_done_again(void **state) {
	(void)state;
	static const rd_kafka_resp_err_t errors[] = {
		RD_KAFKA_RESP_ERR_ILLEGAL_GENERATION,
		RD_KAFKA_RESP_ERR_UNKNOWN_MEMBER_ID,
		RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS,
	};
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		struct scene *scene = scene_begin();
		scene->keep = true;
		while (scene->held_count < 48)
			scene_step(scene);
		rd_kafka_mock_push_request_errors(scene->cluster, API_OFFSET_COMMIT, 1, errors[i]);
		rd_kafka_mock_push_request_errors(scene->cluster, API_HEARTBEAT, 1, errors[i]);
		while (source_counts(scene->source)->revocations == 0)
			scene_step(scene);
		scene->keep = false;
		scene_drain(scene);
		scene_assert_all_seen(scene);
		assert_int_equal(scene_committed(scene), RECORDS);
		scene_end(scene);
	}
}

static void waits_before_it_repeats_a_commit_that_was_refused(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	rd_kafka_resp_err_t errors[5];
	int64_t began_ms;
	// Joined, and its next commit is to be refused.
	scene_drain(scene);
	for (int i = 0; i < 5; i++)
		errors[i] = RD_KAFKA_RESP_ERR_INVALID_COMMIT_OFFSET_SIZE;
	scene_close(scene);
	scene->setup.commit_every_ms = 200;
	scene_produce(scene);
	rd_kafka_mock_push_request_errors_array(scene->cluster, API_OFFSET_COMMIT, 5, errors);
	scene_open(scene);
	while (scene_said(scene, "offsets could not be committed") == 0)
		scene_step(scene);
	// To join takes longer than all that is refused.
	began_ms = clock_mono_ms();
	scene_drain(scene);
	assert_true(clock_mono_ms() - began_ms >= 4 * scene->setup.commit_every_ms);
	assert_int_equal(scene_committed(scene), 2 * RECORDS);
	assert_int_equal(scene_said(scene, "offsets could not be committed"), 1);
	scene_end(scene);
}

static void gives_back_at_once_what_is_committed(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	scene_close(scene);
	scene->setup.commit_every_ms = GIVE_UP_MS; // the rebalance finds something to commit
	scene->setup.revoke_deadline_ms = GIVE_UP_MS;
	scene_open(scene);
	scene->keep = true;
	while (scene->held_count < 48)
		scene_step(scene);
	scene_finish(scene, scene->held_count - 1);
	scene_finish(scene, scene->held_count - 1);
	rd_kafka_mock_push_request_errors(
		scene->cluster, API_HEARTBEAT, 1, RD_KAFKA_RESP_ERR_REBALANCE_IN_PROGRESS
	);
	while (source_counts(scene->source)->revocations == 0)
		scene_step(scene);
	while (source_counts(scene->source)->taken < 60) // has partitions again
		scene_step(scene);
	scene->keep = false;
	scene_drain(scene);
	scene_end(scene);
}

// The library joins again without waiting for what is to be given back, when the topics change once
// more.
static void what_the_group_gives_before_all_was_given_back_is_kept(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	static char quick[][48] = {
		"session.timeout.ms=3000",
		"heartbeat.interval.ms=100",
		"topic.metadata.refresh.interval.ms=100",
	};
	char *properties[] = {quick[0], quick[1], quick[2]};
	rd_kafka_resp_err_t errors[500];
	int32_t held, total;
	int given;

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
		errors[i] = RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT;
	scene_close(scene);
	scene->kafka.properties.items = properties;
	scene->kafka.properties.count = sizeof(properties) / sizeof(properties[0]);
	scene->setup.revoke_deadline_ms = 3000;
	scene_open(scene);
	scene->keep = true;
	while (scene->held_count < 48)
		scene_step(scene);
	given = scene_said(scene, "partitions assigned");
	rd_kafka_mock_push_request_errors_array(scene->cluster, API_OFFSET_COMMIT, 500, errors);
	// It cannot be committed, so nothing is given back.
	scene_finish(scene, 0);
	rd_kafka_mock_topic_set_error(
		scene->cluster, SCENE_RETRY_3, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART
	);
	while (source_counts(scene->source)->revocations == 0)
		scene_step(scene);
	rd_kafka_mock_topic_set_error(scene->cluster, SCENE_RETRY_3, RD_KAFKA_RESP_ERR_NO_ERROR);
	while (scene_said(scene, "partitions assigned") == given)
		scene_step(scene);
	source_share(scene->source, &held, &total);
	assert_int_equal(held, PARTITIONS);
	rd_kafka_mock_clear_request_errors(scene->cluster, API_OFFSET_COMMIT);
	scene->keep = false;
	scene_drain(scene);
	scene_assert_all_seen(scene);
	assert_int_equal(scene_committed(scene), RECORDS);
	scene_end(scene);
}

static void nobody_waits_for_the_number_of_partitions(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	int32_t held, total;
	rd_kafka_mock_broker_set_rtt(scene->cluster, 1, 700);
	do {
		int64_t began_ms = clock_mono_ms();
		scene_step(scene);
		assert_true(clock_mono_ms() - began_ms < 1000);
		source_share(scene->source, &held, &total);
	} while (total == 0 || held == 0);
	assert_int_equal(held, PARTITIONS);
	assert_int_equal(total, PARTITIONS);
	rd_kafka_mock_broker_set_rtt(scene->cluster, 1, 0);
	scene_end(scene);
}

static void a_log_that_began_anew_is_taken_from_its_beginning(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	scene_drain(scene);
	assert_int_equal(scene_committed(scene), RECORDS);
	memset(scene->seen, 0, sizeof(scene->seen));
	scene->keep = true;
	// The library goes back to the first offset.
	rd_kafka_mock_push_request_errors(
		scene->cluster, API_FETCH, 1, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE
	);
	while (scene->held_count < (size_t)12 * PARTITIONS)
		scene_step(scene);
	// A worker that ends now loses none of them.
	while (scene_committed(scene) > 0)
		scene_step(scene);
	scene->keep = false;
	scene_drain(scene);
	scene_assert_all_seen(scene);
	assert_int_equal(scene_committed(scene), RECORDS);
	assert_true(scene_said(scene, "the log of a partition began anew") >= PARTITIONS);
	scene_end(scene);
}

// --- a library that does not end

// Whoever destroys a handle goes through it.
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

WRAPS(rd_kafka_destroy_flags);

void __wrap_rd_kafka_destroy_flags(rd_kafka_t *handle, int flags) {
	pthread_mutex_lock(&gate);
	pthread_mutex_unlock(&gate);
	__real_rd_kafka_destroy_flags(handle, flags);
}

static void a_library_that_does_not_end_is_left_behind_after_the_commits(void **state) {
	(void)state;
	// Its threads may use it as long as there are any.
	static struct source *left_behind;
	struct scene *scene = scene_begin();
	scene_drain(scene);
	pthread_mutex_lock(&gate);
	left_behind = scene->source;
	assert_int_equal(source_close(left_behind, 500), -EBUSY);
	pthread_mutex_unlock(&gate);
	scene->source = NULL;
	assert_int_equal(scene_committed(scene), RECORDS);
	// Its place in the group was given back.
	scene_open(scene);
	while (source_counts(scene->source)->taken == 0 && !source_is_drained(scene->source))
		scene_step(scene);
	scene_close(scene);
	// Is left behind as well, for them to write to.
	scene->setup.log = NULL;
	scene->log_fd = -1;
	scene_end(scene);
}

static void another_one_with_its_name_ends_it(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	scene_close(scene);
	scene->setup.instance_id = "me";
	scene_open(scene);
	while (source_counts(scene->source)->taken == 0)
		scene_step(scene);
	rd_kafka_mock_push_request_errors(
		scene->cluster, API_HEARTBEAT, 1, RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID
	);
	while (source_state(scene->source) == SOURCE_RUNS)
		scene_step(scene);
	assert_int_equal(source_state(scene->source), SOURCE_FENCED);
	scene_end(scene);
}

static void is_told_of_another_one_with_its_name_by_any_call(void **state) {
	(void)state;
	struct scene *scene = scene_begin();
	rd_kafka_test_fatal_error(
		scene->source->member.consumer,
		RD_KAFKA_RESP_ERR_FENCED_INSTANCE_ID,
		"the name is taken"
	);
	member_fail_by(&scene->source->member, RD_KAFKA_RESP_ERR__FATAL);
	assert_int_equal(source_state(scene->source), SOURCE_FENCED);
	scene_end(scene);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_all_and_commits_all),
		cmocka_unit_test(takes_no_more_than_its_window),
		cmocka_unit_test(commits_nothing_past_what_is_in_work),
		cmocka_unit_test(commits_again_when_the_brokers_could_not),
		cmocka_unit_test(what_a_lost_assignment_did_not_commit_is_done_again),
		cmocka_unit_test(waits_before_it_repeats_a_commit_that_was_refused),
		cmocka_unit_test(gives_back_at_once_what_is_committed),
		cmocka_unit_test(what_the_group_gives_before_all_was_given_back_is_kept),
		cmocka_unit_test(nobody_waits_for_the_number_of_partitions),
		cmocka_unit_test(a_log_that_began_anew_is_taken_from_its_beginning),
		cmocka_unit_test(a_library_that_does_not_end_is_left_behind_after_the_commits),
		cmocka_unit_test(another_one_with_its_name_ends_it),
		cmocka_unit_test(is_told_of_another_one_with_its_name_by_any_call),
	};
	return side_by_side_run(tests, sizeof(tests) / sizeof(*tests));
}
