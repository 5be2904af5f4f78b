// SPDX-License-Identifier: MPL-2.0
// lane_breaker_test: when a node gets nothing any more, as it does not answer or denies, and when
// it is tried again.
#include "support/lane_fixture.h"
#include "support/test.h"

#include "worker/calls/lane.h"

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

static void a_share_of_busy_answers_never_opens_the_breaker(void **state) {
	(void)state;
	struct lane lane = lane_fresh();
	for (int i = 0; i < 100; i++) {
		lane_feed(&lane, LANE_BUSY, 9, T0 + i * 1000);
		lane_feed(&lane, LANE_OK, 1, T0 + i * 1000);
		assert_false(lane.open);
	}
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

int main(void) {
	const struct CMUnitTest tests[] = {
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
		cmocka_unit_test(a_share_of_busy_answers_never_opens_the_breaker),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
