// SPDX-License-Identifier: MPL-2.0
// claim_limit_test: a replay's part of a partition: it begins and ends where it was said, whatever
// the group has.
#include "support/test.h"

#include "worker/member/claim.h"

static struct claim claim;

static int begin(void **state) {
	(void)state;
	if (claim_init(&claim, 1, 3, false) < 0)
		return -1;
	claim_limit(&claim, 10, 20);
	return 0;
}

static int end(void **state) {
	(void)state;
	claim_fini(&claim);
	return 0;
}

static void do_one(int64_t offset) {
	claim_note_read(&claim, offset);
	assert_int_equal(claim_begin(&claim, offset), 0);
	claim_finish(&claim, 1, offset);
}

static void it_goes_on_where_the_group_is_within_its_limits(void **state) {
	(void)state;
	assert_int_equal(claim_first(&claim), 10);
	assert_int_equal(claim_resume_at(&claim, 10), 10);
	assert_int_equal(claim_resume_at(&claim, 15), 15);
	assert_int_equal(claim_resume_at(&claim, 20), 20);
}

static void it_begins_at_its_start_when_the_group_has_nothing_or_is_elsewhere(void **state) {
	(void)state;
	assert_int_equal(claim_resume_at(&claim, -1), 10);
	assert_int_equal(claim_resume_at(&claim, 9), 10);
	assert_int_equal(claim_resume_at(&claim, 21), 10);
	assert_int_equal(claim_resume_at(&claim, INT64_MAX), 10);
}

static void one_without_limits_goes_on_anywhere(void **state) {
	struct claim free_one;
	(void)state;
	assert_int_equal(claim_init(&free_one, 1, 3, false), 0);
	assert_int_equal(claim_first(&free_one), 0);
	assert_int_equal(claim_resume_at(&free_one, -1), -1);
	assert_int_equal(claim_resume_at(&free_one, 1000000), 1000000);
	claim_note_end(&free_one, 1000000);
	assert_false(claim_is_complete(&free_one));
	assert_false(claim_is_short(&free_one));
	claim_fini(&free_one);
}

static void it_is_complete_with_its_last_record(void **state) {
	(void)state;
	claim_learn(&claim, 10);
	for (int64_t offset = 10; offset < 19; offset++)
		do_one(offset);
	assert_false(claim_is_complete(&claim));
	assert_false(claim_is_drained(&claim));
	do_one(19);
	assert_true(claim_is_complete(&claim));
	assert_int_equal(claim_to_commit(&claim), 20);
	claim_committed(&claim, 20);
	assert_true(claim_is_drained(&claim));
}

static void it_is_complete_when_only_what_is_no_record_is_left(void **state) {
	(void)state;
	claim_learn(&claim, 10);
	do_one(17);
	claim_note_read(&claim, 25);
	claim_note_end(&claim, 25);
	assert_true(claim_is_complete(&claim));
	assert_int_equal(claim_to_commit(&claim), 20);
}

static void a_log_that_ends_before_it_is_short(void **state) {
	(void)state;
	claim_learn(&claim, 10);
	do_one(10);
	claim_note_end(&claim, 11);
	assert_false(claim_is_complete(&claim));
	assert_true(claim_is_short(&claim));
	claim_note_end(&claim, 20);
	assert_false(claim_is_short(&claim));
}

static void what_was_deleted_below_its_first_record_counts(void **state) {
	(void)state;
	claim_learn(&claim, 10);
	claim_note_read(&claim, 14);
	assert_true(gap_ask(&claim.gap));
	assert_int_equal(gap_answer(&claim.gap, 14), 4);
}

static void what_was_deleted_behind_its_end_does_not(void **state) {
	(void)state;
	claim_learn(&claim, 10);
	claim_note_read(&claim, 500);
	claim_note_end(&claim, 500);
	assert_true(gap_ask(&claim.gap));
	assert_int_equal(gap_answer(&claim.gap, 500), 10);
}

static void one_that_begins_with_the_log_counts_what_was_deleted_there_too(void **state) {
	(void)state;
	claim_limit(&claim, 0, 20);
	claim_learn(&claim, 0);
	claim_note_read(&claim, 4);
	assert_true(gap_ask(&claim.gap));
	assert_int_equal(gap_answer(&claim.gap, 4), 4);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			it_goes_on_where_the_group_is_within_its_limits, begin, end
		),
		cmocka_unit_test_setup_teardown(
			it_begins_at_its_start_when_the_group_has_nothing_or_is_elsewhere,
			begin,
			end
		),
		cmocka_unit_test(one_without_limits_goes_on_anywhere),
		cmocka_unit_test_setup_teardown(it_is_complete_with_its_last_record, begin, end),
		cmocka_unit_test_setup_teardown(
			it_is_complete_when_only_what_is_no_record_is_left, begin, end
		),
		cmocka_unit_test_setup_teardown(a_log_that_ends_before_it_is_short, begin, end),
		cmocka_unit_test_setup_teardown(
			what_was_deleted_below_its_first_record_counts, begin, end
		),
		cmocka_unit_test_setup_teardown(
			what_was_deleted_behind_its_end_does_not, begin, end
		),
		cmocka_unit_test_setup_teardown(
			one_that_begins_with_the_log_counts_what_was_deleted_there_too, begin, end
		),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
