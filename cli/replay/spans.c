// SPDX-License-Identifier: MPL-2.0
// spans: what a replay is about, of the candidates' topic as it is now.
#include "cli/replay/spans.h"

#include "common/kafka/kafka_ask.h"
#include "common/kafka/kafka_lag.h"
#include "common/kafka/kafka_reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { ANSWER_MS = 15 * 1000 };

// One element for each partition. The last two say nothing unless their edge is a time.
struct answers {
	rd_kafka_topic_partition_list_t *begins, *ends, *since_from, *since_to;
};

static void free_answers(struct answers *answers) {
	rd_kafka_topic_partition_list_destroy(answers->begins);
	rd_kafka_topic_partition_list_destroy(answers->ends);
	rd_kafka_topic_partition_list_destroy(answers->since_from);
	rd_kafka_topic_partition_list_destroy(answers->since_to);
}

static int ask(
	rd_kafka_t *handle,
	const struct spans_wish *wish,
	int32_t partitions,
	struct answers *answers
) {
	int err;

	*answers = (struct answers){
		kafka_list_partitions(wish->topic, partitions),
		kafka_list_partitions(wish->topic, partitions),
		kafka_list_partitions(wish->topic, partitions),
		kafka_list_partitions(wish->topic, partitions),
	};
	err = kafka_begins(handle, answers->begins, ANSWER_MS);
	if (err == 0)
		err = kafka_ends(handle, answers->ends, ANSWER_MS);
	if (err == 0 && wish->from->kind == EDGE_TIME)
		err = kafka_since(handle, answers->since_from, wish->from->time_ms, ANSWER_MS);
	if (err == 0 && wish->to->kind == EDGE_TIME)
		err = kafka_since(handle, answers->since_to, wish->to->time_ms, ANSWER_MS);
	return err;
}

static int find_strange(const struct edge *edge, int32_t partitions, int32_t *out) {
	for (size_t i = 0; i < edge->count; i++) {
		*out = edge->places[i].partition;
		if (*out >= partitions)
			return -EINVAL;
	}
	return 0;
}

// The log may have grown since its end was asked for.
static void add_span(
	struct replay *replay,
	const struct spans_wish *wish,
	const struct answers *answers,
	int32_t partition,
	bool *is_beyond
) {
	const struct edge_log log = {
		.begin = answers->begins->elems[partition].offset,
		.end = answers->ends->elems[partition].offset,
		.since_from = answers->since_from->elems[partition].offset,
		.since_to = answers->since_to->elems[partition].offset,
	};
	struct edge_span found;

	edge_decide(wish->from, wish->to, partition, &log, &found);
	replay->spans[replay->count++] = found.span;
	*is_beyond = found.is_beyond;
	replay->deleted = found.deleted < 0 || replay->deleted < 0
		? -1
		: replay->deleted + found.deleted;
}

static int add_all(
	struct replay *replay,
	const struct spans_wish *wish,
	const struct answers *answers,
	char *error,
	size_t error_bytes
) {
	bool is_beyond = false;

	for (int32_t i = 0; i < answers->ends->cnt && !is_beyond; i++) {
		add_span(replay, wish, answers, i, &is_beyond);
		if (is_beyond)
			snprintf(
				error,
				error_bytes,
				"partition %" PRId32 " of %s ends at %" PRId64
				" now; give no greater offset",
				i,
				wish->topic,
				answers->ends->elems[i].offset
			);
	}
	return is_beyond ? -ERANGE : 0;
}

static int say(
	struct kafka_reader *reader,
	const struct spans_wish *wish,
	int err,
	char *error,
	size_t error_bytes
) {
	char why[KAFKA_RIGHT_BYTES];

	snprintf(
		error,
		error_bytes,
		"cannot look at topic '%s': %s",
		wish->topic,
		kafka_look_words(
			kafka_reader_handle(reader), wish->kafka, "Read", wish->topic, err, why
		)
	);
	return err;
}

static int find(
	struct replay *replay,
	const struct spans_wish *wish,
	struct kafka_reader *reader,
	char *error,
	size_t error_bytes
) {
	rd_kafka_t *handle = kafka_reader_handle(reader);
	struct answers answers;
	int32_t partitions = 0, strange = 0;
	int err = kafka_greet(handle, ANSWER_MS);

	if (err < 0) {
		snprintf(error, error_bytes, "%s", kafka_trouble(handle));
		return err;
	}
	err = kafka_partition_count(handle, wish->topic, ANSWER_MS, &partitions);
	if (err < 0)
		return say(reader, wish, err, error, error_bytes);
	if (find_strange(wish->from, partitions, &strange) < 0 ||
	    find_strange(wish->to, partitions, &strange) < 0) {
		snprintf(
			error,
			error_bytes,
			"%s has no partition %" PRId32 "; it has %" PRId32,
			wish->topic,
			strange,
			partitions
		);
		return -ENOENT;
	}
	err = ask(handle, wish, partitions, &answers);
	if (err < 0)
		say(reader, wish, err, error, error_bytes);
	replay->spans = calloc((size_t)partitions, sizeof(*replay->spans));
	if (err == 0)
		err = replay->spans == NULL ? -ENOMEM
					    : add_all(replay, wish, &answers, error, error_bytes);
	free_answers(&answers);
	return err;
}

int spans_find(
	struct replay *replay, const struct spans_wish *wish, char *error, size_t error_bytes
) {
	const struct kafka_reader_setup setup = {
		.kafka = wish->kafka,
		.topic = wish->topic,
		.log = wish->log,
		// What lies behind an open transaction was published too.
		.manner = KAFKA_READ_ALL,
	};
	struct kafka_reader *reader = NULL;
	int err = kafka_reader_open(&reader, &setup, error, error_bytes);

	if (err == 0)
		err = find(replay, wish, reader, error, error_bytes);
	kafka_reader_close(reader);
	return err;
}
