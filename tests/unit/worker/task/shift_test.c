// SPDX-License-Identifier: MPL-2.0
// shift_test: how long a judgement holds.
#include "support/test.h"

#include "worker/task/shift.h"
#include "worker/task/task.h"

static void a_judgement_holds_for_its_time(void **state) {
	(void)state;
	struct shift shift = {.check_ttl_ms = 100, .now_ms = 199};
	struct task task = {.work.judged.mono_ms = 100};
	assert_true(shift_is_fresh(&shift, &task));
	assert_int_equal(shift_fresh_until_ms(&shift, &task), 200);
	shift.now_ms = 200;
	assert_false(shift_is_fresh(&shift, &task));
	assert_false(shift_is_outdated(&shift, &task));
}

static void one_of_the_moment_of_the_news_or_before_does_not_hold(void **state) {
	(void)state;
	struct shift shift = {.check_ttl_ms = 100, .now_ms = 160, .judged_anew_ms = 150};
	struct task task = {.work.judged.mono_ms = 150};
	assert_true(shift_is_outdated(&shift, &task));
	assert_false(shift_is_fresh(&shift, &task));
	assert_in_range(shift_fresh_until_ms(&shift, &task), 1, 160); // it is over
	task.work.judged.mono_ms = 151;
	assert_false(shift_is_outdated(&shift, &task));
	assert_true(shift_is_fresh(&shift, &task));
}

static void none_at_all_is_too_old_and_nothing_that_was_outdated(void **state) {
	(void)state;
	struct shift shift = {.check_ttl_ms = 100, .now_ms = 20, .judged_anew_ms = 10};
	struct task task = {.work.judged.mono_ms = 0};
	assert_false(shift_is_fresh(&shift, &task));
	assert_false(shift_is_outdated(&shift, &task));
}

static void where_nobody_judges_all_holds_for_ever(void **state) {
	(void)state;
	struct shift shift = {.check_ttl_ms = -1, .now_ms = 200, .judged_anew_ms = 150};
	struct task task = {.work.judged.mono_ms = 100};
	assert_true(shift_is_fresh(&shift, &task));
	assert_false(shift_is_outdated(&shift, &task));
	assert_int_equal(shift_fresh_until_ms(&shift, &task), 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_judgement_holds_for_its_time),
		cmocka_unit_test(one_of_the_moment_of_the_news_or_before_does_not_hold),
		cmocka_unit_test(none_at_all_is_too_old_and_nothing_that_was_outdated),
		cmocka_unit_test(where_nobody_judges_all_holds_for_ever),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
