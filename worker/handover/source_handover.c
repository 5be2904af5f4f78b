// SPDX-License-Identifier: MPL-2.0
// source_handover: records on their way to a retry topic or to the dead letters.
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/wake.h"
#include "worker/intake/source_state.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum {
	HELD_MOST = 64, // partitions, enough to choose from
	// Until what the brokers did not take is tried again.
	PARKED_MS = 10 * 1000,
};

size_t source_handover_index(const struct loan *loan) {
	return loan->way == HANDOVER_RETRY ? 1 + loan->tier : 0;
}

void source_hand_over(struct source *source, struct loan *loan) {
	if (!loan->is_waiting)
		TAILQ_INSERT_TAIL(&source->leaving, loan, leaving);
	loan->is_waiting = true;
	wake_ring(source->serve_fd);
}

static bool is_of_tier(const struct holding *holding, size_t tier) {
	return holding->claim.is_retry && holding->retry == tier;
}

static int32_t retry_partition(const struct source *source, size_t tier, int32_t partition) {
	const struct holding *holding;
	int32_t held[HELD_MOST];
	size_t count = 0;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (is_of_tier(holding, tier) && !holding->claim.stuck &&
		    holding->claim.owed == 0 && count < HELD_MOST)
			held[count++] = holding->claim.partition;
	}
	return handover_retry_partition(held, count, partition, source->retry_partitions[tier]);
}

static struct holding *find_retry(const struct source *source, size_t tier, int32_t partition) {
	struct holding *holding;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (is_of_tier(holding, tier) && holding->claim.partition == partition)
			break;
	}
	return holding;
}

// The producer may know fewer partitions than the group has given us, for a while: then it takes
// one that it knows.
static rd_kafka_resp_err_t send_retry(struct source *source, struct loan *loan) {
	const rd_kafka_message_t *message = loan->message;
	struct handover_record record = {
		.topic = source->setup.retries[loan->tier].topic,
		.key = message->key,
		.key_bytes = message->key_len,
		.value = message->payload,
		.value_bytes = message->len,
		.headers = loan->headers,
		.tag = loan,
	};
	const struct holding *goal;
	rd_kafka_resp_err_t err;

	if (source->retry_partitions[loan->tier] == 0)
		return RD_KAFKA_RESP_ERR__IN_PROGRESS; // it will be known soon
	record.partition = retry_partition(source, loan->tier, message->partition);
	goal = find_retry(source, loan->tier, record.partition);
	loan->goal_epoch = goal == NULL ? 0 : goal->claim.log_epoch;
	err = handover_send(source->handover, &record);
	if (err != RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION)
		return err;
	record.partition = RD_KAFKA_PARTITION_UA;
	loan->goal_epoch = 0;
	return handover_send(source->handover, &record);
}

static rd_kafka_resp_err_t send_dead(struct source *source, struct loan *loan) {
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
			.value_bytes = message->len < SOURCE_VALUE_MOST_BYTES
				? message->len
				: SOURCE_VALUE_MOST_BYTES,
			.headers = loan->headers,
			.tag = loan,
		}
	);
}

// Its offset stays in work. The others have the window for themselves.
void source_refuse(struct source *source, struct loan *loan, const char *why) {
	struct claim *claim = &loan->holding->claim;

	if (!claim->stuck)
		LOG(source->setup.log,
		    LOG_LEVEL_ERROR,
		    "a record cannot be handed over; its partition stands still until the worker "
		    "is started again",
		    log_str("topic", loan->holding->topic),
		    log_int("partition", loan->message->partition),
		    log_int("offset", loan->message->offset),
		    log_str("error", why));
	claim->stuck = true;
	source_end_loan(source, loan, false);
}

// A right or a topic is missing, which may be mended while we run: its partition stands still until
// the brokers take it, and the others have the window for themselves.
static void park(struct source *source, struct loan *loan) {
	struct claim *claim = &loan->holding->claim;

	if (TAILQ_EMPTY(&source->parked))
		source->parked_ms = clock_mono_ms();
	TAILQ_INSERT_TAIL(&source->parked, loan, leaving);
	loan->is_parked = true;
	claim->parked++;
	source->lent--;
	source->lent_again -= claim->is_retry;
	wake_ring(source->take_fd);
}

