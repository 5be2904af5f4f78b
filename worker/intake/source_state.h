// SPDX-License-Identifier: MPL-2.0
// source_state: the source's inside, shared by its files.
//
// source.c        opens, closes, serves
// source_peers.c  has the group given every partition to somebody?
// source_take.c   reads the partitions' queues
// source_due.c    when may a record of a retry topic be tried?
// source_age.c    are records taken in time?
// source_gap.c    which were deleted before that?
// source_asks.c   opens and closes those that ask the brokers
// source_assign.c the partitions that the group gives and takes
// source_group.c  what the group says; commits
// source_count.c  how many partitions there are
// source_leave.c  the way out of the group
// source_fault.c  what keeps us from our work until an operator mends it
// source_guard.c  what has to be committed, so that another log is noticed
// source_log.c    is the log of a partition still the same?
// source_proof.c  is a record that was taken still at its place?
// source_scope.c  whose are the topics now?
// source_tell.c   what the log says of a record, for debugging
// source_loan.c   one record that is lent, and what becomes of it when it comes back
// source_handover.c  records on their way to a retry topic or to the dead letters
// Thread: loop.
#pragma once

#include "common/base/quota.h"
#include "common/kafka/kafka_right.h"
#include "common/kafka/topics/retention.h"
#include "worker/handover/handover.h"
#include "worker/inquiry/source_count.h"
#include "worker/intake/source.h"
#include "worker/partition/broker_clock.h"
#include "worker/partition/claim.h"
#include "worker/partition/hindrance.h"
#include "worker/partition/outage.h"

#include <sys/queue.h>

// By which a record is known again.
struct source_mark {
	int64_t offset;
	int64_t stamp_ms;
	size_t bytes;
};

enum holding_trust {
	// The group has not said yet what it has of it: nothing is taken.
	HOLDING_UNKNOWN,
	// The group has nothing of it, so 0 is to be committed: nothing is taken.
	HOLDING_BARE,
	// The group has something of it, which it forgets with the log.
	HOLDING_WATCHED,
};

struct holding { // a partition in one assignment
	// First: a candidate's lease is its claim's.
	struct claim claim;
	const char *topic; // as it was assigned; the setup's
	// Of setup.retries, when it is one of them.
	size_t retry;
	rd_kafka_queue_t *queue; // NULL: given back
	// Was read, could not be lent yet; NULL: none.
	rd_kafka_message_t *read_ahead;
	// Of read_ahead, when it is of a retry topic.
	struct broker_wait wait;
	struct broker_clock clock; // of who stamps its records
	// Why we may not read it; NO_ERROR: we may, as far as we know.
	rd_kafka_resp_err_t unread;
	// Why the last commit was denied; NO_ERROR: it was not.
	rd_kafka_resp_err_t uncommitted;
	bool is_ready; // its queue may hold something
	bool is_heard; // something of it was read
	// The group did not say yet whether it still has what we committed.
	bool is_unsure;
	enum holding_trust trust;
	// source->commits when it was last left out of a commit.
	uint64_t left_out;
	struct source_mark last; // that was taken, of this log
	// That was taken when the log was last proven, or first; offset -1: none.
	struct source_mark proven;
	// When it was last looked for that.
	int64_t asked_ms;
	// A commit of it may be in another log, and the group would not show that.
	bool is_unproven;
	TAILQ_ENTRY(holding) link;
};
TAILQ_HEAD(holding_list, holding);

// What this process knows of a topic, over assignments.
struct topic_past {
	// It began anew, and the group may still have offsets of before.
	bool is_anew;
	// That were watched, by somebody, when all of ours were; 0: not known.
	int32_t partitions;
};

// A record that is with the engine or being handed over.
struct loan {
	struct holding *holding;
	uint64_t log_epoch; // the claim's
	rd_kafka_message_t *message;
	struct candidate *candidate; // NULL: cannot be decoded
	rd_kafka_headers_t *headers; // when it is handed over
	enum handover_way way;
	size_t tier; // of setup.retries, when it goes there
	// The log epoch of its partition there when it was sent; 0: that is not ours.
	uint64_t goal_epoch;
	bool is_waiting; // in source->leaving
	// A right or a topic was missing when it was to be handed over.
	bool is_owed;
	// In source->parked, and not counted in source->lent.
	bool is_parked;
	TAILQ_ENTRY(loan) link; // in source->loans
	TAILQ_ENTRY(loan) leaving; // in source->leaving or ->parked
};
TAILQ_HEAD(loan_list, loan);

struct source_peers; // opaque
struct source_gap; // opaque
struct source_proof; // opaque
struct source_scope; // opaque

