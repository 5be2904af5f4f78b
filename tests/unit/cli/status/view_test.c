// SPDX-License-Identifier: MPL-2.0
// view_test: what is not known of a fleet is never a number.
#include "support/test.h"

#include "cli/status/view.h"
#include "support/view_scene.h"

static void a_lag_is_counted_as_kafkas_own_tools_do(void **state) {
	struct view_partition one = partition(10, 30, 20);
	(void)state;
	assert_int_equal(view_lag(&one), 10);
	one.commit = 5; // what was deleted since counts too
	assert_int_equal(view_lag(&one), 25);
	one.commit = VIEW_NONE;
	assert_int_equal(view_lag(&one), 20);
	// The end was asked for a moment earlier.
	one.commit = 31;
	assert_int_equal(view_lag(&one), 0);
}

static void a_lag_of_which_a_part_is_unknown_is_unknown(void **state) {
	struct view_partition no_end = partition(10, VIEW_UNKNOWN, 20);
	struct view_partition no_commit = partition(10, 30, VIEW_UNKNOWN);
	struct view_partition no_begin = partition(VIEW_UNKNOWN, 30, VIEW_NONE);
	(void)state;
	assert_int_equal(view_lag(&no_end), VIEW_UNKNOWN);
	assert_int_equal(view_lag(&no_commit), VIEW_UNKNOWN);
	assert_int_equal(view_lag(&no_begin), VIEW_UNKNOWN);
}

static void a_sum_with_an_unknown_partition_is_unknown(void **state) {
	struct view_partition some[] = {
		partition(0, 30, 20), partition(0, VIEW_UNKNOWN, 5), partition(3, 9, VIEW_NONE)};
	struct view_lags lags = lags_of(some, 3);
	struct view_sum sum = view_sum(&lags, 0);
	(void)state;
	assert_int_equal(sum.lag, VIEW_UNKNOWN);
	assert_int_equal(sum.known_lag, 16);
	assert_int_equal(sum.partitions, 3);
	assert_int_equal(sum.unknown, 1);
	assert_int_equal(sum.uncommitted, 1);
	lags.partitions[1].end = 5;
	assert_int_equal(view_sum(&lags, 0).lag, 16);
	assert_int_equal(view_sum(&lags, 1).lag, VIEW_UNKNOWN); // it has no partition
}

static void the_oldest_is_that_of_all_partitions(void **state) {
	struct view_partition some[] = {
		partition(0, 30, 20), partition(0, 30, 20), partition(0, 0, 0)};
	struct view_lags lags = lags_of(some, 3);
	(void)state;
	assert_int_equal(view_sum(&lags, 0).oldest_ms, VIEW_UNKNOWN);
	lags.partitions[0].oldest_ms = 500;
	lags.partitions[1].oldest_ms = 400;
	assert_int_equal(view_sum(&lags, 0).oldest_ms, 400);
}

static void a_rate_is_what_was_committed_between_two_looks(void **state) {
	struct view_partition earlier[] = {partition(0, 30, 20), partition(3, 90, VIEW_NONE)};
	struct view_partition later[] = {partition(0, 40, 30), partition(3, 90, 13)};
	struct view_lags before = lags_of(earlier, 2), now = lags_of(later, 2);
	(void)state;
	before.at_ms = 1000;
	now.at_ms = 3000;
	assert_true(view_rate(&before, &now, 0) == 10.0);
	now.partitions[1].commit = VIEW_NONE;
	assert_true(view_rate(&before, &now, 0) == 5.0);
	now.partitions[0].commit = 5; // set back by hand
	assert_true(view_rate(&before, &now, 0) == 0.0);
}

