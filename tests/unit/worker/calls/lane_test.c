// SPDX-License-Identifier: MPL-2.0
// lane_test: how much a node may get, and when it gets nothing.
#include "support/test.h"

#include "worker/calls/lane.h"

static const struct lane_limits limits = {
	.inflight_start = 16,
	.inflight_max = 64,
	.breaker_failures = 5,
	.probe_interval_ms = 1000,
	.denied_rows = 5,
	.patience_ms = 20000,
	.hold_max_ms = 60000,
};

enum { T0 = 100000 };

static struct lane lane_fresh(void) {
	struct lane lane;
	lane_init(&lane, &limits);
	return lane;
}

// Starts and ends `count` requests one after the other, each within the millisecond `now_ms`.
// Returns the last turn.
static enum lane_turn lane_feed(
	struct lane *lane, enum lane_answer answer, int count, int64_t now_ms
) {
	enum lane_turn last = LANE_SAME;
	for (int i = 0; i < count; i++) {
		lane_begin(lane, now_ms);
		enum lane_turn turn = lane_end(lane, answer, 0, 0, now_ms);
		if (turn != LANE_SAME)
			last = turn;
	}
	return last;
}

static struct lane lane_opened(int64_t now_ms) {
	struct lane lane = lane_fresh();
	assert_int_equal(
		lane_feed(&lane, LANE_BROKEN, limits.breaker_failures, now_ms), LANE_OPENED
	);
	assert_true(lane.open);
	return lane;
}

static void lane_fill(struct lane *lane, int64_t now_ms) {
	while (lane_may_start(lane, now_ms))
		lane_begin(lane, now_ms);
}

// The window

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

// The breaker

static void opens_on_consecutive_broken_answers(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	assert_int_equal(lane_feed(&lane, LANE_BROKEN, 4, T0), LANE_SAME);
	assert_true(lane_may_start(&lane, T0));
	assert_int_equal(lane_feed(&lane, LANE_BROKEN, 1, T0), LANE_OPENED);
	assert_false(lane_may_start(&lane, T0));
	assert_int_equal(lane.blocked_since_ms, T0);
}

static void says_only_once_that_it_opened(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	lane_fill(&lane, T0);
	int turns = 0;
	while (lane.inflight > 0)
		turns += lane_end(&lane, LANE_BROKEN, 500, 0, T0 + 500) == LANE_OPENED;
	assert_int_equal(turns, 1);
}

static void any_answer_between_keeps_it_closed(void **state) {
	(void)state;
	static const enum lane_answer between[] = {LANE_OK, LANE_NEUTRAL, LANE_BUSY, LANE_DENIED};
	for (size_t i = 0; i < 4; i++) {
		struct lane lane = lane_fresh();
		lane_feed(&lane, LANE_BROKEN, 4, T0);
		lane_feed(&lane, between[i], 1, T0);
		assert_int_equal(lane_feed(&lane, LANE_BROKEN, 4, T0), LANE_SAME);
		assert_false(lane.open);
	}
}

static void never_opens_on_a_share_of_5xx(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	for (int i = 0; i < 1000; i++)
		assert_int_equal(lane_feed(&lane, LANE_BUSY, 1, T0 + i), LANE_SAME);
	assert_false(lane.open);
	assert_int_equal(lane.blocked_since_ms, 0);
	assert_false(lane_gives_up(&lane, T0 + 1000000));
}

static void probes_once_a_second_one_at_a_time(void **state) {
	(void)state;
	struct lane lane = lane_opened(T0);
	assert_false(lane_may_start(&lane, T0 + 999));
	assert_true(lane_may_start(&lane, T0 + 1000));
	lane_begin(&lane, T0 + 1000);
	assert_false(lane_may_start(&lane, T0 + 1000));
	assert_false(lane_may_start(&lane, T0 + 9000));
	assert_int_equal(lane_end(&lane, LANE_BROKEN, 8000, 0, T0 + 9000), LANE_SAME);
	assert_false(lane_may_start(&lane, T0 + 9999));
	assert_true(lane_may_start(&lane, T0 + 10000));
	assert_int_equal(lane.blocked_since_ms, T0);
}

