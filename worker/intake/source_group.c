// SPDX-License-Identifier: MPL-2.0
// source_group: what the group says, and the commits.
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/kafka/kafka_log.h"
#include "worker/intake/source_state.h"

#include <stdio.h>
#include <string.h>

enum { COMPLAIN_EVERY_MS = 60 * 1000, PATIENCE_MS = 5000 };

void source_fail(struct source *source, enum source_state state, const char *why) {
	if (source->state != SOURCE_RUNS)
		return;
	source->state = state;
	snprintf(source->error, sizeof(source->error), "%s", why);
}

void source_fail_by(struct source *source, rd_kafka_resp_err_t err) {
	rd_kafka_resp_err_t first = RD_KAFKA_RESP_ERR_NO_ERROR;
	char why[200] = "";

	if (err == RD_KAFKA_RESP_ERR__FATAL)
		first = rd_kafka_fatal_error(source->consumer, why, sizeof(why));
	if (first != RD_KAFKA_RESP_ERR_NO_ERROR)
		err = first;
	if (kafka_classify(err) == KAFKA_FENCED)
		source_fail(source, SOURCE_FENCED, "another worker has the same --instance-id");
	else
		source_fail(source, SOURCE_FAILED, why[0] != '\0' ? why : rd_kafka_err2str(err));
}

// --- commits

bool source_has_to_commit(const struct source *source) {
	const struct holding *holding;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (source_guard_has_to_commit(source, holding))
			return true;
	}
	return false;
}

// All topics once a second while there is work; else at once, unless the last one was refused: that
// would be a loop without a pause.
int64_t source_commit_due_ms(const struct source *source) {
	bool at_once = source_guard_is_amid(source) ||
		(!source->commit_failed && (source->lent == 0 || source->revoking));

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
	rd_kafka_topic_partition_list_t *list = source_guard_commits(source);
	rd_kafka_resp_err_t err = source->unsure == RD_KAFKA_RESP_ERR_NO_ERROR
		? RD_KAFKA_RESP_ERR__WAIT_COORD
		: source->unsure;

	source->committed_ms = now_ms;
	if (list->cnt > 0)
		err = rd_kafka_commit_queue(source->consumer, list, source->events, NULL, NULL);
	rd_kafka_topic_partition_list_destroy(list);
	source->commit_out = err == RD_KAFKA_RESP_ERR_NO_ERROR;
	if (source->commit_out)
		return;
	source->commit_failed = true;
	if (kafka_classify(err) != KAFKA_DENIED) // that is told with the topic
		complain(source, err);
}

void source_group_commit(struct source *source, int64_t now_ms) {
	if (source->commit_out || source->state != SOURCE_RUNS || !source_has_to_commit(source))
		return;
	source->committed_ms = now_ms;
	if (!source_log_ask(source, now_ms))
		send_commit(source, now_ms);
}

struct holding *source_group_find(
	const struct source *source, const rd_kafka_topic_partition_t *partition
) {
	struct holding *holding;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (holding->claim.partition == partition->partition &&
		    strcmp(holding->topic, partition->topic) == 0)
			return holding;
	}
	return NULL;
}

