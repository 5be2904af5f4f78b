// SPDX-License-Identifier: MPL-2.0
// source_log: is the log of a partition still the one that we know?
//
// Design notes
// - A topic that is deleted and made again at once keeps its name, and a fetch goes on at the same offset of the new log:
//   the library says something only when that offset is beyond its end. But the brokers forget what a group committed in a
//   topic that is deleted. So the group is asked before each commit, which would hide it, and every ten seconds: where it
//   has nothing although we committed, or it had something when we began, the log is another one, and is taken from its
//   beginning. What remains is a topic made again within the milliseconds between such an answer and the commit.
// - What was committed is never forgotten otherwise while a group has members.
// - It is asked on a thread of its own, until it answers, and by rd_kafka_committed: the admin interface aborts the process
//   when it asks a coordinator that comes back (librdkafka 2.0 to 2.14).
#include "common/kafka_lag.h"
#include "common/log.h"
#include "common/wake.h"
#include "worker/inquiry.h"
#include "worker/source_state.h"

#include <errno.h>
#include <stdlib.h>

enum { LOOK_EVERY_MS = 10 * 1000, LEARN_EVERY_MS = 1000, ANSWER_MS = 5000, SEEK_MS = 1000 };

struct source_log {
	struct inquiry *inquiry;
	rd_kafka_t *consumer;
	rd_kafka_topic_partition_list_t
		*places; // what is asked, then what the group has; NULL: nothing was
	rd_kafka_resp_err_t err; // of the answer
};

static bool ask(void *ctx) {
	struct source_log *log = ctx;

	log->err = kafka_committed(log->consumer, log->places, ANSWER_MS);
	return kafka_classify(log->err) != KAFKA_RETRY;
}

int source_log_new(struct source_log **out, rd_kafka_t *consumer, int wake_fd) {
	struct source_log *log = calloc(1, sizeof(*log));
	int err;

	if (log == NULL)
		return -ENOMEM;
	log->consumer = consumer;
	err = inquiry_new(
		&log->inquiry, &(struct inquiry_setup){.ask = ask, .ctx = log, .wake_fd = wake_fd}
	);
	if (err < 0) {
		free(log);
		return err;
	}
	*out = log;
	return 0;
}

static void drop_places(struct source_log *log) {
	if (log->places != NULL)
		rd_kafka_topic_partition_list_destroy(log->places);
	log->places = NULL;
}

void source_log_free(struct source_log *log) {
	if (log == NULL)
		return;
	inquiry_free(log->inquiry);
	drop_places(log);
	free(log);
}

void source_log_restart(struct source *source, struct holding *holding, int64_t offset) {
	LOG(source->setup.log,
	    LOG_LEVEL_WARNING,
	    "the log of a partition began anew; it is taken from its beginning",
	    log_str("topic", holding->topic),
	    log_int("partition", holding->claim.partition),
	    log_int("offset", offset));
	if (holding->read_ahead != NULL) // of the old log: its offset says nothing of the new one
		rd_kafka_message_destroy(holding->read_ahead);
	holding->read_ahead = NULL;
	claim_restart(&holding->claim, offset);
	holding->is_known = true; // what the group has is of the log before
	holding->ignores_commit = source->commit_out && !source->asks_log;
	wake_ring(source->serve_fd);
}

// --- ask

static bool has_committed(const struct holding *holding) {
	return holding->claim.committed >= 0;
}

static rd_kafka_topic_partition_list_t *places(const struct source *source) {
	rd_kafka_topic_partition_list_t *list =
		rd_kafka_topic_partition_list_new((int)source->holding_count + 1);
	struct holding *holding;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		holding->is_unsure = has_committed(holding) || !holding->is_known;
		if (holding->is_unsure)
			rd_kafka_topic_partition_list_add(
				list, holding->topic, holding->claim.partition
			);
	}
	return list;
}

static void start(struct source *source, rd_kafka_topic_partition_list_t *list, int64_t now_ms) {
	source->watch->places = list;
	source->asks_log = true;
	source->commit_out = true; // there is none without the answer
	source->asked_log_ms = now_ms;
	inquiry_start(source->watch->inquiry);
}

bool source_log_ask(struct source *source, int64_t now_ms) {
	rd_kafka_topic_partition_list_t *list = places(source);

	if (list->cnt > 0) {
		start(source, list, now_ms);
		return true;
	}
	rd_kafka_topic_partition_list_destroy(list);
	return false;
}

void source_log_greet(struct source *source, int64_t now_ms) {
	rd_kafka_topic_partition_list_t *list = places(source);

	if (list->cnt == 0)
		rd_kafka_topic_partition_list_add(list, source->setup.topic, 0);
	start(source, list, now_ms);
}

bool source_log_is_curious(const struct source *source) {
	const struct holding *holding;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (!holding->is_known)
			return true;
	}
	return false;
}

bool source_log_is_due(const struct source *source, int64_t now_ms) {
	int64_t since_ms = now_ms - source->asked_log_ms;

	return source->state == SOURCE_RUNS && !source->commit_out && !source->revoking &&
		(since_ms >= LOOK_EVERY_MS ||
		 (since_ms >= LEARN_EVERY_MS && source_log_is_curious(source)));
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

static void compare_one(struct source *source, const rd_kafka_topic_partition_t *place) {
	struct holding *holding = source_group_find(source, place);

	if (holding == NULL || !holding->is_unsure || source->state != SOURCE_RUNS)
		return;
	if (place->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
		source->unsure = place->err;
		if (kafka_classify(place->err) == KAFKA_DENIED ||
		    kafka_classify(place->err) == KAFKA_MISSING)
			source_fault_suspect(source);
		return;
	}
	holding->is_unsure = false;
	if (place->offset >= 0 && !holding->is_known)
		claim_learn(&holding->claim, place->offset);
	holding->is_known = true;
	if (place->offset >= 0 || !has_committed(holding))
		return;
	if (!source->revoking && go_back(source, place) < 0) {
		holding->is_unsure = true; // the next answer has it tried again
		source->unsure = RD_KAFKA_RESP_ERR__WAIT_COORD;
	} else {
		source_log_restart(source, holding, 0);
	}
}

bool source_log_answered(struct source *source, rd_kafka_resp_err_t *err) {
	struct source_log *log = source->watch;

	if (!inquiry_take(log->inquiry))
		return false;
	source->asks_log = false;
	source->commit_out = false;
	source->unsure = log->err;
	*err = log->err;
	for (int i = 0; i < log->places->cnt && *err == RD_KAFKA_RESP_ERR_NO_ERROR; i++)
		compare_one(source, &log->places->elems[i]);
	drop_places(log);
	return true;
}
