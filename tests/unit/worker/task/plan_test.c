// SPDX-License-Identifier: MPL-2.0
// plan_test: a dry run's counts.
#include "support/test.h"

#include "worker/task/plan.h"

#include <stdio.h>

static int add(
	struct plan *plan, const char *outcome, const char *where, int64_t at, int64_t count
) {
	return plan_add(plan, outcome, where, &(struct plan_rows){count, at, at});
}

static void takes_the_least_and_the_greatest_time_of_all_rows(void **state) {
	(void)state;
	struct plan *plan = plan_new();
	assert_int_equal(plan_add(plan, "row", NULL, &(struct plan_rows){2, 5, 6}), 0);
	assert_int_equal(plan_add(plan, "row", NULL, &(struct plan_rows){500, 4, 90}), 0);
	assert_int_equal(plan_add(plan, "row", NULL, &(struct plan_rows){3, 7, 8}), 0);
	assert_int_equal(plan_line(plan, 0)->oldest_at, 4);
	assert_int_equal(plan_line(plan, 0)->newest_at, 90);
	plan_free(plan);
}

static void counts_by_outcome_and_node_in_order(void **state) {
	(void)state;
	struct plan *plan = plan_new();
	assert_int_equal(add(plan, "row", NULL, 7, 1), 0);
	assert_int_equal(add(plan, "node and row", "b", 5, 1), 0);
	assert_int_equal(add(plan, "node and row", "a", 3, 1), 0);
	assert_int_equal(add(plan, "node and row", "b", 2, 1), 0);
	assert_int_equal(add(plan, "node and row", "b", 9, 5), 0);
	assert_int_equal(plan_count(plan), 3);
	assert_string_equal(plan_line(plan, 0)->where, "a");
	const struct plan_line *line = plan_line(plan, 1);
	assert_string_equal(line->where, "b");
	assert_int_equal(line->count, 7);
	assert_int_equal(line->oldest_at, 2);
	assert_int_equal(line->newest_at, 9);
	assert_string_equal(plan_line(plan, 2)->outcome, "row");
	assert_string_equal(plan_line(plan, 2)->where, "");
	plan_clear(plan);
	assert_int_equal(plan_count(plan), 0);
	plan_free(plan);
}

static void holds_many_nodes(void **state) {
	(void)state;
	struct plan *plan = plan_new();
	char node[16];
	for (int i = 999; i >= 0; i--) {
		snprintf(node, sizeof(node), "n%03d", i);
		assert_int_equal(add(plan, "row", node, i, 1), 0);
	}
	assert_int_equal(plan_count(plan), 1000);
	assert_string_equal(plan_line(plan, 0)->where, "n000");
	assert_string_equal(plan_line(plan, 999)->where, "n999");
	plan_free(plan);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_by_outcome_and_node_in_order),
		cmocka_unit_test(takes_the_least_and_the_greatest_time_of_all_rows),
		cmocka_unit_test(holds_many_nodes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
