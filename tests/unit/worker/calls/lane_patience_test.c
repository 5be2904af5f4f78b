// SPDX-License-Identifier: MPL-2.0
// lane_patience_test: how long a node is left alone that asked for it, and how long those wait who
// want to send to it.
#include "support/lane_fixture.h"
#include "support/test.h"

#include "worker/calls/lane.h"

// Hold

static void a_hold_stops_new_requests_until_it_ends(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	lane_begin(&lane, T0);
	lane_begin(&lane, T0);
	lane_end(&lane, LANE_BUSY, 0, 3000, T0);
	assert_false(lane_may_start(&lane, T0 + 2999));
	assert_true(lane_may_start(&lane, T0 + 3000));
	lane_end(&lane, LANE_BUSY, 0, 1000, T0);
	assert_false(lane_may_start(&lane, T0 + 2999));
}

static void a_success_can_ask_for_a_hold_too(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	lane_begin(&lane, T0);
	lane_end(&lane, LANE_OK, 0, 3000, T0);
	assert_false(lane_may_start(&lane, T0 + 2999));
	assert_int_equal(lane.blocked_since_ms, T0);
	lane_feed(&lane, LANE_OK, 1, T0 + 3000);
	assert_int_equal(lane.blocked_since_ms, 0);
}

static void a_hostile_hold_does_not_overflow(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	lane_begin(&lane, T0);
	lane_end(&lane, LANE_OK, 0, INT64_MAX, T0);
	assert_false(lane_may_start(&lane, INT64_MAX - 1));
	assert_true(lane_gives_up(&lane, T0));
}

// Patience

static void waiters_leave_a_dead_node_after_their_patience(void **state) {
	(void)state;
	struct lane lane = lane_opened(T0);
	lane_begin(&lane, T0 + 1000);
	assert_false(lane_gives_up(&lane, T0 + 19999));
	assert_true(lane_gives_up(&lane, T0 + 20000));
}

static void the_first_waiter_becomes_the_probe_instead(void **state) {
	(void)state;
	struct lane lane = lane_opened(T0);
	assert_true(lane_may_start(&lane, T0 + 30000));
	assert_false(lane_gives_up(&lane, T0 + 30000));
	lane_begin(&lane, T0 + 30000);
	assert_true(lane_gives_up(&lane, T0 + 30000));
}

static void waiters_stay_for_a_probe_that_began_a_moment_ago(void **state) {
	(void)state;
	struct lane_limits patient = limits;
	struct lane lane = lane_opened(T0);
	int64_t late_ms = T0 + 3600 * 1000;
	patient.probe_patience_ms = 2000;
	lane.limits = &patient;
	lane_begin(&lane, late_ms);
	assert_false(lane_gives_up(&lane, late_ms + 1999));
	assert_int_equal(lane_wake_ms(&lane, late_ms), late_ms + 2000);
	assert_true(lane_gives_up(&lane, late_ms + 2000));
	lane_end(&lane, LANE_BROKEN, 5, 0, late_ms + 5);
	assert_true(lane_gives_up(&lane, late_ms + 5));
}

static void they_do_in_a_stopped_lane_too(void **state) {
	(void)state;
	struct lane_limits patient = limits;
	struct lane lane = lane_fresh();
	patient.probe_patience_ms = 2000;
	patient.stopped_probe_ms = 60000;
	lane.limits = &patient;
	assert_int_equal(lane_feed(&lane, LANE_DENIED, limits.denied_rows, T0), LANE_STOPPED);
	assert_true(lane_gives_up(&lane, T0 + 1));
	lane_begin(&lane, T0 + 60000);
	assert_false(lane_gives_up(&lane, T0 + 61999));
	assert_int_equal(lane_wake_ms(&lane, T0 + 60000), T0 + 62000);
	assert_true(lane_gives_up(&lane, T0 + 62000));
}

static void waiters_outwait_a_hold_that_ends_in_time(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	lane_begin(&lane, T0);
	lane_end(&lane, LANE_BUSY, 0, 40000, T0);
	assert_false(lane_gives_up(&lane, T0 + 39999));
	assert_false(lane_gives_up(&lane, T0 + 40000));
	assert_true(lane_may_start(&lane, T0 + 40000));
}