static void unpark(struct source *source, struct loan *loan) {
	struct holding *holding = loan->holding;

	TAILQ_REMOVE(&source->parked, loan, leaving);
	loan->is_parked = false;
	holding->claim.parked--;
	if (holding->queue != NULL) {
		source->lent++;
		source->lent_again += holding->claim.is_retry;
	}
	source_hand_over(source, loan);
}

void source_unpark(struct source *source, int64_t now_ms) {
	struct loan *loan;

	if (now_ms - source->parked_ms < PARKED_MS)
		return;
	source->parked_ms = now_ms;
	while ((loan = TAILQ_FIRST(&source->parked)) != NULL)
		unpark(source, loan);
}

// The brokers did not take it.
static void fail_handover(struct source *source, struct loan *loan, rd_kafka_resp_err_t err) {
	const char *topic = source_handover_topic(&source->setup, source_handover_index(loan));
	char words[KAFKA_REFUSAL_BYTES];

	switch (kafka_classify(err)) {
	case KAFKA_MISSING:
		source_fault_suspect(source); // or it has fewer partitions now
		// fall through
	case KAFKA_DENIED:
		source_fault_owe(source, loan, err);
		park(source, loan);
		break;
	case KAFKA_FATAL:
	case KAFKA_FENCED:
		source_on_handover_fatal(source, err);
		break;
	default:
		source_refuse(
			source,
			loan,
			kafka_refusal_words(topic, err, words, sizeof(words))
				? words
				: rd_kafka_err2str(err)
		);
		break;
	}
}

void source_send_leaving(struct source *source) {
	struct loan *loan;

	while ((loan = TAILQ_FIRST(&source->leaving)) != NULL) {
		rd_kafka_resp_err_t err;

		if (loan->holding->claim.lease.revoked) {
			source_end_loan(source, loan, false);
			continue;
		}
		err = loan->way == HANDOVER_RETRY ? send_retry(source, loan)
						  : send_dead(source, loan);
		if (kafka_classify(err) == KAFKA_RETRY)
			return;
		TAILQ_REMOVE(&source->leaving, loan, leaving);
		loan->is_waiting = false;
		if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
			fail_handover(source, loan, err);
	}
}

static void expect_retry(
	struct source *source, const struct loan *loan, const struct handover_place *place
) {
	struct holding *holding = find_retry(source, loan->tier, place->partition);

	source_due_note_handed_over(source, holding, place->stamp_ms);
	if (holding == NULL || !claim_expect(&holding->claim, loan->goal_epoch, place->offset + 1))
		source->strayed_ms = clock_mono_ms();
}

// When the topic has fewer partitions now it goes to another one.
static bool may_be_sent_again(rd_kafka_resp_err_t err) {
	return kafka_classify(err) == KAFKA_RETRY || err == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

void source_on_handed_over(
	void *ctx, void *tag, rd_kafka_resp_err_t err, const struct handover_place *place
) {
	struct source *source = ctx;
	struct loan *loan = tag;

	if (err == RD_KAFKA_RESP_ERR_NO_ERROR) {
		if (log_enabled(source->setup.log, LOG_LEVEL_DEBUG))
			source_tell_handed_over(source, loan, place);
		if (loan->way == HANDOVER_RETRY)
			expect_retry(source, loan, place);
		source->counts.retried += loan->way == HANDOVER_RETRY;
		source->counts.dead += loan->way == HANDOVER_DEAD;
		source_end_loan(source, loan, true);
	} else if (loan->holding->claim.lease.revoked) {
		source_end_loan(source, loan, false);
	} else if (may_be_sent_again(err)) {
		source_hand_over(source, loan);
	} else {
		fail_handover(source, loan, err);
	}
}

void source_on_handover_fatal(void *ctx, rd_kafka_resp_err_t err) {
	struct source *source = ctx;
	const struct kafka_right right = {
		.operation = "Write", .resource = "topic", .name = source->setup.dead_topic};
	char words[KAFKA_RIGHT_BYTES], why[KAFKA_RIGHT_BYTES + 64];

	kafka_right_words(source->setup.kafka, &right, err, words, sizeof(words));
	snprintf(why, sizeof(why), "records cannot be handed over any more: %s", words);
	source_fail(source, SOURCE_FAILED, why);
}
