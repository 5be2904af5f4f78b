// SPDX-License-Identifier: MPL-2.0
// watermarks_test: the last offset of each partition of a topic that was acknowledged.
#include "support/test.h"

#include "producer/outbox/watermarks.h"

static void a_partition_rises(void **state) {
	struct watermarks marks = {0};

	(void)state;
	assert_int_equal(watermarks_resize(&marks, 2), 0);
	assert_true(watermarks_rise(&marks, 0, 0));
	assert_true(watermarks_rise(&marks, 0, 1));
	assert_true(watermarks_rise(&marks, 0, 7));
	assert_true(watermarks_rise(&marks, 1, 3));
	watermarks_fini(&marks);
}

static void an_offset_that_was_there_before_is_one_of_another_topic(void **state) {
	struct watermarks marks = {0};

	(void)state;
	assert_int_equal(watermarks_resize(&marks, 1), 0);
	assert_true(watermarks_rise(&marks, 0, 7));
	assert_false(watermarks_rise(&marks, 0, 7));
	assert_false(watermarks_rise(&marks, 0, 0));
	assert_true(watermarks_rise(&marks, 0, 8));
	watermarks_fini(&marks);
}

static void a_report_without_an_offset_says_nothing(void **state) {
	struct watermarks marks = {0};

	(void)state;
	assert_int_equal(watermarks_resize(&marks, 1), 0);
	assert_true(watermarks_rise(&marks, 0, 7));
	assert_true(watermarks_rise(&marks, 0, -1));
	assert_true(watermarks_rise(&marks, 0, 8));
	watermarks_fini(&marks);
}

static void a_partition_that_is_not_known_says_nothing(void **state) {
	struct watermarks marks = {0};

	(void)state;
	assert_true(watermarks_rise(&marks, 0, 7));
	assert_true(watermarks_rise(&marks, 0, 7));
}

static void what_is_known_is_kept_when_there_are_more_partitions(void **state) {
	struct watermarks marks = {0};

	(void)state;
	assert_int_equal(watermarks_resize(&marks, 1), 0);
	assert_true(watermarks_rise(&marks, 0, 7));
	assert_int_equal(watermarks_resize(&marks, 3), 0);
	assert_false(watermarks_rise(&marks, 0, 7));
	assert_true(watermarks_rise(&marks, 2, 0));
	watermarks_fini(&marks);
}

static void only_partitions_with_something_in_them_are_listed(void **state) {
	struct watermarks marks = {0};
	rd_kafka_topic_partition_list_t *list;

	(void)state;
	assert_int_equal(watermarks_resize(&marks, 3), 0);
	assert_true(watermarks_rise(&marks, 1, 0));
	list = watermarks_list(&marks, "candidates");
	assert_int_equal(list->cnt, 1);
	assert_string_equal(list->elems[0].topic, "candidates");
	assert_int_equal(list->elems[0].partition, 1);
	rd_kafka_topic_partition_list_destroy(list);
	watermarks_fini(&marks);
}

static void a_partition_ends_behind_what_lies_in_it(void **state) {
	struct watermarks marks = {0};
	rd_kafka_topic_partition_list_t *ends;

	(void)state;
	assert_int_equal(watermarks_resize(&marks, 2), 0);
	assert_true(watermarks_rise(&marks, 0, 7));
	assert_true(watermarks_rise(&marks, 1, 2));
	ends = watermarks_list(&marks, "candidates");
	ends->elems[0].offset = 8;
	ends->elems[1].offset = 3;
	assert_true(watermarks_are_below(&marks, ends));
	ends->elems[1].offset = 2;
	assert_false(watermarks_are_below(&marks, ends));
	rd_kafka_topic_partition_list_destroy(ends);
	watermarks_fini(&marks);
}

static void what_lies_in_a_topic_is_found_among_others(void **state) {
	struct watermarks marks = {0};
	rd_kafka_topic_partition_list_t *ends = rd_kafka_topic_partition_list_new(0);

	(void)state;
	assert_int_equal(watermarks_resize(&marks, 3), 0);
	assert_true(watermarks_lie_within(&marks, "candidates", ends));
	assert_true(watermarks_rise(&marks, 1, 7));
	assert_false(watermarks_lie_within(&marks, "candidates", ends));
	rd_kafka_topic_partition_list_add(ends, "retry", 1)->offset = 8;
	rd_kafka_topic_partition_list_add(ends, "candidates", 0)->offset = 0;
	assert_false(watermarks_lie_within(&marks, "candidates", ends));
	rd_kafka_topic_partition_list_add(ends, "candidates", 1)->offset = 8;
	assert_true(watermarks_lie_within(&marks, "candidates", ends));
	ends->elems[2].offset = 7;
	assert_false(watermarks_lie_within(&marks, "candidates", ends));
	rd_kafka_topic_partition_list_destroy(ends);
	watermarks_fini(&marks);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_partition_rises),
		cmocka_unit_test(an_offset_that_was_there_before_is_one_of_another_topic),
		cmocka_unit_test(a_report_without_an_offset_says_nothing),
		cmocka_unit_test(a_partition_that_is_not_known_says_nothing),
		cmocka_unit_test(what_is_known_is_kept_when_there_are_more_partitions),
		cmocka_unit_test(only_partitions_with_something_in_them_are_listed),
		cmocka_unit_test(a_partition_ends_behind_what_lies_in_it),
		cmocka_unit_test(what_lies_in_a_topic_is_found_among_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
