// SPDX-License-Identifier: MPL-2.0
// rounds_test: a loop that always has something to do takes no processor of its own.
#include "cli/admin/rounds.h"

#include "support/test.h"

static void few_rounds_wait_for_nothing(void **state) {
	struct rounds rounds = {0};
	(void)state;
	for (int64_t now_ms = 5000; now_ms < 60000; now_ms += 2)
		assert_int_equal(rounds_rest_ms(&rounds, now_ms), 0);
}

static void rounds_without_end_are_so_many_in_a_second(void **state) {
	struct rounds rounds = {0};
	int64_t now_ms = 5000;
	int made = 0;
	(void)state;
	for (; now_ms < 6000; made++)
		now_ms += rounds_rest_ms(&rounds, now_ms);
	assert_int_equal(made, 10 * ROUNDS_MOST);
}

static void the_rest_is_what_is_left_of_the_time(void **state) {
	struct rounds rounds = {0};
	(void)state;
	assert_int_equal(rounds_rest_ms(&rounds, 1000), 0);
	for (int i = 2; i < ROUNDS_MOST; i++)
		assert_int_equal(rounds_rest_ms(&rounds, 1040), 0);
	assert_int_equal(rounds_rest_ms(&rounds, 1040), ROUNDS_MS - 40);
	assert_int_equal(rounds_rest_ms(&rounds, 1100), 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_rounds_wait_for_nothing),
		cmocka_unit_test(rounds_without_end_are_so_many_in_a_second),
		cmocka_unit_test(the_rest_is_what_is_left_of_the_time),
	};

	return cmocka_run_group_tests_name("rounds", tests, NULL, NULL);
}
