// SPDX-License-Identifier: MPL-2.0
// claim_rebalance_test: whatever the group does, nothing is committed that was not done, and
// everything is done in the end: scripted rebalances against a partition that remembers what was
// done.
#include "support/test.h"

#include "worker/member/claim.h"

#include <stdlib.h>
#include <string.h>

enum { RECORDS = 300, CLAIMS_MAX = 4, LENT_MAX = 64 };

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
		cmocka_unit_test(nothing_undone_is_committed_through_any_rebalances),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