struct source_faults { // NO_ERROR: there is none
	// The candidates' and the retries': it cannot be seen.
	rd_kafka_resp_err_t topics[1 + SOURCE_RETRIES_MAX];
	// To the dead letters, the tiers: of the last that was refused.
	rd_kafka_resp_err_t handovers[1 + TOPIC_TIERS_MAX];
	// Records that were, and are not there yet.
	size_t owed[1 + TOPIC_TIERS_MAX];
	// That is what was told of it last.
	bool was_unseen[1 + SOURCE_RETRIES_MAX];
	// Of those that we have no partition of.
	rd_kafka_resp_err_t others[1 + SOURCE_RETRIES_MAX];
	rd_kafka_resp_err_t group;
	struct hindrance reads[1 + SOURCE_RETRIES_MAX];
	struct hindrance writes[1 + TOPIC_TIERS_MAX];
	struct hindrance membership;
	struct hindrance standstill; // of partitions whose record nobody takes
	bool has_seen_topics; // they were asked for once
	// One of them may be missing: they are asked for until there is an answer.
	bool is_suspect;
	int64_t asked_ms; // when they were asked for last
	int64_t looked_ms;
	char words[KAFKA_RIGHT_BYTES]; // of the last that was told
};

struct source {
	struct queue_take side; // first
	struct source_setup setup;
	struct kafka_opaque opaque;
	rd_kafka_t *consumer;
	rd_kafka_queue_t *events;
	struct handover *handover;
	struct source_count *count;
	struct source_peers *peers;
	struct source_log *watch;
	struct source_gap *gap;
	struct source_proof *proof;
	struct source_scope *scope; // NULL: nobody asks
	int take_fd;
	int serve_fd;
	struct holding_list holdings;
	size_t holding_count;
	size_t candidate_count; // of them, of the candidates' topic
	struct holding_list revoked; // something is still lent
	struct loan_list loans; // all
	struct loan_list leaving; // to be published
	// The brokers did not take it: tried again after a while.
	struct loan_list parked;
	int64_t parked_ms; // when that was last tried
	size_t lent; // by holdings
	size_t lent_again; // by those of the retry topics
	uint64_t epoch;
	// Grows with each assignment, record, rest and log that began anew: older answers may be
	// wrong.
	uint64_t moves;
	// Of any partition that records were handed over to.
	struct broker_clock clock;
	// When a record last went to somebody else's partition; 0: never.
	int64_t strayed_ms;
	int32_t partitions; // of the candidates' topic; 0: unknown
	int32_t retry_partitions[TOPIC_TIERS_MAX]; // 0: unknown
	int64_t watched_ms; // when hold-ups were last looked at
	int64_t committed_ms; // when the last commit was sent
	// That were made up, sent or not.
	uint64_t commits;
	struct topic_past pasts[1 + SOURCE_RETRIES_MAX]; // of source_topic
	// The source_topic behind that of the last one.
	size_t commit_next;
	// It was refused, or what it was to begin could not be: the next one waits for its time.
	bool commit_failed;
	// The last that was told; NO_ERROR: none since one succeeded.
	rd_kafka_resp_err_t commit_error;
	int64_t commit_error_ms; // and when
	int64_t give_back_ms; // while revoking: at the latest
	// Sent, or waits for what the group has.
	bool commit_out;
	// The group was asked what it has.
	bool asks_log;
	// Why it did not say of all; NO_ERROR: it did.
	rd_kafka_resp_err_t unsure;
	int64_t asked_log_ms; // when it was asked last
	bool revoking;
	bool news; // leases or shares changed
	// That the group gave us another topic.
	bool told_foreign;
	bool joins_anew; // once all is given back
	bool has_joined_anew;
	bool leaves_for_good;
	// There is an assignment, which may be empty.
	bool joined;
	bool has_joined; // there ever was one
	bool rests; // nothing holds up the others
	bool stopped;
	struct source_faults faults;
	struct quota letters_named;
	// Of source_topic: its records are old.
	struct retention_notice late[1 + SOURCE_RETRIES_MAX];
	struct outage outage;
	// What the library last said of it.
	char trouble[384];
	enum source_state state;
	char error[KAFKA_RIGHT_BYTES];
	struct source_counts counts;
};

// --- source.c
// The candidates' topic at 0, then the retry topics.
const char *source_topic(const struct source_setup *setup, size_t index);
size_t source_topic_index(const struct holding *holding);
// The topic of the dead letters at 0, then those of the tiers.
const char *source_handover_topic(const struct source_setup *setup, size_t index);
// Is everything done and committed that we see in our partitions?
bool source_is_at_rest(const struct source *source);

// --- source_asks.c
int source_asks_open(struct source *source); // 0, -ENOMEM, -EAGAIN
// Waits for the tries that are out.
void source_asks_close(struct source *source);

