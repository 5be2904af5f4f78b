// SPDX-License-Identifier: MPL-2.0
// departures: records on their way to a retry topic or to the dead letters, and what is to be
// written down of their end, which goes before them.
#include "worker/handover/departures.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/wake.h"
#include "common/kafka/kafka_error.h"
#include "common/kafka/kafka_right.h"
#include "worker/handover/handover_rule.h"
#include "worker/member/claim.h"
#include "worker/member/source_setup.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	HELD_MOST = 64, // partitions, enough to choose from
	// Until what the brokers did not take is tried again.
	PARKED_MS = 10 * 1000,
};

void departures_add(struct departures *departures, struct loan *loan) {
	if (!loan->is_waiting)
		TAILQ_INSERT_TAIL(&departures->loans->leaving, loan, leaving);
	loan->is_waiting = true;
	wake_ring(departures->member->serve_fd);
}

static bool is_of_tier(const struct holding *holding, size_t tier) {
	return holding->claim.is_retry && holding->retry == tier;
}

static int32_t retry_partition(
	const struct departures *departures, size_t tier, int32_t partition
) {
	const struct holding *holding;
	int32_t held[HELD_MOST];
	size_t count = 0;

	TAILQ_FOREACH (holding, &departures->member->holdings.list, link) {
		if (is_of_tier(holding, tier) && !holding->claim.stuck &&
		    holding->claim.owed == 0 && count < HELD_MOST)
			held[count++] = holding->claim.partition;
	}
	return handover_retry_partition(
		held, count, partition, departures->member->retry_partitions[tier]
	);
}

static struct holding *find_retry(
	const struct departures *departures, size_t tier, int32_t partition
) {
	struct holding *holding;

	TAILQ_FOREACH (holding, &departures->member->holdings.list, link) {
		if (is_of_tier(holding, tier) && holding->claim.partition == partition)
			break;
	}
	return holding;
}

// The producer may know fewer partitions than the group has given us, for a while: then it takes
// one that it knows.
static rd_kafka_resp_err_t send_retry(struct departures *departures, struct loan *loan) {
	const rd_kafka_message_t *message = loan->message;
	struct handover_record record = {
		.topic = departures->member->setup->retries[loan->tier].topic,
		.key = message->key,
		.key_bytes = message->key_len,
		.value = loan->rest == NULL ? message->payload : loan->rest,
		.value_bytes = loan->rest == NULL ? message->len : loan->rest_bytes,
		.headers = loan->headers,
		.tag = loan,
	};
	const struct holding *goal;
	rd_kafka_resp_err_t err;

	if (departures->member->retry_partitions[loan->tier] == 0)
		return RD_KAFKA_RESP_ERR__IN_PROGRESS; // it will be known soon
	record.partition = retry_partition(departures, loan->tier, message->partition);
	goal = find_retry(departures, loan->tier, record.partition);
	loan->goal_epoch = goal == NULL ? 0 : goal->claim.log_epoch;
	err = handover_send(departures->handover, &record);
	if (err != RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION)
		return err;
	record.partition = RD_KAFKA_PARTITION_UA;
	loan->goal_epoch = 0;
	return handover_send(departures->handover, &record);
}

static rd_kafka_resp_err_t send_dead(struct departures *departures, struct loan *loan) {
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
		departures->handover,
		&(struct handover_record){
			.topic = departures->member->setup->dead_topic,
			.partition = RD_KAFKA_PARTITION_UA,
			.key = key,
			.key_bytes = strlen(key),
			.value = message->payload,
			.value_bytes = message->len < DEPARTURES_VALUE_BYTES
				? message->len
				: DEPARTURES_VALUE_BYTES,
			.headers = loan->headers,
			.tag = loan,
		}
	);
}

static rd_kafka_resp_err_t send_audit(struct departures *departures, struct loan *loan) {
	const char *id = loan->candidate->id;

	return handover_send(
		departures->handover,
		&(struct handover_record){
			.topic = departures->member->setup->audit_topic,
			.partition = RD_KAFKA_PARTITION_UA,
			.key = id,
			.key_bytes = strlen(id),
			.value = loan->audit,
			.value_bytes = loan->audit_bytes,
			.tag = loan,
		}
	);
}

static rd_kafka_resp_err_t send_loan(struct departures *departures, struct loan *loan) {
	if (loan->audit != NULL)
		return send_audit(departures, loan);
	return loan->way == HANDOVER_RETRY ? send_retry(departures, loan)
					   : send_dead(departures, loan);
}

// Its offset stays in work. The others have the window for themselves.
void departures_refuse(struct departures *departures, struct loan *loan, const char *why) {
	struct claim *claim = &loan->holding->claim;

	if (!claim->stuck)
		LOG(departures->member->setup->log,
		    LOG_LEVEL_ERROR,
		    "a record cannot be handed over; its partition stands still until the worker "
		    "is started again",
		    log_str("topic", loan->holding->topic),
		    log_int("partition", loan->message->partition),
		    log_int("offset", loan->message->offset),
		    log_str("error", why));
	claim->stuck = true;
	loans_end(departures->loans, loan, false);
}

void departures_unpark(struct departures *departures, int64_t now_ms) {
	struct loan *loan;

	if (now_ms - departures->loans->parked_ms < PARKED_MS)
		return;
	departures->loans->parked_ms = now_ms;
	while ((loan = TAILQ_FIRST(&departures->loans->parked)) != NULL) {
		loans_unpark(departures->loans, loan);
		departures_add(departures, loan);
	}
}

