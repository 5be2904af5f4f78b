// SPDX-License-Identifier: MPL-2.0
// source_loan: one record that is lent, and where it goes when it comes back.
#include "common/clock.h"
#include "common/log.h"
#include "common/range.h"
#include "common/record.h"
#include "common/wake.h"
#include "worker/source_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VALUE_MOST_BYTES = 64 * 1024, LETTERS_RENEW_MS = 60 * 1000 };

void source_loan_free(struct source *source, struct loan *loan) {
	TAILQ_REMOVE(&source->loans, loan, link);
	if (loan->is_waiting)
		TAILQ_REMOVE(&source->leaving, loan, leaving);
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

// The loan ends: its offset is done, or stays in work.
static void end_loan(struct source *source, struct loan *loan, bool is_done) {
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

static void leave(struct source *source, struct loan *loan) {
	if (!loan->is_waiting)
		TAILQ_INSERT_TAIL(&source->leaving, loan, leaving);
	loan->is_waiting = true;
	wake_ring(source->serve_fd);
}

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
	enum quota_answer answer =
		quota_take(&source->letters_named, LETTERS_RENEW_MS, clock_mono_ms());

	if (answer == QUOTA_LAST)
		LOG(source->setup.log,
		    LOG_LEVEL_WARNING,
		    "more records go to the dead letters; only counted for a while");
	return answer == QUOTA_WRITE;
}

static void
tell_dead(struct source *source, const struct candidate *candidate, const struct fate *fate) {
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
		.truncated = loan->message->len > VALUE_MOST_BYTES,
	};

	loan->way = HANDOVER_DEAD;
	loan->headers = handover_headers(&note);
	return loan->headers != NULL;
}

enum { HELD_MOST = 64 }; // enough to choose from

static bool is_of_tier(const struct holding *holding, size_t tier) {
	return holding->claim.is_retry && holding->retry == tier;
}

static int32_t retry_partition(const struct source *source, size_t tier, int32_t partition) {
	const struct holding *holding;
	int32_t held[HELD_MOST];
	size_t count = 0;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (is_of_tier(holding, tier) && !holding->claim.stuck && count < HELD_MOST)
			held[count++] = holding->claim.partition;
	}
	return handover_retry_partition(held, count, partition, source->retry_partitions[tier]);
}

static int send_retry(struct source *source, struct loan *loan) {
	const rd_kafka_message_t *message = loan->message;

	if (source->retry_partitions[loan->tier] == 0)
		return -EAGAIN; // it will be known soon
	return handover_send(
		source->handover,
		&(struct handover_record){
			.topic = source->setup.retries[loan->tier].topic,
			.partition = retry_partition(source, loan->tier, message->partition),
			.key = message->key,
			.key_bytes = message->key_len,
			.value = message->payload,
			.value_bytes = message->len,
			.headers = loan->headers,
			.tag = loan,
		}
	);
}

static int send_dead(struct source *source, struct loan *loan) {
	const rd_kafka_message_t *message = loan->message;
	char place[300];
	const char *key = place;

	if (loan->candidate != NULL)
		key = loan->candidate->id;
	else
		snprintf(
			place,
			sizeof(place),
			"%s/%" PRId32 "/%" PRId64,
			loan->holding->topic,
			message->partition,
			message->offset
		);
	return handover_send(
		source->handover,
		&(struct handover_record){
			.topic = source->setup.dead_topic,
			.partition = RD_KAFKA_PARTITION_UA,
			.key = key,
			.key_bytes = strlen(key),
			.value = message->payload,
			.value_bytes =
				message->len < VALUE_MOST_BYTES ? message->len : VALUE_MOST_BYTES,
			.headers = loan->headers,
			.tag = loan,
		}
	);
}

// It may neither go on nor be passed over: its offset stays in work, and its partition stands still until somebody looks.
// The others have the window for themselves.
static void refuse(struct source *source, struct loan *loan) {
	struct claim *claim = &loan->holding->claim;

	if (!claim->stuck)
		LOG(source->setup.log,
		    LOG_LEVEL_ERROR,
		    "a record cannot be handed over; its partition stands still until the worker "
		    "is started again",
		    log_str("topic", loan->holding->topic),
		    log_int("partition", loan->message->partition),
		    log_int("offset", loan->message->offset));
	claim->stuck = true;
	end_loan(source, loan, false);
}

void source_send_leaving(struct source *source) {
	struct loan *loan;

	while ((loan = TAILQ_FIRST(&source->leaving)) != NULL) {
		int err;

		if (loan->holding->claim.lease.revoked) {
			end_loan(source, loan, false);
			continue;
		}
		err = loan->way == HANDOVER_RETRY ? send_retry(source, loan)
						  : send_dead(source, loan);
		if (err == -EAGAIN)
			return;
		TAILQ_REMOVE(&source->leaving, loan, leaving);
		loan->is_waiting = false;
		if (err < 0)
			refuse(source, loan);
	}
}

static void expect_retry(struct source *source, size_t tier, int32_t partition, int64_t end) {
	struct holding *holding;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (is_of_tier(holding, tier) && holding->claim.partition == partition)
			claim_expect(&holding->claim, end);
	}
}

void source_on_handed_over(
	void *ctx, void *tag, enum kafka_class class, int32_t partition, int64_t offset
) {
	struct source *source = ctx;
	struct loan *loan = tag;

	if (class == KAFKA_OK) {
		if (log_enabled(source->setup.log, LOG_LEVEL_DEBUG))
			source_tell_handed_over(source, loan, partition, offset);
		if (loan->way == HANDOVER_RETRY)
			expect_retry(source, loan->tier, partition, offset + 1);
		source->counts.retried += loan->way == HANDOVER_RETRY;
		source->counts.dead += loan->way == HANDOVER_DEAD;
		end_loan(source, loan, true);
	} else if (loan->holding->claim.lease.revoked) {
		end_loan(source, loan, false);
	} else if (class == KAFKA_RETRY) {
		leave(source, loan);
	} else if (class == KAFKA_FATAL || class == KAFKA_FENCED) {
		source_fail(source, SOURCE_FAILED, "records cannot be handed over any more");
	} else {
		refuse(source, loan);
	}
}

// --- lend and take back

// 0, -EBADMSG with a word in *fault, -ENOMEM.
static int
decode(const struct source *source,
       const rd_kafka_message_t *message,
       struct candidate **out,
       const char **fault) {
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
	leave(source, loan);
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
	source->lent++;
	source->lent_again += holding->claim.is_retry;
	source->counts.taken++;
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
		end_loan(source, loan, !is_undone);
	else if (note_loan(source, loan, fate))
		leave(source, loan);
	else
		refuse(source, loan); // out of memory
}
