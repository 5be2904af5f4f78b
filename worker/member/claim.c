// SPDX-License-Identifier: MPL-2.0
// claim: one partition that we hold.
#include "worker/member/claim.h"

#include <errno.h>

int claim_init(struct claim *claim, uint64_t epoch, int32_t partition, bool is_retry) {
	*claim = (struct claim){
		.lease = {.epoch = epoch},
		.tracker = tracker_new(epoch),
		.log_epoch = epoch,
		.partition = partition,
		.is_retry = is_retry,
		.expected_end = -1,
		.committed = -1,
		.oldest = -1,
		.start = -1,
		.end = INT64_MAX,
	};
	return claim->tracker == NULL ? -ENOMEM : 0;
}

void claim_fini(struct claim *claim) {
	tracker_free(claim->tracker);
	claim->tracker = NULL;
}

void claim_limit(struct claim *claim, int64_t start, int64_t end) {
	claim->start = start;
	claim->end = end;
}

int64_t claim_resume_at(const struct claim *claim, int64_t commit) {
	if (claim->start < 0)
		return commit < 0 ? -1 : commit;
	return commit < claim->start || commit > claim->end ? claim->start : commit;
}

int64_t claim_first(const struct claim *claim) {
	return claim->start < 0 ? 0 : claim->start;
}

bool claim_is_complete(const struct claim *claim) {
	return tracker_next(claim->tracker) >= claim->end;
}

bool claim_is_short(const struct claim *claim) {
	return claim->at_end && claim->end != INT64_MAX && !claim_is_complete(claim);
}

int claim_begin(struct claim *claim, int64_t offset) {
	int err = tracker_begin(claim->tracker, offset);

	if (err < 0)
		return err;
	claim->lent++;
	claim->at_end = claim_is_complete(claim);
	return 0;
}

void claim_finish(struct claim *claim, uint64_t log_epoch, int64_t offset) {
	claim->lent--;
	if (!claim->lease.revoked)
		tracker_finish(claim->tracker, log_epoch, offset);
}

void claim_abandon(struct claim *claim) {
	claim->lent--;
}

// 0 is also where a log is taken from that nobody took before, wherever it begins; but not by a
// replay. -1: it is not known.
static int64_t expected_next(const struct claim *claim) {
	int64_t next = tracker_next(claim->tracker);

	if (next < 0)
		next = claim->committed;
	return next > 0 || claim->at_end || claim->start >= 0 ? next : -1;
}

static int64_t within(const struct claim *claim, int64_t offset) {
	return offset < claim->end ? offset : claim->end;
}

void claim_note_read(struct claim *claim, int64_t offset) {
	gap_note(&claim->gap, expected_next(claim), within(claim, offset));
}

void claim_note_end(struct claim *claim, int64_t offset) {
	tracker_note_end(claim->tracker, within(claim, offset));
	claim->at_end = true;
}

bool claim_has_passed(const struct claim *claim, int64_t offset) {
	return tracker_has_passed(claim->tracker, offset) || offset < claim->committed;
}

void claim_restart(struct claim *claim) {
	tracker_restart(claim->tracker, ++claim->log_epoch);
	gap_init(&claim->gap);
	claim->at_end = false;
	claim->expected_end = -1;
	// So that the next commit may go down.
	claim->committed = -1;
	claim->oldest = -1;
}

bool claim_expect(struct claim *claim, uint64_t log_epoch, int64_t end) {
	if (log_epoch != claim->log_epoch)
		return false;
	if (end > claim->expected_end)
		claim->expected_end = end;
	return true;
}

void claim_revoke(struct claim *claim) {
	claim->lease.revoked = true;
}

bool claim_is_free(const struct claim *claim) {
	return claim->lease.revoked && claim->lent == 0;
}

int64_t claim_to_commit(const struct claim *claim) {
	int64_t position = tracker_position(claim->tracker);

	return position > claim->committed ? position : -1;
}

void claim_committed(struct claim *claim, int64_t offset) {
	if (offset > claim->committed)
		claim->committed = offset;
}

void claim_learn(struct claim *claim, int64_t offset) {
	int64_t position = tracker_position(claim->tracker);

	if (claim->committed < 0 && (position < 0 || position >= offset))
		claim->committed = offset;
}

bool claim_is_drained(const struct claim *claim) {
	int64_t position = tracker_position(claim->tracker);

	return claim->at_end && claim->lent == 0 && tracker_in_work(claim->tracker) == 0 &&
		position == claim->committed && position >= claim->expected_end;
}

static size_t at_least_one(size_t count) {
	return count == 0 ? 1 : count;
}

static size_t rest(size_t most, size_t taken) {
	return most > taken ? most - taken : 0;
}

static size_t least(size_t a, size_t b) {
	return a < b ? a : b;
}

size_t claim_room(const struct claim *claim, const struct claim_share *share) {
	// As many for what is tried again as there are for candidates.
	size_t parts = 2 * at_least_one(share->candidates);
	size_t most = at_least_one(share->window / least(parts, 4));
	size_t room = least(rest(most, claim->lent), rest(share->window, share->lent));

	if (claim->stuck || claim->owed > 0 || claim->lease.revoked ||
	    tracker_span(claim->tracker) >= share->window)
		return 0;
	if (claim->is_retry)
		room = least(room, rest(at_least_one(share->window / 2), share->lent_again));
	return room;
}

bool claim_watch(struct claim *claim, int64_t hold_up_ms, int64_t now_ms) {
	int64_t position = tracker_position(claim->tracker);
	int64_t before_ms = claim->lease.leave_before_ms;

	if (position != claim->oldest || tracker_in_work(claim->tracker) == 0) {
		claim->oldest = position;
		claim->oldest_since_ms = now_ms;
	}
	claim->lease.leave_before_ms = now_ms - claim->oldest_since_ms > hold_up_ms
		? now_ms - hold_up_ms
		: 0;
	return claim->lease.leave_before_ms > before_ms;
}

void claim_watch_anew(struct claim *claim) {
	claim->oldest = -1;
}
