// SPDX-License-Identifier: MPL-2.0
// timers_test: who is due first comes first.
#include "support/test.h"

#include "worker/park/timers.h"

#include <stdlib.h>

static void hands_out_in_the_order_of_due_times(void **state) {
	(void)state;
	enum { COUNT = 500 };
	static struct timer all[COUNT];
	struct timers timers = {0};
	unsigned short seed[3] = {1, 2, 3};
	for (int i = 0; i < COUNT; i++) {
		all[i].due_ms = nrand48(seed) % 100;
		assert_int_equal(timers_add(&timers, &all[i]), 0);
	}
	int64_t last_ms = -1;
	for (int i = 0; i < COUNT; i++) {
		const struct timer *timer = timers_take_any(&timers);
		assert_true(timer->due_ms >= last_ms);
		last_ms = timer->due_ms;
	}
	assert_null(timers_take_any(&timers));
	timers_fini(&timers);
}

static void gives_nothing_before_it_is_due(void **state) {
	(void)state;
	struct timer timer = {.due_ms = 10};
	struct timers timers = {0};
	assert_int_equal(timers_next_ms(&timers), INT64_MAX);
	assert_int_equal(timers_add(&timers, &timer), 0);
	assert_int_equal(timers_next_ms(&timers), 10);
	assert_null(timers_take_due(&timers, 9));
	assert_ptr_equal(timers_take_due(&timers, 10), &timer);
	assert_null(timers_take_due(&timers, 11));
	timers_fini(&timers);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hands_out_in_the_order_of_due_times),
		cmocka_unit_test(gives_nothing_before_it_is_due),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
