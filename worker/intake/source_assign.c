// SPDX-License-Identifier: MPL-2.0
// source_assign: the partitions that the group gives and takes.
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
#include "common/base/log.h"
#include "common/base/wake.h"
#include "worker/intake/source_state.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

rd_kafka_resp_err_t source_subscribe(struct source *source) {
	rd_kafka_topic_partition_list_t *topics = rd_kafka_topic_partition_list_new(
		1 + (int)source->setup.retry_count
	);
	rd_kafka_resp_err_t err;

	for (size_t i = 0; i <= source->setup.retry_count; i++)
		rd_kafka_topic_partition_list_add(
			topics, source_topic(&source->setup, i), RD_KAFKA_PARTITION_UA
		);
	err = rd_kafka_subscribe(source->consumer, topics);
	rd_kafka_topic_partition_list_destroy(topics);
	return err;
}

// Which of ours it is: 0 the candidates' topic, then those of setup.retries; -1: none of them.
static int find_topic(const struct source_setup *setup, const char *topic) {
	for (size_t i = 0; i <= setup->retry_count; i++)
		if (strcmp(topic, source_topic(setup, i)) == 0)
			return (int)i;
	return -1;
}

static struct holding *hold(
	struct source *source, const rd_kafka_topic_partition_t *partition, int topic
) {
	struct holding *holding = calloc(1, sizeof(*holding));

	if (holding == NULL ||
	    claim_init(&holding->claim, source->epoch, partition->partition, topic > 0) < 0) {
		free(holding);
		return NULL;
	}
	holding->retry = topic > 0 ? (size_t)topic - 1 : 0;
	holding->topic = source_topic(&source->setup, (size_t)topic);
	holding->queue = rd_kafka_queue_get_partition(
		source->consumer, partition->topic, partition->partition
	);
	if (holding->queue == NULL) {
		claim_fini(&holding->claim);
		free(holding);
		return NULL;
	}
	rd_kafka_queue_forward(holding->queue, NULL);
	rd_kafka_queue_io_event_enable(
		holding->queue, source->take_fd, &wake_word, sizeof(wake_word)
	);
	holding->is_ready = true;
	holding->last.offset = holding->proven.offset = -1;
	return holding;
}

static void tell_foreign(struct source *source, const rd_kafka_topic_partition_t *partition) {
	if (!source->told_foreign)
		LOG(source->setup.log,
		    LOG_LEVEL_ERROR,
		    "the group has partitions of a topic for our --instance-id that is none of "
		    "ours; "
		    "nothing of them is taken or committed. What is in there is done by workers "
		    "with the --topic-prefix and the --group of that topic",
		    log_str("topic", partition->topic),
		    log_int("partition", partition->partition));
	source->told_foreign = true;
}

// Takes the partitions of our topics into *ours. 0, -ENOMEM.
static int hold_all(
	struct source *source,
	const rd_kafka_topic_partition_list_t *list,
	rd_kafka_topic_partition_list_t *ours
) {
	for (int i = 0; i < list->cnt; i++) {
		const rd_kafka_topic_partition_t *partition = &list->elems[i];
		int topic = find_topic(&source->setup, partition->topic);
		struct holding *holding;

		if (topic < 0) {
			tell_foreign(source, partition);
			continue;
		}
		holding = hold(source, partition, topic);
		if (holding == NULL)
			return -ENOMEM;
		rd_kafka_topic_partition_list_add(ours, partition->topic, partition->partition);
		TAILQ_INSERT_TAIL(&source->holdings, holding, link);
		source->holding_count++;
		source->candidate_count += topic == 0;
	}
	return 0;
}

bool source_assign_has(const struct source *source, const char *topic) {
	const struct holding *holding;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (holding->topic == topic)
			return true;
	}
	return false;
}

// Is it what we want? Whoever has partitions has some of all topics, unless somebody made one with
// fewer partitions: then we join anew once for nothing.
static bool fits(const struct source *source, int count) {
	if ((size_t)count != source->holding_count)
		return false;
	for (size_t i = 0; i < source->setup.tier_count && count > 0; i++)
		if (!source_assign_has(source, source->setup.retries[i].topic))
			return false;
	return count == 0 || source_assign_has(source, source->setup.topic);
}

void source_join_anew(struct source *source) {
	LOG(source->setup.log, LOG_LEVEL_INFO, "joining the group anew");
	source->joins_anew = true;
	rd_kafka_unsubscribe(source->consumer);
}

