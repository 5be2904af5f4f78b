// SPDX-License-Identifier: MPL-2.0
// again_test: when a pass is tried again that failed.
#include "support/test.h"

#include "producer/again.h"

enum { INTERVAL_MS = 3600 * 1000, NOW_MS = 7 };

// How long after its end the next pass is due.
static int64_t after_pass(struct again *again, int64_t interval_ms, bool failed) {
	const struct schedule_options options = {.interval_ms = interval_ms, .jitter = 0.3};
	struct schedule schedule;

	schedule_init(&schedule, &options, 0);
	schedule_began(&schedule, 0);
	schedule_ended(&schedule, NOW_MS, 0.5);
	again_plan(again, &schedule, failed, NOW_MS);
	return schedule_due_ms(&schedule) - NOW_MS;
}

static void the_time_doubles_up_to_a_minute(void **state) {
	struct again again = {0};
	(void)state;
	assert_int_equal(after_pass(&again, INTERVAL_MS, true), 10000);
	assert_int_equal(after_pass(&again, INTERVAL_MS, true), 20000);
	assert_int_equal(after_pass(&again, INTERVAL_MS, true), 40000);
	assert_int_equal(after_pass(&again, INTERVAL_MS, true), 60000);
	assert_int_equal(after_pass(&again, INTERVAL_MS, true), 60000);
}

static void after_a_success_it_is_the_interval_and_then_short_again(void **state) {
	struct again again = {0};
	(void)state;
	after_pass(&again, INTERVAL_MS, true);
	after_pass(&again, INTERVAL_MS, true);
	assert_int_equal(after_pass(&again, INTERVAL_MS, false), INTERVAL_MS);
	assert_int_equal(after_pass(&again, INTERVAL_MS, true), 10000);
}

static void a_pass_that_is_due_earlier_stays_so(void **state) {
	struct again again = {0};
	(void)state;
	assert_int_equal(after_pass(&again, 3000, true), 3000);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_time_doubles_up_to_a_minute),
		cmocka_unit_test(after_a_success_it_is_the_interval_and_then_short_again),
		cmocka_unit_test(a_pass_that_is_due_earlier_stays_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
