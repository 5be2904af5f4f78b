// SPDX-License-Identifier: MPL-2.0
// source_group: what the group wants, and the commits.
//
// Design notes
// - Assignment is eager: a rebalance takes all partitions away and gives new ones. The loop never waits for it: the
//   leases are marked, the last commit is sent, and its answer (or the deadline) gives the partitions back.
// - A partition's queue is cut off from the consumer's before the assignment, so nothing comes by another way.
#include "common/clock.h"
#include "common/log.h"
#include "common/wake.h"
#include "worker/source_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COMPLAIN_EVERY_MS = 10 * 1000, PATIENCE_MS = 5000 };

void source_fail(struct source *source, enum source_state state, const char *why) {
	if (source->state != SOURCE_RUNS)
		return;
	source->state = state;
	snprintf(source->error, sizeof(source->error), "%s", why);
}

// --- commits

bool source_has_to_commit(const struct source *source) {
	const struct holding *holding;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (claim_to_commit(&holding->claim) >= 0)
			return true;
	}
	return false;
}

const char *source_topic_of(const struct source *source, const struct holding *holding) {
	return holding->claim.is_retry ? source->setup.retry_topic : source->setup.topic;
}

static rd_kafka_topic_partition_list_t *positions(const struct source *source) {
	rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_new((int)source->holding_count);
	const struct holding *holding;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		int64_t offset = claim_to_commit(&holding->claim);

		if (offset >= 0 && !holding->is_unsure)
			rd_kafka_topic_partition_list_add(
				list, source_topic_of(source, holding), holding->claim.partition
			)
				->offset = offset;
	}
	return list;
}

// Once a second while there is work; else at once, unless the last one was refused: that would be a loop without a pause.
int64_t source_commit_due_ms(const struct source *source) {
	bool at_once = !source->commit_failed && (source->lent == 0 || source->revoking);

	return at_once ? 0 : source->committed_ms + source->setup.commit_every_ms;
}

static void complain(struct source *source, rd_kafka_resp_err_t err) {
	int64_t now_ms = clock_mono_ms();

	if (err == source->commit_error && now_ms - source->commit_error_ms < COMPLAIN_EVERY_MS)
		return;
	source->commit_error = err;
	source->commit_error_ms = now_ms;
	LOG(source->setup.log,
	    LOG_LEVEL_WARNING,
	    "offsets could not be committed; trying again",
	    log_str("error", rd_kafka_err2str(err)),
	    log_str("class", kafka_class_name(kafka_classify(err))));
}

static void send_commit(struct source *source, int64_t now_ms) {
	rd_kafka_topic_partition_list_t *list = positions(source);
	rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR__WAIT_COORD; // of those that are unsure

	source->committed_ms = now_ms;
	if (list->cnt > 0)
		err = rd_kafka_commit_queue(source->consumer, list, source->events, NULL, NULL);
	rd_kafka_topic_partition_list_destroy(list);
	source->commit_out = err == RD_KAFKA_RESP_ERR_NO_ERROR;
	if (source->commit_out)
		return;
	source->commit_failed = true;
	complain(source, err);
}

void source_group_commit(struct source *source, int64_t now_ms) {
	if (source->commit_out || source->state != SOURCE_RUNS || !source_has_to_commit(source))
		return;
	source->committed_ms = now_ms;
	if (!source_log_ask(source, now_ms))
		send_commit(source, now_ms);
}

struct holding *
source_group_find(const struct source *source, const rd_kafka_topic_partition_t *partition) {
	struct holding *holding;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (holding->claim.partition == partition->partition &&
		    strcmp(source_topic_of(source, holding), partition->topic) == 0)
			return holding;
	}
	return NULL;
}

static void on_commit_error(struct source *source, rd_kafka_resp_err_t err) {
	switch (kafka_classify(err)) {
	case KAFKA_FENCED:
		source_fail(source, SOURCE_FENCED, "another worker has the same --instance-id");
		break;
	case KAFKA_FATAL:
		source_fail(source, SOURCE_FAILED, rd_kafka_err2str(err));
		break;
	case KAFKA_LOST: // others do again what was not committed
		source->give_back_ms = 0;
		break;
	default:
		complain(source, err);
		break;
	}
}

static void tell_answer(struct source *source) {
	if (outage_answered(&source->outage))
		LOG(source->setup.log, LOG_LEVEL_INFO, "Kafka answers again");
}

static void on_commit(struct source *source, rd_kafka_event_t *event) {
	const rd_kafka_topic_partition_list_t *list = rd_kafka_event_topic_partition_list(event);
	rd_kafka_resp_err_t failed = rd_kafka_event_error(event);

	source->commit_out = false;
	for (int i = 0; list != NULL && i < list->cnt; i++) {
		const rd_kafka_topic_partition_t *partition = &list->elems[i];
		struct holding *holding = source_group_find(source, partition);

		if (partition->err != RD_KAFKA_RESP_ERR_NO_ERROR)
			failed = partition->err;
		else if (holding != NULL && holding->ignores_commit)
			holding->ignores_commit = false; // and the next one says where it is
		else if (rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR && holding != NULL)
			claim_committed(&holding->claim, partition->offset);
	}
	source->commit_failed = failed != RD_KAFKA_RESP_ERR_NO_ERROR || source->is_unsure;
	if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) {
		on_commit_error(source, failed);
		return;
	}
	source->commit_error = RD_KAFKA_RESP_ERR_NO_ERROR;
	tell_answer(source);
}

static void on_log_answer(struct source *source, rd_kafka_resp_err_t err, int64_t now_ms) {
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR) { // nor could a commit be sent
		source->commit_failed = true;
		on_commit_error(source, err);
	} else if (source->state == SOURCE_RUNS && source_has_to_commit(source)) {
		send_commit(source, now_ms);
	} else {
		tell_answer(source);
	}
}

