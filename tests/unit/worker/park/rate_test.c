// SPDX-License-Identifier: MPL-2.0
// rate_test: never more than one second's worth at once, never more than the rate in the long run.
#include "support/test.h"

#include "worker/park/rate.h"

#include <stdlib.h>

enum { T0 = 1000000 };

// How many may go at this moment.
static int take_all(struct rate *rate, double per_s, int64_t now_ms) {
	int count = 0;

	while (count < 10000 && rate_has(rate, per_s, now_ms)) {
		rate_take(rate, per_s, 1, now_ms);
		count++;
	}
	return count;
}

static void no_limit_is_none(void **state) {
	(void)state;
	struct rate rate = {0};
	assert_int_equal(take_all(&rate, 0, T0), 10000);
	assert_int_equal(rate_due_ms(&rate, 0, T0), T0);
}

static void holds_one_second_of_its_rate(void **state) {
	(void)state;
	struct rate rate = {0};
	assert_int_equal(take_all(&rate, 50, T0), 50);
	assert_int_equal(take_all(&rate, 50, T0), 0);
	assert_int_equal(take_all(&rate, 50, T0 + 100), 5);
	assert_int_equal(take_all(&rate, 50, T0 + 100000), 50);
}

static void a_rate_below_one_lets_one_go_at_a_time(void **state) {
	(void)state;
	struct rate rate = {0};
	assert_int_equal(take_all(&rate, 0.1, T0), 1);
	assert_int_equal(rate_due_ms(&rate, 0.1, T0), T0 + 10000);
	assert_int_equal(take_all(&rate, 0.1, T0 + 9999), 0);
	assert_int_equal(take_all(&rate, 0.1, T0 + 10000), 1);
}

static void who_waits_until_it_is_due_may_go(void **state) {
	(void)state;
	double per_s = 0.01;
	for (int rates = 0; rates < 40; rates++) {
		struct rate rate = {0};
		int64_t now_ms = T0;

		per_s *= 1.37;

		for (int i = 0; i < 100; i++) {
			int64_t due_ms;

			take_all(&rate, per_s, now_ms);
			due_ms = rate_due_ms(&rate, per_s, now_ms);
			assert_true(due_ms > now_ms);
			assert_false(rate_has(&rate, per_s, now_ms));
			assert_true(rate_has(&rate, per_s, due_ms));
			now_ms = due_ms;
		}
	}
}

static void what_was_taken_ahead_is_waited_for(void **state) {
	(void)state;
	struct rate rate = {0};
	rate_take(&rate, 10, 500, T0);
	assert_int_equal(rate_due_ms(&rate, 10, T0), T0 + 49100);
	assert_false(rate_has(&rate, 10, T0 + 49000));
	assert_true(rate_has(&rate, 10, T0 + 49100));
}

static void in_no_stretch_of_time_does_more_go_than_rate_and_bucket_allow(void **state) {
	(void)state;
	enum { MOMENTS = 400 };
	struct rate rate = {0};
	int64_t at_ms[MOMENTS], now_ms = T0;
	int went[MOMENTS];
	for (int i = 0; i < MOMENTS; i++) {
		now_ms += rand() % 200;
		at_ms[i] = now_ms;
		went[i] = take_all(&rate, 20, now_ms);
	}
	for (int first = 0; first < MOMENTS; first++) {
		int sum = 0;

		for (int last = first; last < MOMENTS; last++) {
			sum += went[last];
			assert_true(sum <= 20 + (at_ms[last] - at_ms[first]) * 20 / 1000 + 1);
		}
	}
}

static void a_rate_that_changes_counts_from_then_on(void **state) {
	(void)state;
	struct rate rate = {0};
	assert_int_equal(take_all(&rate, 90, T0), 90);
	assert_int_equal(take_all(&rate, 30, T0), 0);
	assert_int_equal(take_all(&rate, 30, T0 + 500), 15);
	assert_int_equal(take_all(&rate, 30, T0 + 3000), 30);
}

static void one_that_falls_or_rises_much_keeps_nobody_waiting_for_longer_than_a_bucket(void **state
) {
	(void)state;
	struct rate rate = {0};
	assert_int_equal(take_all(&rate, 10000, T0), 10000);
	assert_int_equal(rate_due_ms(&rate, 1, T0), T0 + 1000);
	assert_int_equal(take_all(&rate, 0.001, T0 + 2000000), 1);
	assert_int_equal(rate_due_ms(&rate, 0.001, T0 + 2000000), T0 + 3000000);
	assert_int_equal(rate_due_ms(&rate, 100, T0 + 2000000), T0 + 2000010);
	assert_int_equal(take_all(&rate, 100, T0 + 2001000), 100);
}

static void what_was_taken_ahead_is_owed_by_another_rate_too(void **state) {
	(void)state;
	struct rate rate = {0};
	rate_take(&rate, 5, 500, T0);
	assert_int_equal(rate_due_ms(&rate, 5, T0), T0 + 99200);
	for (int i = 0; i < 10; i++)
		assert_false(rate_has(&rate, i % 2 == 0 ? 5.1 : 5, T0 + 90000));
	assert_int_equal(rate_due_ms(&rate, 10, T0), T0 + 49600);
	// Whoever takes by the new rate owes the rest.
	rate_take(&rate, 10, 1, T0 + 40000);
	assert_int_equal(rate_due_ms(&rate, 10, T0 + 40000), T0 + 49700);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_limit_is_none),
		cmocka_unit_test(holds_one_second_of_its_rate),
		cmocka_unit_test(a_rate_below_one_lets_one_go_at_a_time),
		cmocka_unit_test(who_waits_until_it_is_due_may_go),
		cmocka_unit_test(what_was_taken_ahead_is_waited_for),
		cmocka_unit_test(in_no_stretch_of_time_does_more_go_than_rate_and_bucket_allow),
		cmocka_unit_test(a_rate_that_changes_counts_from_then_on),
		cmocka_unit_test(what_was_taken_ahead_is_owed_by_another_rate_too),
		cmocka_unit_test(
			one_that_falls_or_rises_much_keeps_nobody_waiting_for_longer_than_a_bucket
		),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
