// SPDX-License-Identifier: MPL-2.0
// source_gap_test: records that the brokers deleted before anybody took them are told of, whatever
// else goes wrong.
#include "support/side_by_side.h"
#include "support/source_scene.h"
#include "support/test.h"

#include <stdatomic.h>
#include <string.h>

enum { OF_EACH = RECORDS / PARTITIONS, TWICE = 2 * RECORDS, THRICE = 3 * RECORDS };

static const char told[] = "records were deleted before they could be taken";

// Records of the first partition that are below it never come.
static int64_t kept_from;
// Of its log, by the brokers' word.
static _Atomic int64_t begin;
static atomic_bool is_away; // the leader that could say so
static atomic_int asked;
// The next answer: the group has nothing there.
static atomic_bool has_forgotten;

WRAPS(rd_kafka_committed);
WRAPS(rd_kafka_consume_queue);
WRAPS(rd_kafka_offsets_for_times);

rd_kafka_message_t *__wrap_rd_kafka_consume_queue(rd_kafka_queue_t *queue, int timeout_ms) {
	rd_kafka_message_t *message = __real_rd_kafka_consume_queue(queue, timeout_ms);

	while (message != NULL && message->err == RD_KAFKA_RESP_ERR_NO_ERROR &&
	       message->partition == 0 && message->offset < kept_from &&
	       strcmp(rd_kafka_topic_name(message->rkt), SCENE_TOPIC) == 0) {
		rd_kafka_message_destroy(message);
		message = __real_rd_kafka_consume_queue(queue, timeout_ms);
	}
	return message;
}

// Called on the thread that asks.
rd_kafka_resp_err_t __wrap_rd_kafka_offsets_for_times(
	rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int timeout_ms
) {
	(void)handle;
	(void)timeout_ms;
	atomic_fetch_add(&asked, 1);
	if (atomic_load(&is_away))
		return RD_KAFKA_RESP_ERR__TIMED_OUT;
	for (int i = 0; i < list->cnt; i++)
		list->elems[i].offset = list->elems[i].partition == 0 ? atomic_load(&begin) : 0;
	return RD_KAFKA_RESP_ERR_NO_ERROR;
}

rd_kafka_resp_err_t __wrap_rd_kafka_committed(
	rd_kafka_t *handle, rd_kafka_topic_partition_list_t *list, int timeout_ms
) {
	rd_kafka_resp_err_t err = __real_rd_kafka_committed(handle, list, timeout_ms);
	// One: the scene's reader.
	bool forgets = list->cnt > 1 && atomic_exchange(&has_forgotten, false);

	for (int i = 0; forgets && i < list->cnt; i++)
		if (strcmp(list->elems[i].topic, SCENE_TOPIC) == 0)
			list->elems[i].offset = RD_KAFKA_OFFSET_INVALID;
	return err;
}

static void brokers_are_well(void) {
	kept_from = 0;
	atomic_store(&begin, 0);
	atomic_store(&is_away, false);
	atomic_store(&asked, 0);
}

// Everything was done and committed, and of what comes then the first ten records of a partition
// are missing.
static struct scene *scene_with_a_gap(int64_t log_begin) {
	struct scene *scene = scene_begin();

	scene_drain(scene);
	kept_from = OF_EACH + 10;
	atomic_store(&begin, log_begin);
	scene_produce(scene);
	while (source_counts(scene->source)->taken < TWICE - 10)
		scene_step(scene);
	return scene;
}

static void assert_told(const struct scene *scene, int64_t records) {
	assert_int_equal(source_counts(scene->source)->expired_unread, records);
	assert_int_equal(scene_said(scene, told), records > 0 ? 1 : 0);
}

static void what_was_deleted_while_we_ran_is_counted_and_told(void **state) {
	(void)state;
	brokers_are_well();
	struct scene *scene = scene_with_a_gap(OF_EACH + 10);
	scene_drain(scene);
	assert_told(scene, 10);
	assert_int_equal(scene_said(scene, "\"records\":10"), 1);
	assert_int_equal(scene_committed(scene), TWICE);
	scene_end(scene);
}