// --- source_peers.c
int source_peers_new(struct source_peers **out, struct source *source); // 0, -ENOMEM, -EAGAIN
void source_peers_free(struct source_peers *peers); // NULL is fine
void source_peers_serve(struct source *source, int64_t now_ms);
// A topic that was away is there again.
void source_peers_note_back(struct source *source);
// Has it been seen, and nothing moved since, that the members have all partitions, and that each
// topic may be read?
bool source_peers_hold_all(const struct source *source);

// --- source_handover.c
size_t source_handover_index(const struct loan *loan); // of source_handover_topic
enum { SOURCE_VALUE_MOST_BYTES = 64 * 1024 }; // of a dead letter
// Where its `way` says, with its headers.
void source_hand_over(struct source *source, struct loan *loan);
// It can neither be handed over nor passed over: its partition stands still.
void source_refuse(struct source *source, struct loan *loan, const char *why);
void source_send_leaving(struct source *source);
void source_unpark(struct source *source, int64_t now_ms); // when it is time
void source_on_handed_over(
	void *ctx, void *tag, rd_kafka_resp_err_t err, const struct handover_place *place
);
void source_on_handover_fatal(void *ctx, rd_kafka_resp_err_t err);

// --- source_fault.c
void source_fault_serve(struct source *source, int64_t now_ms); // tells
// May there be records that we do not see?
bool source_fault_hides(const struct source *source);
bool source_fault_lasts(const struct source *source, int64_t now_ms);
// A topic may be missing: look, soon.
void source_fault_suspect(struct source *source);
void source_fault_note_group(struct source *source, rd_kafka_resp_err_t err); // it denied something
void source_fault_note_topics(struct source *source, const int32_t *answers); // of source_count
// A topic that we have no partition of.
void source_fault_note_others(struct source *source, size_t index, bool is_denied);
void source_fault_owe(struct source *source, struct loan *loan, rd_kafka_resp_err_t err);
// It is there, or others do it.
void source_fault_free(struct source *source, struct loan *loan);

// --- source_take.c
size_t source_take_some(struct source *source, struct candidate **out, size_t max);

// --- source_due.c
// Of a holding of a retry topic.
void source_due_note_read(
	const struct source *source, struct holding *holding, const rd_kafka_message_t *message
);
// One of ours got that stamp (-1: none). `holding`: of its partition, or NULL.
void source_due_note_handed_over(struct source *source, struct holding *holding, int64_t stamp_ms);
// How long read_ahead still waits, 0 or less: it may be tried. `now_ms`: monotonic.
int64_t source_due_left_ms(
	const struct source *source, const struct holding *holding, int64_t now_ms
);

// --- source_group.c
// It cannot go on. The first failure is the one that is told.
void source_fail(struct source *source, enum source_state state, const char *why);
// The same for an error of the library. Once there was a fatal one, every call answers __FATAL,
// maybe before its own event came.
void source_fail_by(struct source *source, rd_kafka_resp_err_t err);
void source_group_events(struct source *source, int64_t now_ms);
void source_group_watch(struct source *source, int64_t now_ms); // do the brokers answer?
// Has the group said what it has?
void source_group_log(struct source *source, int64_t now_ms);
void source_group_commit(struct source *source, int64_t now_ms);
bool source_has_to_commit(const struct source *source);
// When the next commit may be sent.
int64_t source_commit_due_ms(const struct source *source);
struct holding *source_group_find(
	const struct source *source, const rd_kafka_topic_partition_t *partition
);

// --- source_assign.c
rd_kafka_resp_err_t source_subscribe(struct source *source);
// All is taken from us, and we come back.
void source_join_anew(struct source *source);
void source_assign_rebalance(struct source *source, rd_kafka_event_t *event, int64_t now_ms);
void source_assign_give_back(struct source *source, int64_t now_ms); // when it is time
void source_assign_forget(struct source *source); // all partitions
// Do we have some of its partitions? `topic` is the setup's, the very pointer.
bool source_assign_has(const struct source *source, const char *topic);

// --- source_leave.c
// Commits what is done and leaves the group. False: not in time.
bool source_leave(struct source *source, int64_t until_ms, int *destroy_flags);

// --- source_age.c
// Warns when a record that is taken would soon have been deleted.
void source_age_look(
	struct source *source, const struct holding *holding, const rd_kafka_message_t *message
);
// So many records of source_topic(index) were.
void source_age_tell_deleted(const struct source *source, size_t index, int64_t records);

// --- source_gap.c
// Of a consumer, which must outlive it; `wake_fd` as wake.h. 0, -ENOMEM, -EAGAIN.
int source_gap_new(struct source_gap **out, rd_kafka_t *consumer, int wake_fd);
// Waits for the question that is out, at most three seconds; NULL is fine.
void source_gap_free(struct source_gap *gap);
void source_gap_serve(struct source *source, int64_t now_ms); // asks, counts and tells
// May records have been deleted that are not counted yet?
bool source_gap_is_open(const struct source *source);

