// SPDX-License-Identifier: MPL-2.0
// reap: how far it is with one container of a deleted account, until it is empty and deleted.
// Thread: loop.
//
// Design notes
//
//    ASK the account ──► LIST a page ──► PROBE ──► OBJECTS of it ──► ASK …
//          ▲                 │ │ an empty one of the last source
//          │                 │ └─► CONTAINER ──► OVER
//          └───── SHARDS ◄───┘ one of a sharded container
//
// - ASK is a HEAD of the account before each page, at all of its servers: one that was undeleted
//   alone is enough to leave it, and more than half have to say that it is deleted, for those that
//   say nothing may know better. What they said holds for some seconds, which ends a page as well.
// - A page is asked of the last of the container's servers first, as the reaper does. Where one
// does
//   not answer, the next one is asked.
// - PROBE looks for some objects of the page, as long as the ring was not shown to be right.
// - Each request of OBJECTS and CONTAINER goes to one of the servers, and all of one step have the
//   same time. It is one before the listing was asked for: what was written later stays, and the
//   next listing has it.
// - A container has one source of objects, its own listing. One that is sharded has its shards, and
//   while it is being sharded its own listing as well. One that its servers do not delete although
//   its listing is empty may have rows of other policies: then these are sources, too. Shards are
//   not deleted by us, and so by no server that says that it has objects: each is asked.
// - Nothing is deleted that was not listed, and the container only when none of its objects is
// known
//   to remain.
// - What ends a work is an outcome, which the remover hands on.
#pragma once

#include "common/base/buf.h"
#include "common/target/finding.h"
#include "common/targets/swift/book/counts.h"
#include "common/targets/swift/cluster/cluster.h"
#include "common/targets/swift/reaping/deletes.h"
#include "common/targets/swift/reaping/probe.h"
#include "common/targets/swift/reaping/sources.h"
#include "common/targets/swift/record/container_record.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct in_work_place;

enum reap_phase {
	REAP_ASK,
	REAP_LIST,
	REAP_SHARDS,
	REAP_PROBE,
	REAP_OBJECTS,
	REAP_CONTAINER,
	REAP_OVER,
};

// What the servers of the container said to its DELETE.
struct reap_verdicts {
	uint64_t answered; // bit by bit
	uint64_t conflicted; // those of `conflicts`
	uint64_t deleted; // those of `good`
	unsigned good, conflicts, absent, others;
};

struct reap_rule {
	// Accounts that users see go as well.
	bool takes_half_undeleted;
	// Objects that no server has leave the listing unlooked for.
	bool takes_absent;
};

// Read by all; written here and by reap_take.
struct reap {
	struct cluster *cluster;
	struct reap_rule rule;
	struct container_record record;
	enum reap_phase phase;
	struct cluster_site account, container;
	uint64_t container_servers; // cluster_site_mark of the last one
	struct sources sources;
	struct cluster_site listed; // the container of the source
	bool is_sharded;
	bool is_going_on; // it is still being sharded
	bool goes_on; // with the record's source
	bool has_others; // the sources have what reap_enter_others adds
	bool has_checks; // and the shards once more
	// Which of the servers of this phase is asked, and which of them say nothing.
	size_t asked;
	uint64_t away;
	// In ASK: those that said whether the account is deleted, and how many that it is.
	uint64_t told;
	size_t said_deleted;
	int64_t checked_us; // when the first was asked
	// Objects of the source up to this name were seen to.
	struct buf marker;
	bool wants_short_page;
	struct deletes *deletes; // REAP_PROBE, REAP_OBJECTS
	struct probe probe; // REAP_PROBE
	struct cluster_site probed; // its object
	int64_t stamp_us;
	int64_t policy;
	int64_t remaining; // objects, in this round
	struct reap_verdicts verdicts;
	// A server of the container says that it was deleted.
	bool is_proved;
	// How the answers to its DELETE stood last; REMAINING: there were none.
	enum reaped standing;
	unsigned rounds;
	// REAP_OVER: DONE (is_deleted tells whether by our hand), LEFT, FAILED, POSTPONED; or
	// RETRY: it goes on with reap_begin.
	struct finding outcome;
	bool is_deleted;
	// Of all that was done so far; and what of that the metrics have.
	struct counts counts, reported;
	unsigned char *rest; // what was said of it; owned
	struct in_work_place *place; // the remover's; NULL: none
};

// Takes the record, also after an error. 0 or -ENOMEM; a ring that cannot be read is an outcome.
// cluster NULL: the record is only looked at, and nothing is asked.
int reap_new(
	struct reap **out,
	struct cluster *cluster,
	const struct reap_rule *rule,
	struct container_record *record
);
void reap_free(struct reap *reap); // NULL is fine
// What is left of it, for a record of its own. False: all of it, or nothing. Its names are the
// reap's.
bool reap_rest(const struct reap *reap, struct container_record *out);
void reap_begin(struct reap *reap); // from the first object

// To the next phase. now_us: the wall clock.
void reap_enter_ask(struct reap *reap);
void reap_enter_list(struct reap *reap, int64_t now_us);
void reap_enter_shards(struct reap *reap); // asks for their names
void reap_take_shards(struct reap *reap, struct object_page *shards); // takes the page
// The source has no more objects: to the next one, or to the container.
void reap_leave_source(struct reap *reap);
// To what the servers that did not delete it may still have of it, once in a round. False: that was
// done.
bool reap_enter_others(struct reap *reap);
// It is over with it. words NULL: none.
void reap_end(struct reap *reap, enum verdict verdict, enum reason reason, const char *words);
void reap_end_for_memory(struct reap *reap);
// Once more from the first object, for some rounds; then in a later run.
void reap_end_round(struct reap *reap, enum reason reason, const char *words);

// The servers that are asked in this phase, one at a time.
const struct cluster_site *reap_site(const struct reap *reap);
// Turns to the next of them that is not away. False: all are.
bool reap_ask_another(struct reap *reap);
