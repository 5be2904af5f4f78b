// SPDX-License-Identifier: MPL-2.0
// claim: one partition that we hold, from assignment until its last record came back.
//
// Pure: no I/O, no clock. Thread: loop. Owner: the source. A revoked claim commits nothing more and
// is free once nothing is lent; what comes back to it then touches nothing.
#pragma once

#include "common/candidate.h"
#include "worker/member/gap.h"
#include "worker/member/tracker.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct claim {
	struct lease lease; // of all its records
	struct tracker *tracker;
	// Of the log that is taken now.
	struct gap gap;
	// Of what is taken now; moves on when the log begins anew.
	uint64_t log_epoch;
	int32_t partition;
	bool is_retry; // of a retry topic
	// A hand-over was refused for good: nothing more is taken.
	bool stuck;
	// Of those that are lent: the brokers did not take them yet. Until they do nothing more is
	// taken.
	size_t owed;
	// Of those that are owed: not on their way now, and not counted against the window.
	size_t parked;
	// The last that was read is the partition's end.
	bool at_end;
	// Records in work or being handed over.
	size_t lent;
	// We published up to here ourselves; -1: nothing.
	int64_t expected_end;
	// What the group has of this log, as far as we know; -1: nothing.
	int64_t committed;
	// The first offset that is not done, which holds up the rest.
	int64_t oldest;
	int64_t oldest_since_ms; // since when, monotonic
	// Of a replay: the offset that it begins at; -1: it is none.
	int64_t start;
	// Behind the last one that is taken; INT64_MAX: all are.
	int64_t end;
};

int claim_init(struct claim *claim, uint64_t epoch, int32_t partition, bool is_retry); // 0, -ENOMEM
void claim_fini(struct claim *claim); // a zeroed one is fine
// Right after claim_init: only the offsets from `start` on, before `end`, are taken.
void claim_limit(struct claim *claim, int64_t start, int64_t end);
// Where to go on when the group has `commit` (negative: nothing was read): of a replay always
// within its limits; else -1 stands for the beginning of the log.
int64_t claim_resume_at(const struct claim *claim, int64_t commit);
// What to commit before the first record is read.
int64_t claim_first(const struct claim *claim);
// Was everything read that is to be taken? Never where there is no limit.
bool claim_is_complete(const struct claim *claim);
// Has the log of a claim with a limit ended before it?
bool claim_is_short(const struct claim *claim);

// A record was read and is lent. 0; -EALREADY: seen before in this assignment, nothing is lent;
// -ENOMEM.
int claim_begin(struct claim *claim, int64_t offset);
// Done, left or handed over, and acknowledged. `log_epoch`: the claim's when it was lent.
void claim_finish(struct claim *claim, uint64_t log_epoch, int64_t offset);
// Came back undone: its offset stays in work.
void claim_abandon(struct claim *claim);
// A record, or the end, was read there: what was passed over is noted in `gap`. Call it before it
// is begun.
void claim_note_read(struct claim *claim, int64_t offset);
void claim_note_end(struct claim *claim, int64_t offset); // the partition ends before `offset`
// Is a record or an end at `offset` that of another log than before (the topic was made again, or
// cut off)?
bool claim_has_passed(const struct claim *claim, int64_t offset);
// Takes that log from wherever it begins; what is still lent ends as ever, but of the old log
// nothing is committed any more.
void claim_restart(struct claim *claim);
// There will be records up to `end` of the log of that epoch. False: of another log in this
// assignment.
bool claim_expect(struct claim *claim, uint64_t log_epoch, int64_t end);

void claim_revoke(struct claim *claim);
bool claim_is_free(const struct claim *claim); // revoked, and nothing is lent

// The offset to commit, or -1 when there is nothing new.
int64_t claim_to_commit(const struct claim *claim);
void claim_committed(struct claim *claim, int64_t offset);
// The group has `offset`, of before this assignment. Does not count when records below it were
// already taken.
void claim_learn(struct claim *claim, int64_t offset);
// Everything that is there was done and committed.
bool claim_is_drained(const struct claim *claim);

// What all claims share.
struct claim_share {
	size_t window; // records that may be lent
	size_t lent; // by all
	// By those of retry topics, of `lent`.
	size_t lent_again;
	// How many claims are of the candidates' topic.
	size_t candidates;
};
// How many more may be lent. However many retry topics there are, they count as one: together they
// have half the window at most.
size_t claim_room(const struct claim *claim, const struct claim_share *share);
// Lets those leave that were taken in hold_up_ms ago when one record has held up the others for so
// long. Returns true when the lease changed.
bool claim_watch(struct claim *claim, int64_t hold_up_ms, int64_t now_ms);
// The oldest record is held up from the next look on, no longer.
void claim_watch_anew(struct claim *claim);
