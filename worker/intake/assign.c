// SPDX-License-Identifier: MPL-2.0
// assign: the partitions that the group gives and takes.
//
// Design notes
// - Assignment is eager: a rebalance takes all partitions away and gives new ones. The loop never
//   waits for it: the leases are marked, the last commit is sent, and its answer (or the deadline)
//   gives the partitions back.
// - A partition's queue is cut off from the consumer's before the assignment, so nothing comes by
//   another way.
// - A static member that comes back gets what it had, although it may want other topics now: what
//   is none of ours is left alone, and the group is left and joined anew, which makes it share out
//   what its members want.
#include "worker/intake/assign.h"

#include "common/base/log.h"
#include "common/kafka/topics/replay.h"
#include "worker/commits/recall.h"
#include "worker/member/claim.h"
#include "worker/member/holdings.h"
#include "worker/member/source_setup.h"

#include <string.h>

rd_kafka_resp_err_t assign_subscribe(struct assign *assign) {
	rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(
		1 + (int)assign->member->setup->retry_count
	);
	rd_kafka_resp_err_t err;

	for (size_t i = 0; i <= assign->member->setup->retry_count; i++)
		rd_kafka_topic_partition_list_add(
			topics, source_setup_topic(assign->member->setup, i), RD_KAFKA_PARTITION_UA
		);
	err = rd_kafka_subscribe(assign->member->consumer, topics);
	rd_kafka_topic_partition_list_destroy(topics);
	return err;
}

static void tell_foreign(struct assign *assign, const rd_kafka_topic_partition_t *partition) {
	if (!assign->told_foreign)
		LOG(assign->member->setup->log,
		    LOG_LEVEL_ERROR,
		    "the group has partitions of a topic for our --instance-id that is none of "
		    "ours; nothing of them is taken or committed. What is in there is done by "
		    "workers with the --topic-prefix and the --group of that topic",
		    log_str("topic", partition->topic),
		    log_int("partition", partition->partition));
	assign->told_foreign = true;
}

static void limit(const struct replay *replay, struct holding_place *place) {
	struct replay_span span = replay_span_of(replay, place->partition);

	place->start = span.start;
	place->end = span.end;
}

// Takes the partitions of our topics into *ours. 0, -ENOMEM.
static int hold_all(
	struct assign *assign,
	const rd_kafka_topic_partition_list_t *list,
	rd_kafka_topic_partition_list_t *ours
) {
	struct member *member = assign->member;
	int err = 0;

	for (int i = 0; i < list->cnt && err == 0; i++) {
		const rd_kafka_topic_partition_t *partition = &list->elems[i];
		int topic = source_setup_find(member->setup, partition->topic);
		struct holding_place place = {
			.partition = partition->partition, .start = -1, .end = INT64_MAX};

		if (topic < 0) {
			tell_foreign(assign, partition);
			continue;
		}
		place.index = (size_t)topic;
		place.topic = source_setup_topic(member->setup, place.index);
		if (member->setup->replay != NULL)
			limit(member->setup->replay, &place);
		err = holdings_add(
			&member->holdings, member->consumer, &place, member->epoch, member->take_fd
		);
		rd_kafka_topic_partition_list_add(ours, partition->topic, partition->partition);
	}
	return err;
}

// Is it what we want? Whoever has partitions has some of all topics, unless somebody made one with
// fewer partitions: then we join anew once for nothing.
static bool fits(const struct assign *assign, int count) {
	if ((size_t)count != assign->member->holdings.count)
		return false;
	for (size_t i = 0; i < assign->member->setup->tier_count && count > 0; i++)
		if (!holdings_has(
			    &assign->member->holdings, assign->member->setup->retries[i].topic
		    ))
			return false;
	return count == 0 || holdings_has(&assign->member->holdings, assign->member->setup->topic);
}

void assign_join_anew(struct assign *assign) {
	LOG(assign->member->setup->log, LOG_LEVEL_INFO, "joining the group anew");
	assign->member->joins_anew = true;
	rd_kafka_unsubscribe(assign->member->consumer);
}

