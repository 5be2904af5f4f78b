// SPDX-License-Identifier: MPL-2.0
// source_loan: one record that is lent, and what becomes of it when it comes back.
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/wake.h"
#include "common/kafka/range.h"
#include "common/kafka/record.h"
#include "worker/intake/source_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LETTERS_RENEW_MS = 60 * 1000 };

void source_loan_free(struct source *source, struct loan *loan) {
	TAILQ_REMOVE(&source->loans, loan, link);
	if (loan->is_waiting)
		TAILQ_REMOVE(&source->leaving, loan, leaving);
	if (loan->is_parked)
		TAILQ_REMOVE(&source->parked, loan, leaving);
	source_fault_free(source, loan);
	if (loan->headers != NULL)
		rd_kafka_headers_destroy(loan->headers);
	if (loan->message != NULL)
		rd_kafka_message_destroy(loan->message);
	candidate_free(loan->candidate);
	free(loan);
}

void source_free_holding(struct source *source, struct holding *holding) {
	TAILQ_REMOVE(&source->revoked, holding, link);
	claim_fini(&holding->claim);
	free(holding);
}

void source_end_loan(struct source *source, struct loan *loan, bool is_done) {
	struct holding *holding = loan->holding;
	struct claim *claim = &holding->claim;

	if (is_done)
		claim_finish(claim, loan->log_epoch, loan->message->offset);
	else
		claim_abandon(claim);
	if (holding->queue != NULL) {
		source->lent--;
		source->lent_again -= claim->is_retry;
	}
	source_loan_free(source, loan);
	if (!source->stopped)
		wake_ring(source->take_fd);
	if (source->lent == 0)
		wake_ring(source->serve_fd);
	if (claim_is_free(claim) && holding->queue == NULL)
		source_free_holding(source, holding);
}

// --- on the way out

static bool note_loan(struct source *source, struct loan *loan, const struct fate *fate) {
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
	};

	if (has_failed && note.first_failed_ms == 0)
		note.first_failed_ms = clock_wall_ms();
	loan->tier = handover_tier(fate, away, source->setup.tier_count);
	loan->headers = handover_headers(&note);
	return loan->headers != NULL;
}

// May another dead letter be named in the log?
static bool may_name(struct source *source) {
	enum quota_answer answer = quota_take(
		&source->letters_named, LETTERS_RENEW_MS, clock_mono_ms()
	);

	if (answer == QUOTA_LAST)
		LOG(source->setup.log,
		    LOG_LEVEL_WARNING,
		    "more records go to the dead letters; only counted for a while");
	return answer == QUOTA_WRITE;
}

static void tell_dead(
	struct source *source, const struct candidate *candidate, const struct fate *fate
) {
	if (may_name(source))
		LOG(source->setup.log,
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
		.truncated = loan->message->len > SOURCE_VALUE_MOST_BYTES,
	};

	loan->way = HANDOVER_DEAD;
	loan->headers = handover_headers(&note);
	return loan->headers != NULL;
}

// --- lend and take back

// 0, -EBADMSG with a word in *fault, -ENOMEM.
static int decode(
	const struct source *source,
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
	if (err == 0 && strcmp(head.target, source->setup.target) != 0) {
		candidate_free(*out);
		*out = NULL;
		*fault = "other_target";
		err = -EBADMSG;
	}
	return err;
}

static void set_origin(struct loan *loan) {
	struct candidate_origin *origin = &loan->candidate->origin;
	struct handover_past past;

	handover_read_past(loan->message, &past);
	*origin = (struct candidate_origin){
		.lease = &loan->holding->claim.lease,
		.loan = loan,
		.offset = loan->message->offset,
		.first_failed_ms = past.first_failed_ms,
		.attempts = past.attempts,
		.postponed = past.postponed,
		.away = past.away,
	};
}

static void lend_undecodable(struct source *source, struct loan *loan, const char *fault) {
	source->counts.undecodable++;
	if (may_name(source))
		LOG(source->setup.log,
		    LOG_LEVEL_WARNING,
		    "a record cannot be decoded; it goes to the dead letters",
		    log_str("topic", loan->holding->topic),
		    log_int("partition", loan->message->partition),
		    log_int("offset", loan->message->offset),
		    log_str("fault", fault));
	source_hand_over(source, loan);
}

int source_lend(
	struct source *source,
	struct holding *holding,
	rd_kafka_message_t *message,
	struct candidate **out
) {
	struct loan *loan = calloc(1, sizeof(*loan));
	const char *fault = NULL;
	int err;

	*out = NULL;
	if (loan == NULL)
		return -ENOMEM;
	*loan = (struct loan){
		.holding = holding,
		.message = message,
		.log_epoch = holding->claim.log_epoch,
	};
	TAILQ_INSERT_TAIL(&source->loans, loan, link);
	err = decode(source, message, &loan->candidate, &fault);
	if (err == -EBADMSG && note_undecodable(loan, fault))
		err = 0;
	if (err == 0)
		err = claim_begin(&holding->claim, message->offset);
	if (err < 0) {
		loan->message = NULL; // the caller's
		source_loan_free(source, loan);
		return -ENOMEM;
	}
	source_proof_note_taken(holding, message);
	source->lent++;
	source->lent_again += holding->claim.is_retry;
	source->counts.taken++;
	source_age_look(source, holding, message);
	source->moves++;
	if (loan->candidate == NULL) {
		lend_undecodable(source, loan, fault);
		return 0;
	}
	set_origin(loan);
	*out = loan->candidate;
	return 0;
}

void source_take_back(struct source *source, struct candidate *candidate, const struct fate *fate) {
	struct loan *loan = candidate->origin.loan;
	bool is_undone = loan->holding->claim.lease.revoked ||
		(source->stopped && fate->verdict == VERDICT_POSTPONED);

	loan->way = is_undone
		? HANDOVER_NONE
		: handover_decide(&source->setup.limits, candidate, fate, clock_wall_ms());
	source->counts.expired += loan->way == HANDOVER_EXPIRED;
	if (loan->way == HANDOVER_EXPIRED)
		source_tell_expired(source, loan);
	if (loan->way == HANDOVER_DEAD)
		tell_dead(source, candidate, fate);
	if (loan->way != HANDOVER_RETRY && loan->way != HANDOVER_DEAD)
		source_end_loan(source, loan, !is_undone);
	else if (note_loan(source, loan, fate))
		source_hand_over(source, loan);
	else
		source_refuse(source, loan, "out of memory");
}
