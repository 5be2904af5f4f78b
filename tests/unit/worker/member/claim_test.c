// SPDX-License-Identifier: MPL-2.0
// claim_test: whatever the group does, nothing is committed that was not done, and everything is
// done in the end.
#include "support/test.h"

#include "worker/member/claim.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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

// --- scripted rebalances against a partition that remembers what was done

enum { RECORDS = 300, CLAIMS_MAX = 4, LENT_MAX = 64 };

struct member {
	struct claim claim;
	bool is_used;
	// Of the partition, as the brokers see it.
	bool is_holder;
	int64_t next; // to be read
	// A commit on its way; -1: none.
	int64_t asked;
	int64_t lent[LENT_MAX];
};

struct partition {
	bool done[RECORDS]; // by anyone, at any time
	int64_t committed;
	uint64_t epoch;
	// The holder and those that lost it and still have records lent.
	struct member members[CLAIMS_MAX];
};

// As compaction or a marker leaves it.
static bool is_gap(int64_t offset) {
	return offset % 17 == 5;
}

static struct member *holder(struct partition *partition) {
	for (int i = 0; i < CLAIMS_MAX; i++)
		if (partition->members[i].is_used && partition->members[i].is_holder)
			return &partition->members[i];
	return NULL;
}

static void check_commit(const struct partition *partition) {
	for (int64_t offset = 0; offset < partition->committed; offset++)
		assert_true(partition->done[offset] || is_gap(offset));
}

static void assign(struct partition *partition) {
	for (int i = 0; i < CLAIMS_MAX; i++) {
		struct member *member = &partition->members[i];

		if (member->is_used)
			continue;
		*member = (struct member){.is_used = true, .is_holder = true, .asked = -1};
		claim_new(&member->claim, ++partition->epoch);
		member->next = partition->committed;
		return;
	}
}

static void read_some(struct member *member) {
	struct claim *claim = &member->claim;
	size_t more = room(claim, LENT_MAX, 1, claim->lent, 0);

	while (more-- > 0 && member->next < RECORDS && random() % 8 > 0) {
		if (!is_gap(member->next)) {
			assert_int_equal(claim_begin(claim, member->next), 0);
			for (int i = 0; i < LENT_MAX; i++)
				if (member->lent[i] == 0) {
					member->lent[i] = member->next + 1;
					break;
				}
		}
		member->next++;
	}
	if (member->next == RECORDS)
		claim_note_end(claim, RECORDS);
}

static void bring_back(struct partition *partition, struct member *member, bool all) {
	for (int i = 0; i < LENT_MAX; i++) {
		int64_t offset = member->lent[i] - 1;

		if (offset < 0 || (!all && random() % 4 > 0))
			continue;
		member->lent[i] = 0;
		if (member->claim.lease.revoked && random() % 3 == 0) {
			claim_abandon(&member->claim);
			continue;
		}
		partition->done[offset] = true;
		claim_finish(&member->claim, member->claim.log_epoch, offset);
	}
	if (claim_is_free(&member->claim)) {
		claim_fini(&member->claim);
		member->is_used = false;
	}
}

static void commit(struct partition *partition, struct member *member) {
	if (member->asked >= 0 && random() % 2 > 0) { // the answer
		if (member->is_holder)
			claim_committed(&member->claim, partition->committed = member->asked);
		member->asked = -1;
	} else if (member->asked < 0) {
		member->asked = claim_to_commit(&member->claim);
	}
	check_commit(partition);
}

static void revoke(struct partition *partition, struct member *member) {
	int64_t position;

	claim_revoke(&member->claim);
	for (int i = 0; i < LENT_MAX; i++) // too late for the commit
		if (member->lent[i] > 0 && random() % 4 == 0) {
			partition->done[member->lent[i] - 1] = true;
			claim_finish(&member->claim, member->claim.log_epoch, member->lent[i] - 1);
			member->lent[i] = 0;
		}
	position = claim_to_commit(&member->claim);
	if (position > partition->committed && random() % 3 > 0) // else the group did not wait
		partition->committed = position;
	check_commit(partition);
	member->is_holder = false;
}

static void play(unsigned seed) {
	static struct partition partition;
	memset(&partition, 0, sizeof(partition));
	srandom(seed);
	for (int turn = 0; turn < 100000 && partition.committed < RECORDS; turn++) {
		struct member *member = holder(&partition);

		if (member == NULL)
			assign(&partition);
		else if (random() % 30 == 0)
			revoke(&partition, member);
		else
			read_some(member);
		for (int i = 0; i < CLAIMS_MAX; i++)
			if (partition.members[i].is_used)
				bring_back(&partition, &partition.members[i], false);
		member = holder(&partition);
		if (member != NULL)
			commit(&partition, member);
	}
	assert_int_equal(partition.committed, RECORDS);
	for (int i = 0; i < CLAIMS_MAX; i++)
		if (partition.members[i].is_used) {
			claim_revoke(&partition.members[i].claim);
			bring_back(&partition, &partition.members[i], true);
		}
}

static void nothing_undone_is_committed_through_any_rebalances(void **state) {
	(void)state;
	for (unsigned seed = 1; seed <= 200; seed++)
		play(seed);
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
		cmocka_unit_test(nothing_undone_is_committed_through_any_rebalances),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