// Once at most: what then comes is what the members want.
static void insist_on_our_topics(struct assign *assign) {
	LOG(assign->member->setup->log,
	    LOG_LEVEL_INFO,
	    "the group knows our --instance-id with other topics");
	assign->has_joined_anew = true;
	assign_join_anew(assign);
}

static void take_over(struct assign *assign, const rd_kafka_topic_partition_list_t *list) {
	rd_kafka_topic_partition_list_t *ours = rd_kafka_topic_partition_list_new(list->cnt);
	rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR_NO_ERROR;

	assign->member->epoch++;
	assign->member->moves++;
	// A replay may have been dropped since we read what it is about.
	if (assign->member->setup->replay != NULL)
		owner_wait(assign->owner);
	else if (assign->member->epoch > 1)
		owner_look(assign->owner);
	recall_hurry(assign->commits->recall); // what does the group have now?
	if (hold_all(assign, list, ours) < 0)
		member_fail(assign->member, SOURCE_FAILED, "out of memory");
	else
		err = rd_kafka_assign(assign->member->consumer, ours);
	rd_kafka_topic_partition_list_destroy(ours);
	if (assign->member->state != SOURCE_RUNS)
		return;
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR) {
		member_fail_by(assign->member, err);
		return;
	}
	assign->member->joined = true;
	assign->member->has_joined = true;
	faults_clear_group(assign->faults);
	assign->member->news = true;
	source_count_ask(assign->count); // there may be more than before
	LOG(assign->member->setup->log,
	    LOG_LEVEL_INFO,
	    "partitions assigned",
	    log_int("count", (int64_t)assign->member->holdings.count));
	if (assign->member->setup->instance_id != NULL && !assign->has_joined_anew &&
	    !fits(assign, list->cnt))
		insist_on_our_topics(assign);
}

static void subscribe_again(struct assign *assign) {
	rd_kafka_resp_err_t err = assign_subscribe(assign);

	assign->member->joins_anew = false;
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
		member_fail_by(assign->member, err);
}

static void give_back(struct assign *assign) {
	assign->member->revoking = false;
	assign->member->joined = false;
	holdings_forget(&assign->member->holdings);
	rd_kafka_assign(assign->member->consumer, NULL);
	LOG(assign->member->setup->log, LOG_LEVEL_INFO, "partitions given back");
	if (assign->member->joins_anew && !assign->member->stopped)
		subscribe_again(assign);
}

void assign_give_back(struct assign *assign, int64_t now_ms) {
	if (!assign->member->revoking)
		return;
	if (now_ms >= assign->member->give_back_ms || commits_are_clear(assign->commits))
		give_back(assign);
	else if (now_ms >= commits_due_ms(assign->commits))
		commits_send(assign->commits, now_ms); // unless one is out
}

static void revoke(struct assign *assign, int64_t now_ms) {
	bool is_lost = rd_kafka_assignment_lost(assign->member->consumer) != 0;
	struct holding *holding;

	TAILQ_FOREACH (holding, &assign->member->holdings.list, link) {
		claim_revoke(&holding->claim);
	}
	assign->member->news = true;
	assign->member->revoking = true;
	assign->member->counts.revocations++;
	assign->member->give_back_ms = is_lost ? now_ms
					       : now_ms + assign->member->setup->revoke_deadline_ms;
	if (is_lost)
		LOG(assign->member->setup->log,
		    LOG_LEVEL_WARNING,
		    "the group took our partitions away; others do again what was in work");
	else
		commits_send(assign->commits, now_ms);
	assign_give_back(assign, now_ms);
}

// When a topic comes, goes or grows while we still give back, the library joins again without
// waiting for us: what it gives then stands in the place of what we had, and must not be given back
// with it.
static void make_way(struct assign *assign) {
	assign->member->revoking = false;
	holdings_forget(&assign->member->holdings);
}

void assign_rebalance(struct assign *assign, rd_kafka_event_t *event, int64_t now_ms) {
	if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
		revoke(assign, now_ms);
		return;
	}
	if (assign->member->revoking)
		make_way(assign);
	take_over(assign, rd_kafka_event_topic_partition_list(event));
}