static void a_rate_of_which_a_part_is_unknown_is_unknown(void **state) {
	struct view_partition earlier[] = {partition(0, 30, 20), partition(0, 90, 3)};
	struct view_partition later[] = {partition(0, 40, 30), partition(0, 90, 13)};
	struct view_lags before = lags_of(earlier, 2), now = lags_of(later, 2);
	(void)state;
	assert_true(view_rate(&before, &now, 0) < 0); // at the same time
	now.at_ms = 2000;
	before.partitions[0].commit = VIEW_UNKNOWN;
	assert_true(view_rate(&before, &now, 0) < 0);
	before.partitions[0].commit = 20;
	now.partitions[0].commit = VIEW_UNKNOWN;
	assert_true(view_rate(&before, &now, 0) < 0);
	now.partitions[0].commit = 30;
	before.partition_count = 1; // a partition is new
	assert_true(view_rate(&before, &now, 0) < 0);
	before.partition_count = 2;
	before.source.is_known = false;
	assert_true(view_rate(&before, &now, 0) < 0);
}

static void what_is_added_is_by_how_much_the_logs_grew(void **state) {
	struct view_partition earlier[] = {partition(0, 30, 20), partition(3, 90, VIEW_NONE)};
	struct view_partition later[] = {partition(0, 34, 20), partition(3, 100, VIEW_UNKNOWN)};
	struct view_lags before = lags_of(earlier, 2), now = lags_of(later, 2);
	(void)state;
	assert_true(view_added(&before, &now, 0) < 0); // at the same time
	now.at_ms = 2000;
	assert_true(view_added(&before, &now, 0) == 7.0);
	now.partitions[1].end = 90;
	now.partitions[0].end = 30;
	assert_true(view_added(&before, &now, 0) == 0.0);
}

static void what_is_added_is_unknown_where_an_end_is(void **state) {
	struct view_partition earlier[] = {partition(0, 30, 20), partition(0, 90, 3)};
	struct view_partition later[] = {partition(0, 34, 20), partition(0, VIEW_UNKNOWN, 3)};
	struct view_lags before = lags_of(earlier, 2), now = lags_of(later, 2);
	(void)state;
	now.at_ms = 2000;
	assert_true(view_added(&before, &now, 0) < 0);
	now.partitions[1].end = 89; // the topic was made again
	assert_true(view_added(&before, &now, 0) < 0);
	now.partitions[1].end = 90;
	assert_true(view_added(&before, &now, 0) == 2.0);
	before.partitions[0].end = VIEW_UNKNOWN;
	assert_true(view_added(&before, &now, 0) < 0);
	before.partitions[0].end = 30;
	before.partition_count = 1; // a partition is new
	assert_true(view_added(&before, &now, 0) < 0);
}

static void an_end_is_told_only_where_a_lag_gets_less(void **state) {
	(void)state;
	assert_int_equal(view_eta_s(100, 10, 0), 10);
	assert_int_equal(view_eta_s(100, 10, 5), 20);
	assert_int_equal(view_eta_s(0, 0, 0), 0);
	assert_int_equal(view_eta_s(0, -1, -1), 0);
	assert_int_equal(view_eta_s(100, 0, 0), VIEW_UNKNOWN);
	assert_int_equal(view_eta_s(100, 10, 10), VIEW_UNKNOWN);
	assert_int_equal(view_eta_s(100, 10, 11), VIEW_UNKNOWN);
	assert_int_equal(view_eta_s(100, -1, 0), VIEW_UNKNOWN);
	assert_int_equal(view_eta_s(100, 10, -1), VIEW_UNKNOWN);
	assert_int_equal(view_eta_s(VIEW_UNKNOWN, 10, 0), VIEW_UNKNOWN);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lag_is_counted_as_kafkas_own_tools_do),
		cmocka_unit_test(a_lag_of_which_a_part_is_unknown_is_unknown),
		cmocka_unit_test(a_sum_with_an_unknown_partition_is_unknown),
		cmocka_unit_test(the_oldest_is_that_of_all_partitions),
		cmocka_unit_test(a_rate_is_what_was_committed_between_two_looks),
		cmocka_unit_test(a_rate_of_which_a_part_is_unknown_is_unknown),
		cmocka_unit_test(what_is_added_is_by_how_much_the_logs_grew),
		cmocka_unit_test(what_is_added_is_unknown_where_an_end_is),
		cmocka_unit_test(an_end_is_told_only_where_a_lag_gets_less),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