static void what_was_deleted_before_we_began_is_counted_and_told(void **state) {
	(void)state;
	brokers_are_well();
	struct scene *scene = scene_begin();
	scene_drain(scene);
	scene_close(scene);
	scene_produce(scene);
	kept_from = OF_EACH + 20;
	atomic_store(&begin, kept_from);
	scene_open(scene);
	scene_drain(scene);
	assert_told(scene, 20);
	scene_end(scene);
}

static void when_all_of_it_was_deleted_the_end_tells(void **state) {
	(void)state;
	brokers_are_well();
	struct scene *scene = scene_begin();
	scene_drain(scene);
	kept_from = TWICE / PARTITIONS;
	atomic_store(&begin, kept_from);
	scene_produce(scene);
	while (source_counts(scene->source)->taken < TWICE - OF_EACH)
		scene_step(scene);
	while (source_counts(scene->source)->expired_unread == 0)
		scene_step(scene);
	scene_drain(scene);
	assert_told(scene, OF_EACH);
	assert_int_equal(scene_committed(scene), TWICE);
	scene_end(scene);
}

static void offsets_that_are_missing_in_a_log_that_has_all_are_no_loss(void **state) {
	(void)state;
	brokers_are_well();
	struct scene *scene = scene_with_a_gap(OF_EACH);
	scene_drain(scene);
	assert_true(atomic_load(&asked) > 0);
	assert_told(scene, 0);
	scene_end(scene);
}

static void a_group_that_takes_a_topic_for_the_first_time_missed_nothing(void **state) {
	(void)state;
	brokers_are_well();
	kept_from = 10;
	atomic_store(&begin, 10);
	struct scene *scene = scene_begin();
	scene_drain(scene);
	assert_told(scene, 0);
	assert_int_equal(atomic_load(&asked), 0);
	scene_end(scene);
}

static void while_nobody_says_where_the_log_begins_work_goes_on_and_is_not_drained(void **state) {
	(void)state;
	brokers_are_well();
	atomic_store(&is_away, true);
	struct scene *scene = scene_with_a_gap(OF_EACH + 10);
	scene_produce(scene);
	while (source_counts(scene->source)->taken < THRICE - 10 ||
	       scene_committed(scene) < THRICE || atomic_load(&asked) < 2)
		scene_step(scene);
	assert_false(source_is_drained(scene->source));
	assert_told(scene, 0);
	atomic_store(&is_away, false);
	scene_drain(scene);
	assert_told(scene, 10);
	scene_end(scene);
}

static void a_log_that_began_anew_meanwhile_has_lost_nothing(void **state) {
	(void)state;
	brokers_are_well();
	atomic_store(&is_away, true);
	struct scene *scene = scene_with_a_gap(OF_EACH + 10);
	kept_from = 0;
	while (atomic_load(&asked) == 0)
		scene_step(scene);
	atomic_store(&has_forgotten, true);
	while (scene_said(scene, "the log of a partition began anew") < PARTITIONS)
		scene_step(scene);
	atomic_store(&is_away, false);
	scene_drain(scene);
	assert_told(scene, 0);
	scene_end(scene);
}

static void a_partition_that_is_given_back_is_asked_about_no_more(void **state) {
	(void)state;
	brokers_are_well();
	atomic_store(&is_away, true);
	struct scene *scene = scene_with_a_gap(OF_EACH + 10);
	while (scene_committed(scene) < TWICE || atomic_load(&asked) == 0)
		scene_step(scene);
	scene_close(scene);
	atomic_store(&is_away, false);
	scene_open(scene);
	scene_drain(scene);
	assert_told(scene, 0);
	scene_end(scene);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_deleted_while_we_ran_is_counted_and_told),
		cmocka_unit_test(what_was_deleted_before_we_began_is_counted_and_told),
		cmocka_unit_test(when_all_of_it_was_deleted_the_end_tells),
		cmocka_unit_test(offsets_that_are_missing_in_a_log_that_has_all_are_no_loss),
		cmocka_unit_test(a_group_that_takes_a_topic_for_the_first_time_missed_nothing),
		cmocka_unit_test(
			while_nobody_says_where_the_log_begins_work_goes_on_and_is_not_drained
		),
		cmocka_unit_test(a_log_that_began_anew_meanwhile_has_lost_nothing),
		cmocka_unit_test(a_partition_that_is_given_back_is_asked_about_no_more),
	};
	return side_by_side_run(tests, sizeof(tests) / sizeof(*tests));
}
