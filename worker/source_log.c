// SPDX-License-Identifier: MPL-2.0
// source_log: is the log of a partition still the one that we know?
//
// Design notes
// - A topic that is deleted and made again at once keeps its name, and a fetch goes on at the same offset of the new log:
//   the library says something only when that offset is beyond its end. But the brokers forget what a group committed in a
//   topic that is deleted. So the group is asked before each commit, which would hide it, and every ten seconds: where it
//   has nothing although we committed, the log is another one, and is taken from its beginning.
// - What was committed is never forgotten otherwise while a group has members.
#include "common/log.h"
#include "common/wake.h"
#include "worker/source_state.h"

enum { LOOK_EVERY_MS = 10 * 1000, ANSWER_MS = 5000, SEEK_MS = 1000 };

void source_log_restart(struct source *source, struct holding *holding, int64_t offset) {
	LOG(source->setup.log,
	    LOG_LEVEL_WARNING,
	    "the log of a partition began anew; it is taken from its beginning",
	    log_str("topic", source_topic_of(source, holding)),
	    log_int("partition", holding->claim.partition),
	    log_int("offset", offset));
	claim_restart(&holding->claim, offset);
	holding->ignores_commit = source->commit_out && !source->asks_log;
	wake_ring(source->serve_fd);
}

// --- ask

static bool has_committed(const struct holding *holding) {
	return holding->claim.committed >= 0;
}

static rd_kafka_topic_partition_list_t *places(const struct source *source) {
	rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_new((int)source->holding_count);
	const struct holding *holding;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (has_committed(holding))
			rd_kafka_topic_partition_list_add(
				list, source_topic_of(source, holding), holding->claim.partition
			);
	}
	return list;
}

static void send_question(struct source *source, const rd_kafka_topic_partition_list_t *list) {
	rd_kafka_ListConsumerGroupOffsets_t *question =
		rd_kafka_ListConsumerGroupOffsets_new(source->setup.group, list);
	rd_kafka_AdminOptions_t *options = rd_kafka_AdminOptions_new(
		source->consumer, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS
	);
	char error[64];

	rd_kafka_AdminOptions_set_request_timeout(options, ANSWER_MS, error, sizeof(error));
	rd_kafka_ListConsumerGroupOffsets(source->consumer, &question, 1, options, source->events);
	rd_kafka_AdminOptions_destroy(options);
	rd_kafka_ListConsumerGroupOffsets_destroy(question);
}

bool source_log_ask(struct source *source, int64_t now_ms) {
	rd_kafka_topic_partition_list_t *list = places(source);
	bool has_some = list->cnt > 0;

	if (has_some) {
		send_question(source, list);
		source->asks_log = true;
		source->commit_out = true; // there is none without the answer
		source->asked_log_ms = now_ms;
	}
	rd_kafka_topic_partition_list_destroy(list);
	return has_some;
}

bool source_log_is_due(const struct source *source, int64_t now_ms) {
	return source->state == SOURCE_RUNS && !source->commit_out && !source->revoking &&
		now_ms - source->asked_log_ms >= LOOK_EVERY_MS;
}

// --- the answer

static int go_back(struct source *source, const rd_kafka_topic_partition_t *place) {
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	rd_kafka_error_t *error;
	bool is_done;

	rd_kafka_topic_partition_list_add(list, place->topic, place->partition)->offset =
		RD_KAFKA_OFFSET_BEGINNING;
	error = rd_kafka_seek_partitions(source->consumer, list, SEEK_MS);
	is_done = error == NULL && list->elems[0].err == RD_KAFKA_RESP_ERR_NO_ERROR;
	if (error != NULL)
		rd_kafka_error_destroy(error);
	rd_kafka_topic_partition_list_destroy(list);
	return is_done ? 0 : -1;
}

static void compare(struct source *source, const rd_kafka_topic_partition_list_t *list) {
	for (int i = 0; list != NULL && i < list->cnt && source->state == SOURCE_RUNS; i++) {
		const rd_kafka_topic_partition_t *place = &list->elems[i];
		struct holding *holding = source_group_find(source, place);

		if (place->err != RD_KAFKA_RESP_ERR_NO_ERROR || place->offset >= 0 ||
		    holding == NULL || !has_committed(holding))
			continue;
		if (!source->revoking && go_back(source, place) < 0)
			source_fail(source, SOURCE_FAILED, "the log of a partition began anew");
		else
			source_log_restart(source, holding, 0);
	}
}

rd_kafka_resp_err_t source_log_answer(struct source *source, rd_kafka_event_t *event) {
	const rd_kafka_ListConsumerGroupOffsets_result_t *result =
		rd_kafka_event_ListConsumerGroupOffsets_result(event);
	const rd_kafka_group_result_t **groups = NULL;
	size_t count = 0;

	source->asks_log = false;
	source->commit_out = false;
	if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR)
		return rd_kafka_event_error(event);
	if (result != NULL)
		groups = rd_kafka_ListConsumerGroupOffsets_result_groups(result, &count);
	if (count != 1)
		return RD_KAFKA_RESP_ERR__BAD_MSG;
	if (rd_kafka_group_result_error(groups[0]) != NULL)
		return rd_kafka_error_code(rd_kafka_group_result_error(groups[0]));
	compare(source, rd_kafka_group_result_partitions(groups[0]));
	return RD_KAFKA_RESP_ERR_NO_ERROR;
}
