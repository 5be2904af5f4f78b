// SPDX-License-Identifier: MPL-2.0
// loans: the records that are with the engine or being handed over. Thread: loop. Owner: the
// source.
#pragma once

#include "common/candidate.h"
#include "worker/handover/handover_rule.h"
#include "worker/inquiry/faults.h"
#include "worker/member/member.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

// A record that is with the engine or being handed over.
struct loan {
	struct holding *holding;
	uint64_t log_epoch; // the claim's
	rd_kafka_message_t *message;
	struct candidate *candidate; // NULL: cannot be decoded
	// Of which it is, by this worker or by its header; NULL: of none. Owner: the setup or the
	// message.
	const char *replay;
	rd_kafka_headers_t *headers; // when it is handed over
	// The record that is handed over instead of the message; NULL: the message.
	unsigned char *rest;
	size_t rest_bytes;
	// What goes to the audit before that; NULL: nothing, or it is there. Owned.
	char *audit;
	size_t audit_bytes;
	enum handover_way way;
	bool is_judged; // its way is decided
	bool is_undone; // others do it
	size_t tier; // of setup.retries, when it goes there
	// The log epoch of its partition there when it was sent; 0: that is not ours.
	uint64_t goal_epoch;
	bool is_waiting; // in loans->leaving
	// A right or a topic was missing when it was to be handed over.
	bool is_owed;
	// In loans->parked, and not counted in holdings->lent.
	bool is_parked;
	TAILQ_ENTRY(loan) link; // in loans->all
	TAILQ_ENTRY(loan) leaving; // in loans->leaving or ->parked
};
TAILQ_HEAD(loan_list, loan);

struct loans { // see loans_init
	struct member *member;
	struct faults *faults;
	struct loan_list all;
	struct loan_list leaving; // to be published
	// The brokers did not take it: tried again after a while.
	struct loan_list parked;
	int64_t parked_ms; // when that was last tried
};

// Both must outlive it.
void loans_init(struct loans *loans, struct member *member, struct faults *faults);
// Owns the message from now on. NULL: out of memory.
struct loan *loans_add(struct loans *loans, struct holding *holding, rd_kafka_message_t *message);
// It counts against the window.
void loans_charge(struct loans *loans, struct loan *loan);
// The loan ends: its offset is done, or stays in work.
void loans_end(struct loans *loans, struct loan *loan, bool is_done);
// It is there, or not to be handed over any more: nothing is owed of it.
void loans_repay(struct loans *loans, struct loan *loan);
// As if it had never been; what it owns goes with it, the message too unless it is NULL.
void loans_free(struct loans *loans, struct loan *loan);
void loans_fini(struct loans *loans); // all of them
// Where it goes: as source_setup_handover_topic.
size_t loan_goal(const struct loan *loan);

// Its partition stands still until the brokers take it, and the others have the window for
// themselves.
void loans_park(struct loans *loans, struct loan *loan);
void loans_unpark(struct loans *loans, struct loan *loan);
