// SPDX-License-Identifier: MPL-2.0
// budget_test: exactly so many records and no more.
#include "support/test.h"

#include "worker/park/budget.h"

static void without_a_limit_there_is_always_a_slot(void **state) {
	(void)state;
	struct budget budget = {0};
	for (int i = 0; i < 1000; i++)
		assert_true(budget_take(&budget, 1));
	assert_false(budget_is_spent(&budget));
}

static void gives_no_more_slots_than_the_limit(void **state) {
	(void)state;
	struct budget budget = {.limit = 2};
	assert_true(budget_take(&budget, 1));
	assert_true(budget_take(&budget, 1));
	assert_false(budget_take(&budget, 1));
	assert_false(budget_is_spent(&budget));
}

static void a_slot_given_back_is_given_again(void **state) {
	(void)state;
	struct budget budget = {.limit = 1};
	assert_true(budget_take(&budget, 1));
	budget_give_back(&budget, 1);
	assert_true(budget_take(&budget, 1));
	budget_spend(&budget, 1);
	assert_true(budget_is_spent(&budget));
	assert_false(budget_take(&budget, 1));
}

static void rows_that_do_not_fit_take_no_slot(void **state) {
	(void)state;
	struct budget budget = {.limit = 10};
	assert_true(budget_take(&budget, 8));
	assert_false(budget_take(&budget, 3));
	budget_spend(&budget, 5);
	budget_give_back(&budget, 3);
	assert_false(budget_take(&budget, 6));
	assert_true(budget_take(&budget, 5));
	assert_false(budget_is_spent(&budget));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_limit_there_is_always_a_slot),
		cmocka_unit_test(gives_no_more_slots_than_the_limit),
		cmocka_unit_test(a_slot_given_back_is_given_again),
		cmocka_unit_test(rows_that_do_not_fit_take_no_slot),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
