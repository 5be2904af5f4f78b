// SPDX-License-Identifier: MPL-2.0
// lane_test: how much a node may get at once and in a second.
#include "support/lane_fixture.h"
#include "support/test.h"

#include "worker/calls/lane.h"

static void starts_with_sixteen_in_flight(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	lane_fill(&lane, T0);
	assert_int_equal(lane.inflight, 16);
}

static void a_small_node_inflight_bounds_the_start(void **state) {
	(void)state;
	struct lane_limits small = limits;
	struct lane lane;
	small.inflight_max = 3;
	lane_init(&lane, &small);
	assert_int_equal(lane.window, 3);
	small.inflight_max = 0;
	lane_init(&lane, &small);
	assert_int_equal(lane.window, 1);
}

static void doubles_each_round_trip_up_to_the_limit(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	static const int want[] = {16, 32, 64, 64};
	for (int round = 0; round < 4; round++) {
		int64_t now_ms = T0 + round * 20;
		lane_fill(&lane, now_ms);
		assert_int_equal(lane.inflight, want[round]);
		while (lane.inflight > 0)
			assert_int_equal(lane_end(&lane, LANE_OK, 20, 0, now_ms + 20), LANE_SAME);
	}
}

static void halves_once_for_one_round_trip_of_errors(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	lane_fill(&lane, T0);
	for (int i = 0; lane.inflight > 0; i++)
		assert_int_equal(lane_end(&lane, LANE_BUSY, 20 + i, 0, T0 + 20 + i), LANE_SAME);
	assert_int_equal(lane.window, 8);

	lane_fill(&lane, T0 + 100);
	while (lane.inflight > 0)
		lane_end(&lane, LANE_BUSY, 20, 0, T0 + 120);
	assert_int_equal(lane.window, 4);
}

static void halves_once_within_a_millisecond(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	lane_feed(&lane, LANE_BUSY, 3, T0);
	assert_int_equal(lane.window, 8);
	lane_feed(&lane, LANE_BUSY, 3, T0 + 1);
	assert_int_equal(lane.window, 4);
}

static void never_falls_below_one(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	for (int i = 0; i < 100; i++)
		lane_feed(&lane, LANE_BUSY, 1, T0 + i);
	assert_int_equal(lane.window, 1);
	assert_true(lane_may_start(&lane, T0 + 100));
}

static void starts_no_more_a_second_than_its_rate(void **state) {
	(void)state;
	struct lane_limits limited = limits;
	struct lane lane;
	limited.rate_per_s = 5;
	lane_init(&lane, &limited);
	for (int i = 0; i < 5; i++) {
		assert_true(lane_may_start(&lane, T0));
		assert_int_equal(lane_wake_ms(&lane, T0), INT64_MAX);
		lane_begin(&lane, T0);
	}
	assert_false(lane_may_start(&lane, T0));
	assert_false(lane_gives_up(&lane, T0 + 199));
	assert_int_equal(lane_wake_ms(&lane, T0), T0 + 200);
	assert_false(lane_may_start(&lane, T0 + 199));
	assert_true(lane_may_start(&lane, T0 + 200));
}

static void a_probe_counts_for_the_rate_too(void **state) {
	(void)state;
	struct lane_limits limited = limits;
	struct lane lane;
	limited.rate_per_s = 0.1;
	lane_init(&lane, &limited);
	lane_begin(&lane, T0);
	lane.open = true;
	lane.probe_at_ms = T0 + 1000;
	assert_false(lane_may_start(&lane, T0 + 1000));
	assert_true(lane_may_start(&lane, T0 + 10000));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(starts_with_sixteen_in_flight),
		cmocka_unit_test(a_small_node_inflight_bounds_the_start),
		cmocka_unit_test(doubles_each_round_trip_up_to_the_limit),
		cmocka_unit_test(halves_once_for_one_round_trip_of_errors),
		cmocka_unit_test(halves_once_within_a_millisecond),
		cmocka_unit_test(never_falls_below_one),
		cmocka_unit_test(starts_no_more_a_second_than_its_rate),
		cmocka_unit_test(a_probe_counts_for_the_rate_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