void source_group_log(struct source *source, int64_t now_ms) {
	rd_kafka_resp_err_t err;

	if (source_log_answered(source, &err))
		on_log_answer(source, err, now_ms);
	else if (source->asks_log && now_ms - source->asked_log_ms > PATIENCE_MS && source_has_to_commit(source))
		complain(source, RD_KAFKA_RESP_ERR__WAIT_COORD);
}

// --- assignment

static struct holding *hold(struct source *source, const rd_kafka_topic_partition_t *partition) {
	struct holding *holding = calloc(1, sizeof(*holding));
	bool is_retry = strcmp(partition->topic, source->setup.retry_topic) == 0;

	if (holding == NULL ||
	    claim_init(&holding->claim, source->epoch, partition->partition, is_retry) < 0) {
		free(holding);
		return NULL;
	}
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
	return holding;
}

static void assign(struct source *source, const rd_kafka_topic_partition_list_t *list) {
	rd_kafka_resp_err_t err;

	source->epoch++;
	for (int i = 0; i < list->cnt; i++) {
		struct holding *holding = hold(source, &list->elems[i]);

		if (holding == NULL) {
			source_fail(source, SOURCE_FAILED, "out of memory");
			return;
		}
		TAILQ_INSERT_TAIL(&source->holdings, holding, link);
		source->holding_count++;
	}
	err = rd_kafka_assign(source->consumer, list);
	if (err != RD_KAFKA_RESP_ERR_NO_ERROR) {
		source_fail(source, SOURCE_FAILED, rd_kafka_err2str(err));
		return;
	}
	source->joined = true;
	source->news = true;
	source_count_ask(source->count); // there may be more than before
	LOG(source->setup.log, LOG_LEVEL_INFO, "partitions assigned", log_int("count", list->cnt));
}

static void forget(struct source *source, struct holding *holding) {
	TAILQ_REMOVE(&source->holdings, holding, link);
	source->holding_count--;
	source->lent -= holding->claim.lent;
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

void source_group_forget(struct source *source) {
	struct holding *holding;

	while ((holding = TAILQ_FIRST(&source->holdings)) != NULL)
		forget(source, holding);
}

static void give_back(struct source *source) {
	source->revoking = false;
	source->joined = false;
	source_group_forget(source);
	rd_kafka_assign(source->consumer, NULL);
	LOG(source->setup.log, LOG_LEVEL_INFO, "partitions given back");
}

void source_group_give_back(struct source *source, int64_t now_ms) {
	if (!source->revoking)
		return;
	if (now_ms >= source->give_back_ms ||
	    (!source->commit_out && !source_has_to_commit(source)))
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
	source_group_give_back(source, now_ms);
}

// --- events

static void on_rebalance(struct source *source, rd_kafka_event_t *event, int64_t now_ms) {
	if (rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR__ASSIGN_PARTITIONS)
		assign(source, rd_kafka_event_topic_partition_list(event));
	else
		revoke(source, now_ms);
}

// The library counts an address that it was given beside the broker that it found there.
static void note_outage(struct source *source, rd_kafka_resp_err_t err, const char *words) {
	outage_note(&source->outage, clock_mono_ms());
	snprintf(
		source->trouble,
		sizeof(source->trouble),
		"%s",
		err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN ? "no broker answers" : words
	);
}

void source_group_watch(struct source *source, int64_t now_ms) {
	if (outage_tell(&source->outage, now_ms))
		LOG(source->setup.log,
		    LOG_LEVEL_WARNING,
		    "Kafka has trouble",
		    log_str("error", source->trouble),
		    log_str("class", kafka_class_name(KAFKA_RETRY)));
	if (!source->commit_out && outage_ask(&source->outage, now_ms))
		source_log_greet(source, now_ms);
}

static void on_error(struct source *source, rd_kafka_event_t *event) {
	rd_kafka_resp_err_t err = rd_kafka_event_error(event);
	char why[200] = "";

	if (err == RD_KAFKA_RESP_ERR__FATAL)
		err = rd_kafka_fatal_error(source->consumer, why, sizeof(why));
	if (kafka_classify(err) == KAFKA_FENCED)
		source_fail(source, SOURCE_FENCED, "another worker has the same --instance-id");
	else if (why[0] != '\0')
		source_fail(source, SOURCE_FAILED, why);
	else if (kafka_classify(err) == KAFKA_RETRY)
		note_outage(source, err, rd_kafka_event_error_string(event));
	else
		LOG(source->setup.log,
		    LOG_LEVEL_ERROR,
		    "Kafka has trouble",
		    log_str("error", rd_kafka_event_error_string(event)),
		    log_str("class", kafka_class_name(kafka_classify(err))));
}

void source_group_events(struct source *source, int64_t now_ms) {
	rd_kafka_event_t *event;

	while ((event = rd_kafka_queue_poll(source->events, 0)) != NULL) {
		switch (rd_kafka_event_type(event)) {
		case RD_KAFKA_EVENT_REBALANCE:
			on_rebalance(source, event, now_ms);
			break;
		case RD_KAFKA_EVENT_OFFSET_COMMIT:
			on_commit(source, event);
			break;
		case RD_KAFKA_EVENT_ERROR:
			on_error(source, event);
			break;
		case RD_KAFKA_EVENT_FETCH: // would be lost, and the next commit would pass over it
			source_fail(source, SOURCE_FAILED, "a record came by the wrong queue");
			break;
		default:
			break;
		}
		rd_kafka_event_destroy(event);
	}
}