static void closes_at_once_after_a_success(void **state) {
	(void)state;
	struct lane lane = lane_opened(T0);
	lane_begin(&lane, T0 + 1000);
	assert_int_equal(lane_end(&lane, LANE_OK, 5, 0, T0 + 1005), LANE_BACK);
	assert_false(lane.open);
	assert_int_equal(lane.blocked_since_ms, 0);
	assert_true(lane_may_start(&lane, T0 + 1005));
	lane_fill(&lane, T0 + 1005);
	assert_int_equal(lane.inflight, 2); // from one, and one success
}

static void requests_from_before_are_not_taken_for_the_probe(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	lane_fill(&lane, T0);
	for (int i = 0; i < 5; i++)
		lane_end(&lane, LANE_BROKEN, 100, 0, T0 + 100);
	assert_true(lane.open);
	lane_begin(&lane, T0 + 1100);
	assert_true(lane.probing);
	lane_end(&lane, LANE_BROKEN, 1500, 0, T0 + 1500);
	assert_false(lane_may_start(&lane, T0 + 5000));
	lane_end(&lane, LANE_BROKEN, 3900, 0, T0 + 5000);
	assert_true(lane_may_start(&lane, T0 + 6000));
}

static void a_late_success_from_before_closes_it_too(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	lane_fill(&lane, T0);
	for (int i = 0; i < 5; i++)
		lane_end(&lane, LANE_BROKEN, 100, 0, T0 + 100);
	lane_end(&lane, LANE_OK, 300, 0, T0 + 300);
	assert_false(lane.open);
}

static void a_neutral_answer_only_shows_that_it_is_alive(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	lane_feed(&lane, LANE_DENIED, 4, T0);
	assert_int_equal(lane_feed(&lane, LANE_NEUTRAL, 10, T0), LANE_SAME);
	assert_int_equal(lane.window, 16);
	assert_int_equal(lane_feed(&lane, LANE_DENIED, 1, T0), LANE_STOPPED);

	lane = lane_opened(T0);
	lane_begin(&lane, T0 + 1000);
	assert_int_equal(lane_end(&lane, LANE_NEUTRAL, 5, 0, T0 + 1005), LANE_BACK);
	assert_false(lane.open);
	assert_int_equal(lane.blocked_since_ms, T0);
}

// Denied

static void stops_after_five_denied_rows_in_a_row(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	assert_int_equal(lane_feed(&lane, LANE_DENIED, 4, T0), LANE_SAME);
	assert_int_equal(lane_feed(&lane, LANE_DENIED, 1, T0), LANE_STOPPED);
	assert_int_equal(lane_feed(&lane, LANE_DENIED, 1, T0), LANE_SAME);
	assert_true(lane.stopped);
	assert_false(lane_may_start(&lane, T0));
	assert_true(lane_gives_up(&lane, T0));
	assert_int_equal(lane.blocked_since_ms, T0);
}

static void says_nothing_more_once_it_is_stopped(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	lane_fill(&lane, T0);
	for (int i = 0; i < 5; i++)
		lane_end(&lane, LANE_DENIED, 5, 0, T0 + 5);
	for (int i = 0; i < 6; i++)
		assert_int_equal(lane_end(&lane, LANE_BROKEN, 9, 0, T0 + 9), LANE_SAME);
	assert_int_equal(lane_end(&lane, LANE_OK, 9, 0, T0 + 9), LANE_SAME);
}

static void a_success_between_starts_the_count_anew(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	lane_feed(&lane, LANE_DENIED, 4, T0);
	lane_feed(&lane, LANE_OK, 1, T0);
	assert_int_equal(lane_feed(&lane, LANE_DENIED, 4, T0), LANE_SAME);
	assert_int_equal(lane_feed(&lane, LANE_DENIED, 1, T0), LANE_STOPPED);
}