// Once at most: what then comes is what the members want.
static void insist_on_our_topics(struct source *source) {
	LOG(source->setup.log, LOG_LEVEL_INFO, "the group knows our --instance-id with other topics"
	);
	source->has_joined_anew = true;
	source_join_anew(source);
}

static void assign(struct source *source, const rd_kafka_topic_partition_list_t *list) {
	rd_kafka_topic_partition_list_t *ours = rd_kafka_topic_partition_list_new(list->cnt);
	rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR_NO_ERROR;

	source->epoch++;
	source->moves++;
	if (source->epoch > 1)
		source_scope_look(source);
	if (!source->asks_log)
		source->asked_log_ms = 0; // what does the group have now?
	if (hold_all(source, list, ours) < 0)
		source_fail(source, SOURCE_FAILED, "out of memory");
	else
		err = rd_kafka_assign(source->consumer, ours);
	rd_kafka_topic_partition_list_destroy(ours);
	if (source->state != SOURCE_RUNS)
		return;
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR) {
		source_fail_by(source, err);
		return;
	}
	source->joined = true;
	source->has_joined = true;
	source->faults.group = RD_KAFKA_RESP_ERR_NO_ERROR;
	source->news = true;
	source_count_ask(source->count); // there may be more than before
	LOG(source->setup.log,
	    LOG_LEVEL_INFO,
	    "partitions assigned",
	    log_int("count", (int64_t)source->holding_count));
	if (source->setup.instance_id != NULL && !source->has_joined_anew &&
	    !fits(source, list->cnt))
		insist_on_our_topics(source);
}

static void forget(struct source *source, struct holding *holding) {
	TAILQ_REMOVE(&source->holdings, holding, link);
	source->holding_count--;
	source->candidate_count -= !holding->claim.is_retry;
	source->lent -= holding->claim.lent - holding->claim.parked;
	source->lent_again -= holding->claim.is_retry ? holding->claim.lent - holding->claim.parked
						      : 0;
	if (holding->read_ahead != NULL)
		rd_kafka_message_destroy(holding->read_ahead);
	holding->read_ahead = NULL;
	rd_kafka_queue_io_event_enable(holding->queue, -1, NULL, 0);
	rd_kafka_queue_destroy(holding->queue);
	holding->queue = NULL;
	TAILQ_INSERT_TAIL(&source->revoked, holding, link);
	if (claim_is_free(&holding->claim))
		source_free_holding(source, holding);
}

void source_assign_forget(struct source *source) {
	struct holding *holding;

	while ((holding = TAILQ_FIRST(&source->holdings)) != NULL)
		forget(source, holding);
}

static void subscribe_again(struct source *source) {
	rd_kafka_resp_err_t err = source_subscribe(source);

	source->joins_anew = false;
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR)
		source_fail_by(source, err);
}

static void give_back(struct source *source) {
	source->revoking = false;
	source->joined = false;
	source_assign_forget(source);
	rd_kafka_assign(source->consumer, NULL);
	LOG(source->setup.log, LOG_LEVEL_INFO, "partitions given back");
	if (source->joins_anew && !source->stopped)
		subscribe_again(source);
}

void source_assign_give_back(struct source *source, int64_t now_ms) {
	if (!source->revoking)
		return;
	if (now_ms >= source->give_back_ms || source_guard_is_clear(source))
		give_back(source);
	else if (now_ms >= source_commit_due_ms(source))
		source_group_commit(source, now_ms); // unless one is out
}

static void revoke(struct source *source, int64_t now_ms) {
	bool is_lost = rd_kafka_assignment_lost(source->consumer) != 0;
	struct holding *holding;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		claim_revoke(&holding->claim);
	}
	source->news = true;
	source->revoking = true;
	source->counts.revocations++;
	source->give_back_ms = is_lost ? now_ms : now_ms + source->setup.revoke_deadline_ms;
	if (is_lost)
		LOG(source->setup.log,
		    LOG_LEVEL_WARNING,
		    "the group took our partitions away; others do again what was in work");
	else
		source_group_commit(source, now_ms);
	source_assign_give_back(source, now_ms);
}

// When a topic comes, goes or grows while we still give back, the library joins again without
// waiting for us: what it gives then stands in the place of what we had, and must not be given back
// with it.
static void make_way(struct source *source) {
	source->revoking = false;
	source_assign_forget(source);
}

void source_assign_rebalance(struct source *source, rd_kafka_event_t *event, int64_t now_ms) {
	if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS) {
		revoke(source, now_ms);
		return;
	}
	if (source->revoking)
		make_way(source);
	assign(source, rd_kafka_event_topic_partition_list(event));
}
