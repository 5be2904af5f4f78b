// SPDX-License-Identifier: MPL-2.0
// claim_test: how much of a partition is in work, what may be committed of it, and when it is
// drained.
#include "support/test.h"

#include "worker/member/claim.h"

static void claim_new(struct claim *claim, uint64_t epoch) {
	assert_int_equal(claim_init(claim, epoch, 3, false), 0);
}

static size_t room(
	const struct claim *claim, size_t window, size_t candidates, size_t lent, size_t lent_again
) {
	const struct claim_share share = {
		.window = window,
		.candidates = candidates,
		.lent = lent,
		.lent_again = lent_again,
	};
	return claim_room(claim, &share);
}

static void a_window_is_shared_and_one_partition_cannot_take_all(void **state) {
	(void)state;
	struct claim claim;
	claim_new(&claim, 1);
	assert_int_equal(room(&claim, 1000, 0, 0, 0), 500);
	assert_int_equal(room(&claim, 1000, 1, 0, 0), 500);
	assert_int_equal(room(&claim, 1000, 2, 0, 0), 250);
	assert_int_equal(room(&claim, 1000, 6, 0, 0), 250);
	assert_int_equal(room(&claim, 1000, 6, 900, 0), 100);
	assert_int_equal(room(&claim, 1000, 6, 1000, 0), 0);
	assert_int_equal(room(&claim, 2, 6, 0, 0), 1);
	claim.stuck = true;
	assert_int_equal(room(&claim, 1000, 1, 0, 0), 0);
	claim.stuck = false;
	claim.owed = 1;
	assert_int_equal(room(&claim, 1000, 1, 0, 0), 0);
	claim_fini(&claim);
}

static void what_is_tried_again_leaves_half_of_the_window_to_the_candidates(void **state) {
	(void)state;
	struct claim fresh, again;
	claim_new(&fresh, 1);
	assert_int_equal(claim_init(&again, 1, 3, true), 0);
	assert_int_equal(room(&again, 1000, 6, 0, 0), 250);
	assert_int_equal(room(&again, 1000, 6, 400, 400), 100);
	assert_int_equal(room(&again, 1000, 6, 500, 500), 0);
	assert_int_equal(room(&fresh, 1000, 6, 500, 500), 250);
	assert_int_equal(room(&again, 1, 6, 0, 0), 1);
	claim_fini(&fresh);
	claim_fini(&again);
}

static void offsets_done_behind_a_gap_fill_the_window_too(void **state) {
	(void)state;
	struct claim claim;
	claim_new(&claim, 1);
	for (int64_t offset = 0; offset < 10; offset++)
		assert_int_equal(claim_begin(&claim, offset), 0);
	for (int64_t offset = 1; offset < 10; offset++)
		claim_finish(&claim, claim.log_epoch, offset);
	assert_int_equal(claim.lent, 1);
	assert_int_equal(room(&claim, 10, 1, 1, 0), 0);
	claim_finish(&claim, claim.log_epoch, 0);
	assert_int_equal(room(&claim, 10, 1, 0, 0), 5);
	claim_fini(&claim);
}

static void is_drained_only_when_all_is_done_and_committed(void **state) {
	(void)state;
	struct claim claim;
	claim_new(&claim, 1);
	assert_false(claim_is_drained(&claim));
	claim_begin(&claim, 7);
	claim_note_end(&claim, 8);
	assert_false(claim_is_drained(&claim));
	claim_finish(&claim, claim.log_epoch, 7);
	assert_false(claim_is_drained(&claim));
	assert_int_equal(claim_to_commit(&claim), 8);
	claim_committed(&claim, 8);
	assert_int_equal(claim_to_commit(&claim), -1);
	assert_true(claim_is_drained(&claim));
	assert_true(claim_expect(&claim, claim.log_epoch, 9));
	assert_false(claim_is_drained(&claim));
	claim_begin(&claim, 8);
	claim_abandon(&claim);
	claim_note_end(&claim, 9);
	assert_false(claim_is_drained(&claim));
	claim_fini(&claim);
}

static void what_ends_after_the_lease_touches_nothing(void **state) {
	(void)state;
	struct claim claim;
	claim_new(&claim, 1);
	claim_begin(&claim, 1);
	claim_begin(&claim, 2);
	claim_finish(&claim, claim.log_epoch, 1);
	claim_revoke(&claim);
	assert_false(claim_is_free(&claim));
	claim_finish(&claim, claim.log_epoch, 2);
	assert_int_equal(claim_to_commit(&claim), 2);
	assert_true(claim_is_free(&claim));
	claim_fini(&claim);
}

static void an_empty_partition_is_drained_once_its_end_is_committed(void **state) {
	(void)state;
	struct claim claim;
	claim_new(&claim, 1);
	claim_note_end(&claim, 0);
	assert_int_equal(claim_to_commit(&claim), 0);
	claim_committed(&claim, 0);
	assert_true(claim_is_drained(&claim));
	claim_fini(&claim);
}

