// SPDX-License-Identifier: MPL-2.0
// schedule_test: when a pass starts.
#include "support/test.h"

#include "producer/schedule.h"

static const struct schedule_options options = {
	.interval_ms = 1000, .jitter = 0.3, .at_start = true};

static void the_first_pass_is_due_at_once(void **state) {
	(void)state;
	struct schedule schedule;
	schedule_init(&schedule, &options, 50);
	assert_true(schedule_is_due(&schedule, 50));
}

static void the_first_pass_may_wait_for_the_interval(void **state) {
	(void)state;
	struct schedule schedule;
	schedule_init(&schedule, &(struct schedule_options){.interval_ms = 1000}, 50);
	assert_int_equal(schedule_due_ms(&schedule), 1050);
	assert_false(schedule_is_due(&schedule, 1049));
	assert_true(schedule_is_due(&schedule, 1050));
	schedule_request(&schedule, false);
	assert_true(schedule_is_due(&schedule, 51));
}

static void without_an_interval_the_first_pass_may_be_asked_for_too(void **state) {
	(void)state;
	struct schedule schedule;
	schedule_init(&schedule, &(struct schedule_options){.interval_ms = 0}, 50);
	assert_int_equal(schedule_due_ms(&schedule), INT64_MAX);
	assert_int_equal(schedule_wait_ms(&schedule, 50), -1);
	schedule_request(&schedule, false);
	assert_true(schedule_is_due(&schedule, 51));
	assert_int_equal(schedule_wait_ms(&schedule, 51), 0);
}

static void never_two_at_once(void **state) {
	(void)state;
	struct schedule schedule;
	schedule_init(&schedule, &options, 0);
	schedule_began(&schedule, 0);
	schedule_request(&schedule, false);
	assert_false(schedule_is_due(&schedule, 1000000));
	assert_int_equal(schedule_due_ms(&schedule), INT64_MAX);
}

static void many_requests_become_one_follow_up(void **state) {
	(void)state;
	struct schedule schedule;
	schedule_init(&schedule, &options, 0);
	schedule_began(&schedule, 0);
	for (int i = 0; i < 5; i++)
		schedule_request(&schedule, false);
	schedule_ended(&schedule, 10, 0.5);
	assert_true(schedule_is_due(&schedule, 10));
	schedule_began(&schedule, 0);
	schedule_ended(&schedule, 20, 0.5);
	assert_false(schedule_is_due(&schedule, 20));
}

static void the_interval_varies_by_the_jitter(void **state) {
	(void)state;
	struct schedule schedule;
	schedule_init(&schedule, &options, 0);
	schedule_began(&schedule, 0);
	schedule_ended(&schedule, 100, 0.0);
	assert_int_in_range(schedule_due_ms(&schedule), 799, 801);
	schedule_began(&schedule, 0);
	schedule_ended(&schedule, 100, 0.5);
	assert_int_in_range(schedule_due_ms(&schedule), 1099, 1101);
	schedule_began(&schedule, 0);
	schedule_ended(&schedule, 100, 0.999999);
	assert_int_in_range(schedule_due_ms(&schedule), 1398, 1400);
}

static void without_a_jitter_it_is_exact(void **state) {
	(void)state;
	struct schedule schedule;
	schedule_init(
		&schedule, &(struct schedule_options){.interval_ms = 1000, .at_start = true}, 0
	);
	schedule_began(&schedule, 0);
	schedule_ended(&schedule, 100, 0.0);
	assert_int_equal(schedule_due_ms(&schedule), 1100);
	schedule_began(&schedule, 0);
	schedule_ended(&schedule, 100, 0.999999);
	assert_int_equal(schedule_due_ms(&schedule), 1100);
}

static void without_an_interval_the_next_pass_is_asked_for(void **state) {
	(void)state;
	struct schedule schedule;
	schedule_init(&schedule, &(struct schedule_options){.jitter = 0.3, .at_start = true}, 50);
	assert_true(schedule_is_due(&schedule, 50));
	schedule_began(&schedule, 0);
	schedule_ended(&schedule, 100, 0.5);
	assert_int_equal(schedule_due_ms(&schedule), INT64_MAX);
	assert_false(schedule_is_due(&schedule, INT64_MAX - 1));
	schedule_request(&schedule, false);
	assert_true(schedule_is_due(&schedule, 101));
	schedule_began(&schedule, 0);
	schedule_ended(&schedule, 200, 0.5);
	assert_false(schedule_is_due(&schedule, INT64_MAX - 1));
}

static void a_failed_pass_without_an_interval_is_tried_again(void **state) {
	(void)state;
	struct schedule schedule;
	schedule_init(&schedule, &(struct schedule_options){.jitter = 0.3, .at_start = true}, 0);
	schedule_began(&schedule, 0);
	schedule_ended(&schedule, 100, 0.5);
	schedule_again(&schedule, 100, 10);
	assert_int_equal(schedule_due_ms(&schedule), 110);
}