// --- source_tell.c
// It is in another topic now, at that place, by the brokers' word.
void source_tell_handed_over(
	const struct source *source, const struct loan *loan, const struct handover_place *place
);
void source_tell_expired(const struct source *source, const struct loan *loan);

// --- source_proof.c
int source_proof_new(struct source_proof **out, const struct source *source); // 0, -ENOMEM, -EAGAIN
// Waits for the look that is out; NULL is fine.
void source_proof_free(struct source_proof *proof);
void source_proof_note_taken(struct holding *holding, const rd_kafka_message_t *message);
bool source_proof_is_missing(const struct source *source); // of a partition that we hold
void source_proof_serve(struct source *source, int64_t now_ms);

// --- source_scope.c
int source_scope_new(struct source_scope **out, const struct source *source); // 0, -ENOMEM, -EAGAIN
// Waits for the look that is out; NULL is fine.
void source_scope_free(struct source_scope *scope);
void source_scope_look(struct source *source); // soon; nothing waits for it
// At once; until it is known nothing is taken.
void source_scope_doubt(struct source *source);
bool source_scope_is_doubted(const struct source *source);
bool source_scope_lasts(const struct source *source, int64_t now_ms); // it has been for 15 seconds
void source_scope_serve(struct source *source, int64_t now_ms);

// --- source_guard.c
bool source_guard_has_to_commit(const struct source *source, const struct holding *holding);
// The group has nothing of it.
void source_guard_note_bare(struct source *source, struct holding *holding);
// The next commit, of one topic. Owner: the caller. Empty: the group has still to be asked.
rd_kafka_topic_partition_list_t *source_guard_commits(struct source *source);
// Is all committed, and is it known that it went into the logs that it is about, as far as brokers
// can be asked?
bool source_guard_is_clear(const struct source *source);
// Are there later topics to commit before the next round?
bool source_guard_is_amid(const struct source *source);
// The group took a commit, where the element has no error. Records of partitions that were bare are
// fetched anew; false: that could not be begun, so their commit is to be sent again.
bool source_guard_committed(struct source *source, const rd_kafka_topic_partition_list_t *done);
// The group has said of partitions what it has. Restarts a topic of which it has offsets of before.
void source_guard_compare(struct source *source, const rd_kafka_topic_partition_list_t *places);
// Adds a partition of which the group has place->offset to those that are to be started.
void source_guard_add(
	rd_kafka_topic_partition_list_t *list, const rd_kafka_topic_partition_t *place
);
// They are taken from where the group is, and all that was fetched before is dropped. False: not
// all could be begun.
bool source_guard_start(struct source *source, rd_kafka_topic_partition_list_t *list);
// The logs of a topic, the setup's very pointer, are others than before: all that we have of it is
// taken from the beginning.
void source_guard_restart(struct source *source, const char *topic);

// --- source_log.c
// Of a consumer, which must outlive it; `wake_fd` as wake.h. 0, -ENOMEM, -EAGAIN.
int source_log_new(struct source_log **out, rd_kafka_t *consumer, int wake_fd);
// Waits for the question that is out, at most five seconds.
void source_log_free(struct source_log *log);
// Asks the group what it has, until it answers; no commit may be out. False when we committed
// nothing that it could have forgotten.
bool source_log_ask(struct source *source, int64_t now_ms);
// The same, even then: does it answer?
void source_log_greet(struct source *source, int64_t now_ms);
// Although nothing is to be committed.
bool source_log_is_due(const struct source *source, int64_t now_ms);
// Did the group not say yet what it had when we began?
bool source_log_is_curious(const struct source *source);
// Was it asked after the last commit?
bool source_log_is_current(const struct source *source);
// Was it asked when all was at rest, and nothing moved since?
bool source_log_is_settled(const struct source *source);
// Did it answer? Then logs that are others are taken from their beginning. *err: of the answer.
bool source_log_answered(struct source *source, rd_kafka_resp_err_t *err);

// --- source_loan.c Reads a message, which it owns from now on, into a loan. *out NULL: a dead
// letter. 0; -ENOMEM (then the message is still the caller's).
int source_lend(
	struct source *source,
	struct holding *holding,
	rd_kafka_message_t *message,
	struct candidate **out
);
void source_take_back(struct source *source, struct candidate *candidate, const struct fate *fate);
// The loan ends: its offset is done, or stays in work.
void source_end_loan(struct source *source, struct loan *loan, bool is_done);
void source_loan_free(struct source *source, struct loan *loan);
// Given back, nothing lent.
void source_free_holding(struct source *source, struct holding *holding);
