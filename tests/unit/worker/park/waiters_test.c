// SPDX-License-Identifier: MPL-2.0
// waiters_test: who is due first comes first.
#include "support/test.h"

#include "worker/park/waiters.h"

#include <stdlib.h>

static void hands_out_in_the_order_of_due_times(void **state) {
	(void)state;
	enum { COUNT = 500 };
	static struct task tasks[COUNT];
	struct waiters waiters = {0};
	unsigned short seed[3] = {1, 2, 3};
	for (int i = 0; i < COUNT; i++) {
		tasks[i].due_ms = nrand48(seed) % 100;
		assert_int_equal(waiters_add(&waiters, &tasks[i]), 0);
	}
	int64_t last_ms = -1;
	for (int i = 0; i < COUNT; i++) {
		const struct task *task = waiters_take_any(&waiters);
		assert_true(task->due_ms >= last_ms);
		last_ms = task->due_ms;
	}
	assert_null(waiters_take_any(&waiters));
	waiters_fini(&waiters);
}

static void gives_nothing_before_it_is_due(void **state) {
	(void)state;
	struct task task = {.due_ms = 10};
	struct waiters waiters = {0};
	assert_int_equal(waiters_next_ms(&waiters), INT64_MAX);
	assert_int_equal(waiters_add(&waiters, &task), 0);
	assert_int_equal(waiters_next_ms(&waiters), 10);
	assert_null(waiters_take_due(&waiters, 9));
	assert_ptr_equal(waiters_take_due(&waiters, 10), &task);
	assert_null(waiters_take_due(&waiters, 11));
	waiters_fini(&waiters);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hands_out_in_the_order_of_due_times),
		cmocka_unit_test(gives_nothing_before_it_is_due),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
