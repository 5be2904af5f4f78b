// SPDX-License-Identifier: MPL-2.0
// tally_test: sums of numbers, and the names of ends and answers.
#include "support/test.h"

#include "worker/task/tally.h"

static void all_numbers_are_added(void **state) {
	struct tally sum = {.taken = 1, .answers = {[ANSWER_UNSENT] = 2}};
	const struct tally more = {
		.taken = 10,
		.lanes_stopped = 3,
		.failed = {[REASON_HELD] = 4},
		.ended = {[END_PLANNED] = {[REASON_HELD] = 5}},
		.answers = {[ANSWER_UNSENT] = 20},
	};
	(void)state;
	tally_add(&sum, &more);
	assert_int_equal(sum.taken, 11);
	assert_int_equal(sum.lanes_stopped, 3);
	assert_int_equal(sum.failed[REASON_HELD], 4);
	assert_int_equal(sum.ended[END_PLANNED][REASON_HELD], 5);
	assert_int_equal(sum.answers[ANSWER_UNSENT], 22);
	assert_int_equal(sum.purged, 0);
}

static void each_end_and_each_answer_has_a_name_of_its_own(void **state) {
	(void)state;
	for (int i = 0; i < TALLY_ENDS; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(
				tally_end_name((enum tally_end)i), tally_end_name((enum tally_end)j)
			);
	for (int i = 0; i < TALLY_ANSWERS; i++)
		for (int j = 0; j < i; j++)
			assert_string_not_equal(
				tally_answer_name((enum tally_answer)i),
				tally_answer_name((enum tally_answer)j)
			);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_numbers_are_added),
		cmocka_unit_test(each_end_and_each_answer_has_a_name_of_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