static void what_the_group_had_before_is_not_committed_again(void **state) {
	struct claim claim;

	(void)state;
	claim_new(&claim, 1);
	claim_learn(&claim, 50);
	assert_int_equal(claim_to_commit(&claim), -1);
	assert_int_equal(claim_begin(&claim, 50), 0);
	assert_int_equal(claim_to_commit(&claim), -1);
	claim_finish(&claim, 1, 50);
	assert_int_equal(claim_to_commit(&claim), 51);
	claim_learn(&claim, 60); // too late
	assert_int_equal(claim_to_commit(&claim), 51);
	claim_fini(&claim);
}

static void a_log_that_ends_before_what_the_group_had_is_another_one(void **state) {
	struct claim claim;

	(void)state;
	claim_new(&claim, 1);
	claim_learn(&claim, 50);
	assert_false(claim_has_passed(&claim, 50));
	assert_true(claim_has_passed(&claim, 7));
	claim_restart(&claim);
	assert_false(claim_has_passed(&claim, 7));
	claim_note_end(&claim, 7);
	assert_int_equal(claim_to_commit(&claim), 7);
	claim_fini(&claim);
}

// Who is at 7 already took the records of another log: what is done of it goes down in the group.
static void what_the_group_had_does_not_hold_up_a_log_that_was_begun_below_it(void **state) {
	struct claim claim;

	(void)state;
	claim_new(&claim, 1);
	assert_int_equal(claim_begin(&claim, 7), 0);
	claim_learn(&claim, 50);
	assert_int_equal(claim_to_commit(&claim), 7);
	claim_abandon(&claim);
	claim_fini(&claim);
}

static void those_behind_a_stuck_record_are_told_to_leave(void **state) {
	(void)state;
	struct claim claim;
	claim_new(&claim, 1);
	claim_begin(&claim, 1);
	claim_begin(&claim, 2);
	assert_false(claim_watch(&claim, 100, 1000));
	assert_false(claim_watch(&claim, 100, 1100));
	assert_true(claim_watch(&claim, 100, 1101));
	assert_int_equal(claim.lease.leave_before_ms, 1001);
	assert_true(claim_watch(&claim, 100, 1200));
	claim_finish(&claim, claim.log_epoch, 1);
	assert_false(claim_watch(&claim, 100, 1201));
	assert_int_equal(claim.lease.leave_before_ms, 0);
	claim_finish(&claim, claim.log_epoch, 2);
	assert_false(claim_watch(&claim, 100, 1400));
	claim_fini(&claim);
}

static void a_log_that_began_anew_is_committed_from_its_beginning(void **state) {
	(void)state;
	struct claim claim;
	uint64_t old_log;
	claim_new(&claim, 1);
	old_log = claim.log_epoch;
	claim_begin(&claim, 10);
	claim_begin(&claim, 11);
	claim_begin(&claim, 12);
	claim_finish(&claim, old_log, 10);
	claim_committed(&claim, 11);
	claim_note_end(&claim, 20);
	assert_false(claim_has_passed(&claim, 20));
	assert_true(claim_has_passed(&claim, 10));
	claim_restart(&claim);
	claim_begin(&claim, 10);
	claim_begin(&claim, 11);
	claim_note_end(&claim, 12);
	assert_int_equal(claim_to_commit(&claim), 10);
	claim_finish(&claim, old_log, 11); // the same number, another record
	assert_int_equal(claim_to_commit(&claim), 10);
	claim_finish(&claim, claim.log_epoch, 11);
	claim_finish(&claim, claim.log_epoch, 10);
	assert_int_equal(claim_to_commit(&claim), 12);
	claim_committed(&claim, 12);
	// Of the old log one is still lent.
	assert_false(claim_is_drained(&claim));
	claim_finish(&claim, old_log, 12);
	assert_int_equal(claim_to_commit(&claim), -1);
	assert_true(claim_is_drained(&claim));
	claim_fini(&claim);
}

static void what_was_published_to_a_log_that_is_gone_is_not_waited_for(void **state) {
	struct claim claim;
	uint64_t old_log;

	(void)state;
	claim_new(&claim, 1);
	old_log = claim.log_epoch;
	assert_true(claim_expect(&claim, old_log, 20));
	claim_restart(&claim);
	assert_false(claim_expect(&claim, old_log, 30)); // was acknowledged late
	claim_note_end(&claim, 0);
	claim_committed(&claim, 0);
	assert_true(claim_is_drained(&claim));
	claim_fini(&claim);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_window_is_shared_and_one_partition_cannot_take_all),
		cmocka_unit_test(what_is_tried_again_leaves_half_of_the_window_to_the_candidates),
		cmocka_unit_test(offsets_done_behind_a_gap_fill_the_window_too),
		cmocka_unit_test(is_drained_only_when_all_is_done_and_committed),
		cmocka_unit_test(what_ends_after_the_lease_touches_nothing),
		cmocka_unit_test(an_empty_partition_is_drained_once_its_end_is_committed),
		cmocka_unit_test(a_log_that_began_anew_is_committed_from_its_beginning),
		cmocka_unit_test(what_the_group_had_before_is_not_committed_again),
		cmocka_unit_test(a_log_that_ends_before_what_the_group_had_is_another_one),
		cmocka_unit_test(what_the_group_had_does_not_hold_up_a_log_that_was_begun_below_it),
		cmocka_unit_test(what_was_published_to_a_log_that_is_gone_is_not_waited_for),
		cmocka_unit_test(those_behind_a_stuck_record_are_told_to_leave),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