static void nobody_waits_for_a_hold_that_ends_too_late(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	lane_begin(&lane, T0);
	lane_end(&lane, LANE_BUSY, 0, 60000, T0);
	assert_false(lane_gives_up(&lane, T0));
	lane_begin(&lane, T0);
	lane_end(&lane, LANE_BUSY, 0, 60001, T0);
	assert_true(lane_gives_up(&lane, T0));
}

static void holds_without_a_success_between_add_up(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	int64_t now_ms = T0;
	while (now_ms < T0 + 60000) {
		lane_begin(&lane, now_ms);
		lane_end(&lane, LANE_BUSY, 0, 7000, now_ms);
		now_ms += 7000;
	}
	assert_true(lane_gives_up(&lane, now_ms - 1));
	assert_int_equal(lane.blocked_since_ms, T0);
}

static void a_node_that_is_only_busy_is_probed_once_patience_ends(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	lane_feed(&lane, LANE_BUSY, 1, T0);
	assert_int_equal(lane_feed(&lane, LANE_BUSY, 1, T0 + limits.patience_ms - 1), LANE_SAME);
	assert_false(lane.open);
	assert_int_equal(lane_feed(&lane, LANE_BUSY, 1, T0 + limits.patience_ms), LANE_OPENED);
	assert_true(lane_gives_up(&lane, T0 + limits.patience_ms));
	assert_true(lane_may_start(&lane, T0 + limits.patience_ms + 1000));
	assert_int_equal(lane_feed(&lane, LANE_OK, 1, T0 + limits.patience_ms + 1000), LANE_BACK);
	assert_false(lane_gives_up(&lane, T0 + limits.patience_ms + 1000));
}

static void wakes_when_something_is_due(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	assert_int_equal(lane_wake_ms(&lane, T0), INT64_MAX);
	lane_fill(&lane, T0);
	assert_int_equal(lane_wake_ms(&lane, T0), INT64_MAX);

	lane = lane_opened(T0);
	assert_int_equal(lane_wake_ms(&lane, T0 + 1), T0 + 1000);
	lane_begin(&lane, T0 + 1000);
	assert_int_equal(lane_wake_ms(&lane, T0 + 1000), T0 + 20000);
	assert_int_equal(lane_wake_ms(&lane, T0 + 20005), T0 + 20005);
	lane_end(&lane, LANE_BROKEN, 20000, 0, T0 + 21000);
	assert_true(lane_may_start(&lane, T0 + 22000));
	assert_int_equal(lane_wake_ms(&lane, T0 + 22000), INT64_MAX);

	lane = lane_fresh();
	lane_begin(&lane, T0);
	lane_end(&lane, LANE_BUSY, 0, 3000, T0);
	assert_int_equal(lane_wake_ms(&lane, T0), T0 + 3000);
	lane_feed(&lane, LANE_BROKEN, 5, T0 + 2500);
	assert_int_equal(lane_wake_ms(&lane, T0 + 2500), T0 + 3500);

	lane = lane_fresh();
	lane_begin(&lane, T0);
	lane_end(&lane, LANE_BUSY, 0, 3600000, T0);
	assert_int_equal(lane_wake_ms(&lane, T0), T0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hold_stops_new_requests_until_it_ends),
		cmocka_unit_test(a_success_can_ask_for_a_hold_too),
		cmocka_unit_test(a_hostile_hold_does_not_overflow),
		cmocka_unit_test(waiters_leave_a_dead_node_after_their_patience),
		cmocka_unit_test(the_first_waiter_becomes_the_probe_instead),
		cmocka_unit_test(waiters_stay_for_a_probe_that_began_a_moment_ago),
		cmocka_unit_test(they_do_in_a_stopped_lane_too),
		cmocka_unit_test(waiters_outwait_a_hold_that_ends_in_time),
		cmocka_unit_test(nobody_waits_for_a_hold_that_ends_too_late),
		cmocka_unit_test(holds_without_a_success_between_add_up),
		cmocka_unit_test(a_node_that_is_only_busy_is_probed_once_patience_ends),
		cmocka_unit_test(wakes_when_something_is_due),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
