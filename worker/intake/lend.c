// SPDX-License-Identifier: MPL-2.0
// lend: one record that is lent, and what becomes of it when it comes back.
#include "worker/intake/lend.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/kafka/record.h"
#include "common/pack/pack.h"
#include "worker/handover/handover.h"
#include "worker/handover/handover_rule.h"
#include "worker/member/claim.h"
#include "worker/member/holdings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { LETTERS_RENEW_MS = 60 * 1000 };

// --- on the way out

static bool note_loan(const struct lend *lend, struct loan *loan, const struct fate *fate) {
	struct candidate_origin *origin = &loan->candidate->origin;
	bool has_failed = !handover_is_postponed(fate);
	int away = handover_away(fate, origin->away);
	struct handover_note note = {
		.reason = reason_name(fate->reason),
		.status = fate->status,
		.message = fate->message,
		.topic = loan->holding->topic,
		.partition = loan->message->partition,
		.offset = loan->message->offset,
		.attempts = origin->attempts + (has_failed ? 1 : 0),
		.postponed = origin->postponed + (has_failed ? 0 : 1),
		.away = away,
		.first_failed_ms = origin->first_failed_ms,
		.replay = loan->replay,
	};

	if (has_failed && note.first_failed_ms == 0)
		note.first_failed_ms = clock_wall_ms();
	loan->tier = handover_tier(
		fate,
		&(struct handover_climb){.attempts = note.attempts, .away = away},
		lend->member->setup->tier_count
	);
	loan->headers = handover_headers(&note);
	return loan->headers != NULL;
}

// May another dead letter be named in the log?
static bool may_name(struct lend *lend) {
	enum quota_answer answer = quota_take(
		&lend->letters_named, LETTERS_RENEW_MS, clock_mono_ms()
	);

	if (answer == QUOTA_LAST)
		LOG(lend->member->setup->log,
		    LOG_LEVEL_WARNING,
		    "more records go to the dead letters; only counted for a while");
	return answer == QUOTA_WRITE;
}

static void tell_dead(
	struct lend *lend, const struct candidate *candidate, const struct fate *fate
) {
	if (may_name(lend))
		LOG(lend->member->setup->log,
		    LOG_LEVEL_WARNING,
		    "a record is given up; it goes to the dead letters",
		    log_str("id", candidate->id),
		    log_str("reason", reason_name(fate->reason)),
		    log_int("failures", candidate->origin.attempts + 1),
		    log_str("error", fate->message));
}

static bool note_undecodable(struct loan *loan, const char *fault) {
	struct handover_note note = {
		.reason = "undecodable",
		.message = fault,
		.topic = loan->holding->topic,
		.partition = loan->message->partition,
		.offset = loan->message->offset,
		.attempts = 1,
		.first_failed_ms = clock_wall_ms(),
		.truncated = loan->message->len > DEPARTURES_VALUE_BYTES,
		.replay = loan->replay,
	};

	loan->way = HANDOVER_DEAD;
	loan->headers = handover_headers(&note);
	return loan->headers != NULL;
}

// --- lend and take back

// 0, -EBADMSG with a word in *fault, -ENOMEM.
static int decode(
	const struct lend *lend,
	const rd_kafka_message_t *message,
	struct candidate **out,
	const char **fault
) {
	struct record head = {0};
	int err;

	if (message->payload == NULL) {
		*fault = "empty";
		return -EBADMSG;
	}
	err = record_decode(message->payload, message->len, &head, out);
	*fault = head.fault;
	if (err == 0 && strcmp(head.target, lend->member->setup->target) != 0) {
		candidate_free(*out);
		*out = NULL;
		*fault = "other_target";
		err = -EBADMSG;
	}
	return err;
}

static void set_origin(struct loan *loan, const struct handover_past *past) {
	struct candidate_origin *origin = &loan->candidate->origin;

	*origin = (struct candidate_origin){
		.lease = &loan->holding->claim.lease,
		.loan = loan,
		.offset = loan->message->offset,
		.first_failed_ms = past->first_failed_ms,
		.attempts = past->attempts,
		.postponed = past->postponed,
		.away = past->away,
		.is_replayed = loan->replay != NULL,
	};
}

static void lend_undecodable(struct lend *lend, struct loan *loan, const char *fault) {
	lend->member->counts.undecodable++;
	if (may_name(lend))
		LOG(lend->member->setup->log,
		    LOG_LEVEL_WARNING,
		    "a record cannot be decoded; it goes to the dead letters",
		    log_str("topic", loan->holding->topic),
		    log_int("partition", loan->message->partition),
		    log_int("offset", loan->message->offset),
		    log_str("fault", fault));
	departures_add(lend->departures, loan);
}

static bool is_wanted(const struct lend *lend, const struct candidate *candidate) {
	const struct source_setup *setup = lend->member->setup;

	return setup->is_wanted == NULL || setup->is_wanted(setup->wanted_ctx, candidate);
}

