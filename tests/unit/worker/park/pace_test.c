// SPDX-License-Identifier: MPL-2.0
// pace_test: how many may be in work when records go at a rate.
#include "support/test.h"

#include "worker/park/pace.h"

static void without_a_rate_the_window_is_the_limit(void **state) {
	(void)state;
	const struct pace_limits limits = {.window = 1000, .patience_ms = 10000};
	assert_int_equal(pace_window(&limits), 1000);
}

static void what_goes_in_half_of_the_patience_is_taken_in(void **state) {
	(void)state;
	struct pace_limits limits = {.window = 1000, .patience_ms = 10000, .max_rate = 20};
	assert_int_equal(pace_window(&limits), 100);
	limits.patience_ms = 0; // two seconds at least
	assert_int_equal(pace_window(&limits), 20);
	limits.max_rate = 0.1;
	assert_int_equal(pace_window(&limits), 1);
}

static void a_rate_of_each_node_is_one_of_all(void **state) {
	(void)state;
	struct pace_limits limits = {.window = 1000, .patience_ms = 10000, .node_rate = 2};
	assert_int_equal(pace_window(&limits), 10);
	limits.nodes = 7;
	assert_int_equal(pace_window(&limits), 70);
	limits.max_rate = 4; // the less counts
	assert_int_equal(pace_window(&limits), 20);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_rate_the_window_is_the_limit),
		cmocka_unit_test(what_goes_in_half_of_the_patience_is_taken_in),
		cmocka_unit_test(a_rate_of_each_node_is_one_of_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