static void a_failed_pass_is_due_again_earlier_but_not_later(void **state) {
	(void)state;
	struct schedule schedule;
	schedule_init(&schedule, &options, 0);
	schedule_began(&schedule, 0);
	schedule_ended(&schedule, 100, 0.5);
	schedule_again(&schedule, 100, 5000);
	assert_int_equal(schedule_due_ms(&schedule), 1100);
	schedule_again(&schedule, 100, 10);
	assert_int_equal(schedule_due_ms(&schedule), 110);
	assert_false(schedule_is_due(&schedule, 109));
	assert_true(schedule_is_due(&schedule, 110));
	schedule_began(&schedule, 0);
	schedule_ended(&schedule, 110, 0.5);
	assert_int_equal(schedule_due_ms(&schedule), 1110);
}

static void a_pass_that_could_not_begin_waits_however_short_the_interval(void **state) {
	(void)state;
	struct schedule schedule;
	schedule_init(&schedule, &(struct schedule_options){.at_start = true}, 0);
	schedule_began(&schedule, 0);
	schedule_put_off(&schedule, 100, 1000);
	assert_int_equal(schedule_due_ms(&schedule), 1100);
	assert_false(schedule_is_due(&schedule, 1099));
	assert_true(schedule_is_due(&schedule, 1100));
}

static void requests_of_both_kinds_become_one_whole_follow_up(void **state) {
	(void)state;
	struct schedule schedule;
	schedule_init(&schedule, &options, 0);
	schedule_began(&schedule, 0);
	for (int i = 0; i < 100; i++)
		schedule_request(&schedule, i % 3 != 1);
	schedule_ended(&schedule, 10, 0.5);
	assert_true(schedule_is_due(&schedule, 10));
	assert_false(schedule_began(&schedule, 10));
	schedule_ended(&schedule, 20, 0.5);
	assert_false(schedule_is_due(&schedule, 20));
	assert_int_equal(schedule_due_ms(&schedule), 1020);
}

static void requests_for_short_ones_become_a_short_follow_up(void **state) {
	(void)state;
	struct schedule schedule;
	schedule_init(&schedule, &options, 0);
	assert_false(schedule_began(&schedule, 0));
	for (int i = 0; i < 100; i++)
		schedule_request(&schedule, true);
	schedule_ended(&schedule, 10, 0.5);
	assert_true(schedule_is_due(&schedule, 10));
	assert_true(schedule_began(&schedule, 10));
	assert_false(schedule_is_due(&schedule, 11));
	schedule_ended(&schedule, 20, 0.5);
	assert_false(schedule_is_due(&schedule, 20));
}

static void a_short_pass_does_not_put_off_the_whole_one(void **state) {
	(void)state;
	struct schedule schedule;
	schedule_init(&schedule, &options, 0);
	schedule_began(&schedule, 0);
	schedule_ended(&schedule, 10, 0.5);
	schedule_request(&schedule, true);
	assert_true(schedule_began(&schedule, 500));
	schedule_ended(&schedule, 900, 0.5);
	assert_int_equal(schedule_due_ms(&schedule), 1010);
	schedule_request(&schedule, true);
	assert_false(schedule_began(&schedule, 1010));
}

static void a_short_pass_that_failed_is_tried_again_as_one(void **state) {
	(void)state;
	struct schedule schedule;
	schedule_init(&schedule, &options, 0);
	schedule_began(&schedule, 0);
	schedule_ended(&schedule, 10, 0.5);
	schedule_request(&schedule, true);
	assert_true(schedule_began(&schedule, 20));
	schedule_ended(&schedule, 30, 0.5);
	schedule_again(&schedule, 30, 10);
	assert_int_equal(schedule_due_ms(&schedule), 40);
	assert_true(schedule_began(&schedule, 40));
	schedule_put_off(&schedule, 50, 100);
	assert_int_equal(schedule_due_ms(&schedule), 150);
	assert_true(schedule_began(&schedule, 150));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_pass_is_due_at_once),
		cmocka_unit_test(the_first_pass_may_wait_for_the_interval),
		cmocka_unit_test(without_an_interval_the_first_pass_may_be_asked_for_too),
		cmocka_unit_test(never_two_at_once),
		cmocka_unit_test(many_requests_become_one_follow_up),
		cmocka_unit_test(the_interval_varies_by_the_jitter),
		cmocka_unit_test(without_a_jitter_it_is_exact),
		cmocka_unit_test(without_an_interval_the_next_pass_is_asked_for),
		cmocka_unit_test(a_failed_pass_without_an_interval_is_tried_again),
		cmocka_unit_test(a_failed_pass_is_due_again_earlier_but_not_later),
		cmocka_unit_test(a_pass_that_could_not_begin_waits_however_short_the_interval),
		cmocka_unit_test(requests_of_both_kinds_become_one_whole_follow_up),
		cmocka_unit_test(requests_for_short_ones_become_a_short_follow_up),
		cmocka_unit_test(a_short_pass_does_not_put_off_the_whole_one),
		cmocka_unit_test(a_short_pass_that_failed_is_tried_again_as_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