static void errors_between_do_not(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	lane_feed(&lane, LANE_DENIED, 4, T0);
	lane_feed(&lane, LANE_BUSY, 3, T0);
	lane_feed(&lane, LANE_BROKEN, 3, T0);
	assert_int_equal(lane_feed(&lane, LANE_DENIED, 1, T0), LANE_STOPPED);
}

static void a_stopped_lane_stays_stopped(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	lane_begin(&lane, T0);
	lane_feed(&lane, LANE_DENIED, 5, T0);
	lane_end(&lane, LANE_OK, 5, 0, T0 + 5);
	assert_true(lane.stopped);
	assert_false(lane_may_start(&lane, T0 + 1000000));
	assert_true(lane_gives_up(&lane, T0 + 1000000));
	assert_int_equal(lane.blocked_since_ms, T0);
}

static void a_stopped_lane_is_probed_now_and_then_where_that_is_wanted(void **state) {
	(void)state;
	struct lane_limits patient = *lane_fresh().limits;
	struct lane lane;
	patient.stopped_probe_ms = 60000;
	lane_init(&lane, &patient);
	lane_begin(&lane, T0);
	lane_feed(&lane, LANE_DENIED, 5, T0);
	lane_end(&lane, LANE_OK, 5, 0, T0 + 5); // came late
	assert_true(lane.stopped);
	assert_false(lane_may_start(&lane, T0 + 59999));
	assert_true(lane_gives_up(&lane, T0 + 59999));
	assert_true(lane_may_start(&lane, T0 + 60000));
	assert_false(lane_gives_up(&lane, T0 + 60000));
	lane_begin(&lane, T0 + 60000);
	assert_false(lane_may_start(&lane, T0 + 60001));
	assert_true(lane_gives_up(&lane, T0 + 60001));
	assert_int_equal(lane_end(&lane, LANE_BROKEN, 5, 0, T0 + 60005), LANE_SAME);
	assert_false(lane_may_start(&lane, T0 + 60006));
	assert_true(lane_may_start(&lane, T0 + 120005));
	lane_begin(&lane, T0 + 120005);
	assert_int_equal(lane_end(&lane, LANE_OK, 5, 0, T0 + 120010), LANE_BACK);
	assert_false(lane.stopped);
	assert_true(lane_may_start(&lane, T0 + 120011));
}

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

static void a_share_of_busy_answers_never_opens_the_breaker(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	for (int i = 0; i < 100; i++) {
		lane_feed(&lane, LANE_BUSY, 9, T0 + i * 1000);
		lane_feed(&lane, LANE_OK, 1, T0 + i * 1000);
		assert_false(lane.open);
	}
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
		cmocka_unit_test(opens_on_consecutive_broken_answers),
		cmocka_unit_test(says_only_once_that_it_opened),
		cmocka_unit_test(any_answer_between_keeps_it_closed),
		cmocka_unit_test(never_opens_on_a_share_of_5xx),
		cmocka_unit_test(probes_once_a_second_one_at_a_time),
		cmocka_unit_test(closes_at_once_after_a_success),
		cmocka_unit_test(requests_from_before_are_not_taken_for_the_probe),
		cmocka_unit_test(a_late_success_from_before_closes_it_too),
		cmocka_unit_test(a_neutral_answer_only_shows_that_it_is_alive),
		cmocka_unit_test(stops_after_five_denied_rows_in_a_row),
		cmocka_unit_test(says_nothing_more_once_it_is_stopped),
		cmocka_unit_test(a_success_between_starts_the_count_anew),
		cmocka_unit_test(errors_between_do_not),
		cmocka_unit_test(a_stopped_lane_stays_stopped),
		cmocka_unit_test(a_stopped_lane_is_probed_now_and_then_where_that_is_wanted),
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
		cmocka_unit_test(a_share_of_busy_answers_never_opens_the_breaker),
		cmocka_unit_test(wakes_when_something_is_due),
		cmocka_unit_test(starts_no_more_a_second_than_its_rate),
		cmocka_unit_test(a_probe_counts_for_the_rate_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