static void on_commit_error(struct source *source, rd_kafka_resp_err_t err) {
	switch (kafka_classify(err)) {
	case KAFKA_FENCED:
	case KAFKA_FATAL:
		source_fail_by(source, err);
		break;
	// Others do again what was not committed.
	case KAFKA_LOST:
		source->give_back_ms = 0;
		break;
	case KAFKA_DENIED:
		if (err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED)
			source_fault_note_group(source, err);
		break; // of a topic: told with it
	case KAFKA_MISSING:
		source_fault_suspect(source);
		complain(source, err);
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
	bool is_done = true;

	source->commit_out = false;
	for (int i = 0; list != NULL && i < list->cnt; i++) {
		const rd_kafka_topic_partition_t *partition = &list->elems[i];
		struct holding *holding = source_group_find(source, partition);

		if (partition->err != RD_KAFKA_RESP_ERR_NO_ERROR)
			failed = partition->err;
		if (holding != NULL)
			holding->uncommitted = partition->err ==
					RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED
				? partition->err
				: RD_KAFKA_RESP_ERR_NO_ERROR;
	}
	if (list != NULL && rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_NO_ERROR)
		is_done = source_guard_committed(source, list);
	source->commit_failed = !is_done || failed != RD_KAFKA_RESP_ERR_NO_ERROR ||
		source->unsure != RD_KAFKA_RESP_ERR_NO_ERROR;
	if (failed != RD_KAFKA_RESP_ERR_NO_ERROR) {
		on_commit_error(source, failed);
		return;
	}
	source->commit_error = RD_KAFKA_RESP_ERR_NO_ERROR;
	source->faults.group = RD_KAFKA_RESP_ERR_NO_ERROR;
	tell_answer(source);
}

static void on_log_answer(struct source *source, rd_kafka_resp_err_t err, int64_t now_ms) {
	// A commit that is denied says so again.
	if (err == RD_KAFKA_RESP_ERR_NO_ERROR)
		source->faults.group = err;
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
	bool is_late = source->asks_log && now_ms - source->asked_log_ms > PATIENCE_MS;
	rd_kafka_resp_err_t err;

	if (source_log_answered(source, &err))
		on_log_answer(source, err, now_ms);
	else if (is_late && source_has_to_commit(source))
		complain(source, RD_KAFKA_RESP_ERR__WAIT_COORD);
}

// --- events

// The library counts an address that it was given beside the broker that it found there.
static void note_outage(struct source *source, rd_kafka_resp_err_t err, const char *words) {
	outage_note(&source->outage, clock_mono_ms());
	snprintf(
		source->trouble,
		sizeof(source->trouble),
		"%s%s",
		err == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN ? "no broker answers" : words,
		kafka_log_is_of_address(words)
			? "; that is the address which the broker advertises (advertised.listeners)"
			: ""
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

// What needs an operator. The library says it with each try to connect.
static void tell_error(struct source *source, const char *class, const char *words) {
	LOG(source->setup.log,
	    log_is_due(source->setup.log, class, COMPLAIN_EVERY_MS) ? LOG_LEVEL_ERROR
								    : LOG_LEVEL_DEBUG,
	    "Kafka has trouble",
	    log_str("error", words),
	    log_str("class", class));
}

static void on_error(struct source *source, rd_kafka_event_t *event) {
	rd_kafka_resp_err_t err = rd_kafka_event_error(event);
	bool is_of_topic = err == RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED ||
		kafka_classify(err) == KAFKA_MISSING;

	if (err == RD_KAFKA_RESP_ERR__FATAL || kafka_classify(err) == KAFKA_FENCED)
		source_fail_by(source, err);
	else if (err == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED)
		source_fault_note_group(source, err);
	// Which one it is, and whether it lasts.
	else if (is_of_topic)
		source_fault_suspect(source);
	else if (kafka_classify(err) == KAFKA_RETRY)
		note_outage(source, err, rd_kafka_event_error_string(event));
	else
		tell_error(
			source,
			kafka_class_name(kafka_classify(err)),
			rd_kafka_event_error_string(event)
		);
}

void source_group_events(struct source *source, int64_t now_ms) {
	rd_kafka_event_t *event;

	while ((event = rd_kafka_queue_poll(source->events, 0)) != NULL) {
		switch (rd_kafka_event_type(event)) {
		case RD_KAFKA_EVENT_REBALANCE:
			source_assign_rebalance(source, event, now_ms);
			break;
		case RD_KAFKA_EVENT_OFFSET_COMMIT:
			on_commit(source, event);
			break;
		case RD_KAFKA_EVENT_ERROR:
			on_error(source, event);
			break;
		// Would be lost, and the next commit would pass over it.
		case RD_KAFKA_EVENT_FETCH:
			source_fail(source, SOURCE_FAILED, "a record came by the wrong queue");
			break;
		default:
			break;
		}
		rd_kafka_event_destroy(event);
	}
}