int lend_record(
	struct lend *lend,
	struct holding *holding,
	rd_kafka_message_t *message,
	struct candidate **out
) {
	struct member *member = lend->member;
	struct loan *loan = loans_add(lend->loans, holding, message);
	struct handover_past past;
	const char *fault = NULL;
	int err;

	*out = NULL;
	if (loan == NULL)
		return -ENOMEM;
	handover_read_past(message, &past);
	loan->replay = member->setup->replay != NULL ? member->setup->replay->id : past.replay;
	err = decode(lend, message, &loan->candidate, &fault);
	if (err == -EBADMSG && note_undecodable(loan, fault))
		err = 0;
	if (err == 0)
		err = claim_begin(&holding->claim, message->offset);
	if (err < 0) {
		loan->message = NULL; // the caller's
		loans_free(lend->loans, loan);
		return -ENOMEM;
	}
	holding_note_taken(holding, message);
	loans_charge(lend->loans, loan);
	member->counts.taken++;
	// A replay is about old ones.
	if (member->setup->replay == NULL)
		age_look(lend->age, holding, message);
	member->moves++;
	if (loan->candidate == NULL) {
		lend_undecodable(lend, loan, fault);
		return 0;
	}
	if (!is_wanted(lend, loan->candidate)) {
		member->counts.passed_over++;
		loans_end(lend->loans, loan, true);
		return 0;
	}
	set_origin(loan, &past);
	*out = loan->candidate;
	return 0;
}

static int encode_rest(struct loan *loan, const struct lend *lend, const struct candidate *rest) {
	struct record head = {0};
	struct candidate *before = NULL;
	struct pack *pack = pack_new();
	const unsigned char *data;
	size_t len;
	int err = pack == NULL ? -ENOMEM : 0;

	if (err == 0)
		err = record_decode(loan->message->payload, loan->message->len, &head, &before);
	if (err == 0)
		err = record_encode(pack, lend->member->setup->target, head.run, rest, &data, &len);
	if (err == 0) {
		loan->rest = malloc(len);
		err = loan->rest == NULL ? -ENOMEM : 0;
	}
	if (err == 0) {
		memcpy(loan->rest, data, len);
		loan->rest_bytes = len;
	}
	candidate_free(before);
	pack_free(pack);
	return err;
}

// What is left of it goes on, as a record of the same pass; where that makes no record, all of it
// does. False: out of memory.
static bool note_rest(struct loan *loan, const struct lend *lend, const struct candidate *rest) {
	return rest == NULL || loan->way != HANDOVER_RETRY ||
		encode_rest(loan, lend, rest) != -ENOMEM;
}

// Nothing bounds these lines but the level.
static void tell_expired(const struct lend *lend, const struct loan *loan) {
	LOG(lend->member->setup->log,
	    LOG_LEVEL_DEBUG,
	    "record waited too long; the next full pass finds it again",
	    log_str("id", loan->candidate->id));
}

static void judge(
	const struct lend *lend,
	struct loan *loan,
	const struct candidate *candidate,
	const struct fate *fate
) {
	const struct handover_limits limits = {
		.attempts = lend->member->setup->attempts,
		.life_ms = lend->member->setup->life_ms,
		.is_replay = lend->member->setup->replay != NULL,
	};

	loan->is_judged = true;
	loan->is_undone = loan->holding->claim.lease.revoked ||
		(lend->member->stopped && fate->verdict == VERDICT_POSTPONED) ||
		handover_is_undone(fate);
	loan->way = loan->is_undone ? HANDOVER_NONE
				    : handover_decide(&limits, candidate, fate, clock_wall_ms());
}

const char *lend_end_of(
	const struct lend *lend, struct candidate *candidate, const struct fate *fate
) {
	struct loan *loan = candidate->origin.loan;

	judge(lend, loan, candidate, fate);
	if (loan->is_undone || loan->way == HANDOVER_RETRY)
		return NULL;
	return loan->way == HANDOVER_DEAD ? "dead" : loan->way == HANDOVER_EXPIRED ? "expired" : "";
}

// Of one that comes back there is nothing to be said yet. False: out of memory.
static bool note_audit(struct loan *loan, const struct fate *fate) {
	if (fate->audit == NULL || loan->is_undone || loan->way == HANDOVER_RETRY)
		return true;
	loan->audit = malloc(fate->audit_bytes + 1);
	if (loan->audit == NULL)
		return false;
	memcpy(loan->audit, fate->audit, fate->audit_bytes);
	loan->audit_bytes = fate->audit_bytes;
	return true;
}

static bool note_all(struct lend *lend, struct loan *loan, const struct fate *fate) {
	if (!note_audit(loan, fate))
		return false;
	return !handover_goes_on(loan->way) ||
		(note_loan(lend, loan, fate) && note_rest(loan, lend, fate->rest));
}

void lend_take_back(struct lend *lend, struct candidate *candidate, const struct fate *fate) {
	struct loan *loan = candidate->origin.loan;

	if (!loan->is_judged)
		judge(lend, loan, candidate, fate);
	if (fate->is_unheard) {
		loan->is_undone = true;
		loan->way = HANDOVER_NONE;
	}
	lend->member->counts.expired += loan->way == HANDOVER_EXPIRED;
	if (loan->way == HANDOVER_EXPIRED)
		tell_expired(lend, loan);
	if (loan->way == HANDOVER_DEAD)
		tell_dead(lend, candidate, fate);
	if (!note_all(lend, loan, fate))
		departures_refuse(lend->departures, loan, "out of memory");
	else if (loan->audit != NULL || handover_goes_on(loan->way))
		departures_add(lend->departures, loan);
	else
		loans_end(lend->loans, loan, !loan->is_undone);
}
