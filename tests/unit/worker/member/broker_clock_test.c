// SPDX-License-Identifier: MPL-2.0
// broker_clock_test: a record waits by the clock of who stamped it.
#include "support/test.h"

#include "worker/member/broker_clock.h"

enum { MONO = 5000, DELAY_MS = 60000 };
static const int64_t wall = 1800000000000; // the brokers', at MONO

static void goes_on_from_the_last_stamp(void **state) {
	struct broker_clock clock = {.is_known = false};

	(void)state;
	broker_clock_set(&clock, wall, MONO);
	assert_true(clock.is_known);
	assert_int_equal(broker_clock_now(&clock, MONO), wall);
	assert_int_equal(broker_clock_now(&clock, MONO + 1234), wall + 1234);
}

static void is_set_back_by_a_newer_stamp(void **state) {
	struct broker_clock clock = {.is_known = false};

	(void)state;
	broker_clock_set(&clock, wall, MONO);
	broker_clock_set(&clock, wall - DELAY_MS, MONO + 1000);
	assert_int_equal(broker_clock_now(&clock, MONO + 2000), wall - DELAY_MS + 1000);
}

static void a_record_waits_its_delay_by_the_brokers(void **state) {
	const struct broker_wait wait = {.stamp_ms = wall - 40000, .read_ms = MONO};

	(void)state;
	assert_int_equal(broker_wait_left_ms(&wait, DELAY_MS, wall, MONO), 20000);
	assert_int_equal(broker_wait_left_ms(&wait, DELAY_MS, wall + 20000, MONO + 20000), 0);
	assert_int_equal(broker_wait_left_ms(&wait, DELAY_MS, wall + 30000, MONO + 30000), -10000);
}

static void a_record_that_was_just_stamped_waits_the_whole_delay(void **state) {
	const struct broker_wait wait = {.stamp_ms = wall, .read_ms = MONO};

	(void)state;
	assert_int_equal(broker_wait_left_ms(&wait, DELAY_MS, wall, MONO), DELAY_MS);
}

static void no_record_waits_longer_than_its_delay_once_it_was_read(void **state) {
	const struct broker_wait ahead = {.stamp_ms = wall + 3600000, .read_ms = MONO};
	const struct broker_wait unstamped = {.stamp_ms = -1, .read_ms = MONO};

	(void)state;
	assert_int_equal(broker_wait_left_ms(&ahead, DELAY_MS, wall, MONO), DELAY_MS);
	assert_int_equal(broker_wait_left_ms(&ahead, DELAY_MS, wall, MONO + DELAY_MS), 0);
	assert_int_equal(broker_wait_left_ms(&unstamped, DELAY_MS, wall, MONO + 1), DELAY_MS - 1);
}

static void a_time_that_is_not_known_counts_for_nothing(void **state) {
	const struct broker_wait wait = {.stamp_ms = wall - DELAY_MS, .read_ms = MONO};

	(void)state;
	assert_int_equal(
		broker_wait_left_ms(&wait, DELAY_MS, BROKER_TIME_UNKNOWN, MONO + 10), DELAY_MS - 10
	);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_on_from_the_last_stamp),
		cmocka_unit_test(is_set_back_by_a_newer_stamp),
		cmocka_unit_test(a_record_waits_its_delay_by_the_brokers),
		cmocka_unit_test(a_record_that_was_just_stamped_waits_the_whole_delay),
		cmocka_unit_test(no_record_waits_longer_than_its_delay_once_it_was_read),
		cmocka_unit_test(a_time_that_is_not_known_counts_for_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
