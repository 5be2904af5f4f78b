// SPDX-License-Identifier: MPL-2.0
// source_log: is the log of a partition still the one that we know?
//
// Design notes
// - A topic that is deleted and made again at once keeps its name, and a fetch goes on at the same
//   offset of the new log: the library says something only when that offset is beyond its end. But
//   the brokers forget what a group committed in a topic that is deleted. So the group is asked
//   before each commit, which would hide it, and every ten seconds.
// - What was committed is never forgotten otherwise while a group has members.
// - It is asked on a thread of its own, until it answers, and by rd_kafka_committed: the admin
//   interface aborts the process when it asks a coordinator that comes back (librdkafka 2.0 to
//   2.14).
#include "common/kafka/kafka_lag.h"
#include "worker/inquiry/inquiry.h"
#include "worker/intake/source_state.h"

#include <errno.h>
#include <stdlib.h>

enum { LOOK_EVERY_MS = 10 * 1000, LEARN_EVERY_MS = 1000, ANSWER_MS = 5000 };

struct source_log {
	struct inquiry *inquiry;
	rd_kafka_t *consumer;
	// What is asked, then what the group has; NULL: nothing was.
	rd_kafka_topic_partition_list_t *places;
	rd_kafka_resp_err_t err; // of the answer
	// Of the assignment that was asked about.
	uint64_t epoch;
	uint64_t moves; // source->moves when it was asked
	uint64_t commits; // source->commits then
	bool was_at_rest; // all was
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

// --- ask

static rd_kafka_topic_partition_list_t *places(const struct source *source) {
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(
		(int)source->holding_count + 1
	);
	struct holding *holding;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		holding->is_unsure = holding->trust != HOLDING_BARE;
		if (holding->is_unsure)
			rd_kafka_topic_partition_list_add(
				list, holding->topic, holding->claim.partition
			);
	}
	return list;
}

static void start(struct source *source, rd_kafka_topic_partition_list_t *list, int64_t now_ms) {
	source->watch->places = list;
	source->watch->epoch = source->epoch;
	source->watch->moves = source->moves;
	source->watch->commits = source->commits;
	source->watch->was_at_rest = source_is_at_rest(source);
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
		if (holding->trust == HOLDING_UNKNOWN)
			return true;
	}
	return false;
}

bool source_log_is_current(const struct source *source) {
	bool is_asked = !source->asks_log && source->watch->commits == source->commits;
	const struct holding *holding;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (holding->trust == HOLDING_WATCHED && (!is_asked || holding->is_unsure))
			return false;
	}
	return true;
}

bool source_log_is_settled(const struct source *source) {
	const struct source_log *log = source->watch;

	return !source->asks_log && source->unsure == RD_KAFKA_RESP_ERR_NO_ERROR &&
		log->was_at_rest && log->moves == source->moves;
}

bool source_log_is_due(const struct source *source, int64_t now_ms) {
	int64_t since_ms = now_ms - source->asked_log_ms;
	bool is_keen = source_log_is_curious(source) ||
		(source->setup.until_drained && source_is_at_rest(source) &&
		 !source_log_is_settled(source));

	if (source->state != SOURCE_RUNS || source->commit_out)
		return false;
	// At once, unless it did not answer.
	if (source->revoking || source->stopped)
		return !source_has_to_commit(source) && !source_log_is_current(source) &&
			(source->unsure == RD_KAFKA_RESP_ERR_NO_ERROR || since_ms >= LEARN_EVERY_MS
			);
	return since_ms >= (is_keen ? LEARN_EVERY_MS : LOOK_EVERY_MS);
}

// --- the answer

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
	if (place->offset < 0 && holding->trust == HOLDING_WATCHED)
		source_guard_restart(source, holding->topic);
	else if (place->offset < 0)
		source_guard_note_bare(source, holding);
}

// Those that we were given, and of which the group has something. What cannot be begun is asked for
// again.
static void start_known(struct source *source, const rd_kafka_topic_partition_list_t *places) {
	rd_kafka_topic_partition_list_t *known = rd_kafka_topic_partition_list_new(places->cnt);

	for (int i = 0; i < places->cnt; i++) {
		const struct holding *holding = source_group_find(source, &places->elems[i]);

		if (holding != NULL && holding->trust == HOLDING_UNKNOWN && !holding->is_unsure)
			source_guard_add(known, &places->elems[i]);
	}
	source_guard_start(source, known);
	rd_kafka_topic_partition_list_destroy(known);
}

static void compare(struct source *source, const rd_kafka_topic_partition_list_t *places) {
	source_guard_compare(source, places);
	for (int i = 0; i < places->cnt; i++)
		compare_one(source, &places->elems[i]);
	if (!source->revoking)
		start_known(source, places);
}

bool source_log_answered(struct source *source, rd_kafka_resp_err_t *err) {
	struct source_log *log = source->watch;

	if (!inquiry_take(log->inquiry))
		return false;
	source->asks_log = false;
	source->commit_out = false;
	source->unsure = log->err;
	*err = log->err;
	if (*err == RD_KAFKA_RESP_ERR_NO_ERROR && log->epoch == source->epoch)
		compare(source, log->places);
	drop_places(log);
	return true;
}