// A right or a topic is missing, which may be mended while we run.
static void owe(struct departures *departures, struct loan *loan, rd_kafka_resp_err_t err) {
	faults_owe(departures->faults, loan_goal(loan), err, !loan->is_owed);
	loan->holding->claim.owed += !loan->is_owed;
	loan->is_owed = true;
}

// The brokers did not take it.
static void fail_handover(
	struct departures *departures, struct loan *loan, rd_kafka_resp_err_t err
) {
	const char *topic = source_setup_handover_topic(departures->member->setup, loan_goal(loan));
	char words[KAFKA_REFUSAL_BYTES];

	switch (kafka_classify(err)) {
	case KAFKA_MISSING:
		faults_suspect(departures->faults); // or it has fewer partitions now
		// fall through
	case KAFKA_DENIED:
		owe(departures, loan, err);
		loans_park(departures->loans, loan);
		break;
	case KAFKA_FATAL:
	case KAFKA_FENCED:
		departures_on_fatal(departures, err);
		break;
	default:
		departures_refuse(
			departures,
			loan,
			kafka_refusal_words(topic, err, words, sizeof(words))
				? words
				: rd_kafka_err2str(err)
		);
		break;
	}
}

void departures_send(struct departures *departures) {
	struct loan *loan;

	while ((loan = TAILQ_FIRST(&departures->loans->leaving)) != NULL) {
		rd_kafka_resp_err_t err;

		if (loan->holding->claim.lease.revoked) {
			loans_end(departures->loans, loan, false);
			continue;
		}
		err = send_loan(departures, loan);
		if (kafka_classify(err) == KAFKA_RETRY)
			return;
		TAILQ_REMOVE(&departures->loans->leaving, loan, leaving);
		loan->is_waiting = false;
		if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
			fail_handover(departures, loan, err);
	}
}

static void expect_retry(
	struct departures *departures, const struct loan *loan, const struct handover_place *place
) {
	struct holding *holding = find_retry(departures, loan->tier, place->partition);

	due_note_handed_over(departures->due, holding, place->stamp_ms);
	if (holding == NULL || !claim_expect(&holding->claim, loan->goal_epoch, place->offset + 1))
		departures->strayed_ms = clock_mono_ms();
}

// It is in another topic now, by the brokers' word. Nothing bounds these lines but the level.
static void tell(
	const struct departures *departures,
	const struct loan *loan,
	const struct handover_place *place
) {
	const struct source_setup *setup = departures->member->setup;

	LOG(setup->log,
	    LOG_LEVEL_DEBUG,
	    "record handed over",
	    log_str("id", loan->candidate == NULL ? NULL : loan->candidate->id),
	    log_str("topic", source_setup_handover_topic(setup, loan_goal(loan))),
	    log_int("partition", place->partition),
	    log_int("offset", place->offset));
}

static void on_audited(struct departures *departures, struct loan *loan) {
	loans_repay(departures->loans, loan);
	free(loan->audit);
	loan->audit = NULL;
	departures->member->counts.audited++;
	if (handover_goes_on(loan->way))
		departures_add(departures, loan);
	else
		loans_end(departures->loans, loan, true);
}

static void on_handed_over(
	struct departures *departures, struct loan *loan, const struct handover_place *place
) {
	if (log_enabled(departures->member->setup->log, LOG_LEVEL_DEBUG))
		tell(departures, loan, place);
	if (loan->way == HANDOVER_RETRY)
		expect_retry(departures, loan, place);
	departures->member->counts.retried += loan->way == HANDOVER_RETRY;
	departures->member->counts.dead += loan->way == HANDOVER_DEAD;
	loans_end(departures->loans, loan, true);
}

// When the topic has fewer partitions now it goes to another one.
static bool may_be_sent_again(rd_kafka_resp_err_t err) {
	return kafka_classify(err) == KAFKA_RETRY || err == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION;
}

void departures_on_done(
	void *ctx, void *tag, rd_kafka_resp_err_t err, const struct handover_place *place
) {
	struct departures *departures = ctx;
	struct loan *loan = tag;

	if (err == RD_KAFKA_RESP_ERR_NO_ERROR && loan->audit != NULL) {
		on_audited(departures, loan);
	} else if (err == RD_KAFKA_RESP_ERR_NO_ERROR) {
		on_handed_over(departures, loan, place);
	} else if (loan->holding->claim.lease.revoked) {
		loans_end(departures->loans, loan, false);
	} else if (may_be_sent_again(err)) {
		departures_add(departures, loan);
	} else {
		fail_handover(departures, loan, err);
	}
}

void departures_on_fatal(void *ctx, rd_kafka_resp_err_t err) {
	struct departures *departures = ctx;
	const struct kafka_right right = {
		.operation = "Write",
		.resource = "topic",
		.name = departures->member->setup->dead_topic};
	char words[KAFKA_RIGHT_BYTES], why[KAFKA_RIGHT_BYTES + 64];

	kafka_right_words(departures->member->setup->kafka, &right, err, words, sizeof(words));
	snprintf(why, sizeof(why), "records cannot be handed over any more: %s", words);
	member_fail(departures->member, SOURCE_FAILED, why);
}
