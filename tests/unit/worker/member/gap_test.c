// SPDX-License-Identifier: MPL-2.0
// gap_test: what was deleted before it was taken is counted once, and nothing else is.
#include "support/test.h"

#include "worker/member/claim.h"

enum { UNKNOWN = -1 };

static struct gap gap_of(int64_t expected, int64_t offset) {
	struct gap gap;

	gap_init(&gap);
	gap_note(&gap, expected, offset);
	return gap;
}

static int64_t deleted(struct gap *gap, int64_t begin) {
	assert_true(gap_is_open(gap));
	assert_true(gap_ask(gap));
	return gap_answer(gap, begin);
}

static void what_comes_next_leaves_no_gap(void **state) {
	(void)state;
	struct gap gap = gap_of(5, 5);
	assert_false(gap_is_open(&gap));
	assert_false(gap_ask(&gap));
	assert_int_equal(gap_answer(&gap, 100), 0);
}

static void only_what_is_below_the_beginning_was_deleted(void **state) {
	(void)state;
	const int64_t begins[] = {0, 5, 6, 9, 10, 11, 1000}, counts[] = {0, 0, 1, 4, 5, 5, 5};
	for (size_t i = 0; i < 7; i++) {
		struct gap gap = gap_of(5, 10);
		assert_int_equal(deleted(&gap, begins[i]), counts[i]);
		assert_false(gap_is_open(&gap));
	}
}

static void a_gap_is_kept_until_it_is_answered_and_asked_again(void **state) {
	(void)state;
	struct gap gap = gap_of(5, 10);
	assert_true(gap_ask(&gap));
	assert_true(gap_is_open(&gap));
	assert_true(gap_ask(&gap));
	assert_int_equal(gap_answer(&gap, 10), 5);
	assert_int_equal(gap_answer(&gap, 10), 0);
}

static void a_gap_that_comes_after_the_question_is_not_answered_by_it(void **state) {
	(void)state;
	struct gap gap = gap_of(5, 10);
	assert_true(gap_ask(&gap));
	gap_note(&gap, 20, 23);
	assert_true(gap_ask(&gap));
	assert_int_equal(gap_answer(&gap, 10), 5);
	assert_int_equal(deleted(&gap, 23), 3);
	assert_false(gap_is_open(&gap));
}

static void gaps_that_wait_for_a_question_are_added_up(void **state) {
	(void)state;
	struct gap gap = gap_of(5, 10);
	gap_note(&gap, 20, 23);
	assert_int_equal(deleted(&gap, 23), 8);
	assert_false(gap_is_open(&gap));
}

static void where_nothing_is_expected_nothing_is_missing(void **state) {
	(void)state;
	struct gap gap = gap_of(UNKNOWN, 10);
	assert_false(gap_is_open(&gap));
}

// --- of a claim

static void new_claim(struct claim *claim) {
	assert_int_equal(claim_init(claim, 1, 3, false), 0);
}

// How many are missing before the first that is read at `offset`; the log begins there.
static int64_t missing_before(struct claim *claim, int64_t offset) {
	claim_note_read(claim, offset);
	gap_ask(&claim->gap);
	return gap_answer(&claim->gap, offset);
}

static void what_is_missing_behind_what_was_taken_is_a_gap(void **state) {
	(void)state;
	struct claim claim;
	new_claim(&claim);
	claim_begin(&claim, 7);
	assert_int_equal(missing_before(&claim, 8), 0);
	claim_begin(&claim, 8);
	assert_int_equal(missing_before(&claim, 12), 3);
	claim_note_end(&claim, 12);
	assert_int_equal(missing_before(&claim, 12), 0);
	assert_int_equal(missing_before(&claim, 20), 8);
	claim_fini(&claim);
}

static void what_is_missing_behind_what_the_group_had_is_a_gap(void **state) {
	(void)state;
	struct claim claim;
	new_claim(&claim);
	claim_learn(&claim, 4);
	assert_int_equal(missing_before(&claim, 9), 5);
	claim_fini(&claim);
}

static void nothing_is_missing_where_nobody_took_anything(void **state) {
	(void)state;
	for (int64_t had = -1; had <= 0; had++) {
		struct claim claim;
		new_claim(&claim);
		if (had >= 0)
			claim_learn(&claim, had);
		assert_int_equal(missing_before(&claim, 9), 0);
		claim_begin(&claim, 9);
		claim_finish(&claim, claim.log_epoch, 9);
		claim_committed(&claim, 10);
		assert_int_equal(missing_before(&claim, 10), 0);
		claim_fini(&claim);
	}
}

static void an_empty_log_whose_end_was_seen_is_no_new_one(void **state) {
	(void)state;
	struct claim claim;
	new_claim(&claim);
	claim_note_read(&claim, 0);
	claim_note_end(&claim, 0);
	assert_int_equal(missing_before(&claim, 3), 3);
	claim_fini(&claim);
}

static void a_log_that_began_anew_has_no_gap(void **state) {
	(void)state;
	struct claim claim;
	new_claim(&claim);
	claim_learn(&claim, 4);
	claim_note_read(&claim, 9);
	assert_true(gap_is_open(&claim.gap));
	claim_restart(&claim);
	assert_false(gap_is_open(&claim.gap));
	assert_int_equal(missing_before(&claim, 3), 0); // wherever it begins
	claim_fini(&claim);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_next_leaves_no_gap),
		cmocka_unit_test(only_what_is_below_the_beginning_was_deleted),
		cmocka_unit_test(a_gap_is_kept_until_it_is_answered_and_asked_again),
		cmocka_unit_test(a_gap_that_comes_after_the_question_is_not_answered_by_it),
		cmocka_unit_test(gaps_that_wait_for_a_question_are_added_up),
		cmocka_unit_test(where_nothing_is_expected_nothing_is_missing),
		cmocka_unit_test(what_is_missing_behind_what_was_taken_is_a_gap),
		cmocka_unit_test(what_is_missing_behind_what_the_group_had_is_a_gap),
		cmocka_unit_test(nothing_is_missing_where_nobody_took_anything),
		cmocka_unit_test(an_empty_log_whose_end_was_seen_is_no_new_one),
		cmocka_unit_test(a_log_that_began_anew_has_no_gap),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
