// SPDX-License-Identifier: MPL-2.0
// recall: does the group still have what we committed? If not, the log of a partition is another
// one.
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
#include "worker/commits/recall.h"

#include "common/kafka/kafka_error.h"
#include "common/kafka/kafka_lag.h"
#include "worker/inquiry/inquiry.h"
#include "worker/member/holdings.h"
#include "worker/member/member.h"

#include <errno.h>
#include <stdlib.h>

enum { LOOK_EVERY_MS = 10 * 1000, LEARN_EVERY_MS = 1000, ANSWER_MS = 5000 };

struct recall {
	struct inquiry *inquiry;
	struct offsets *offsets;
	struct member *member; // of offsets
	struct faults *faults;
	// It was asked what it has.
	bool is_asking;
	int64_t asked_ms; // when it was asked last
	// Why it did not say of all; NO_ERROR: it did.
	rd_kafka_resp_err_t unsure;
	// What is asked, then what the group has; NULL: nothing was.
	rd_kafka_topic_partition_list_t *places;
	rd_kafka_resp_err_t err; // of the answer
	// Of the assignment that was asked about.
	uint64_t epoch;
	uint64_t moves; // the member's when it was asked
	uint64_t number; // of the last commit then
	bool was_at_rest; // all was
};

static bool ask(void *ctx) {
	struct recall *recall = ctx;

	recall->err = kafka_committed(recall->member->consumer, recall->places, ANSWER_MS);
	return kafka_classify(recall->err) != KAFKA_RETRY;
}

int recall_new(struct recall **out, struct offsets *offsets, struct faults *faults) {
	struct recall *recall = calloc(1, sizeof(*recall));
	int err;

	if (recall == NULL)
		return -ENOMEM;
	recall->offsets = offsets;
	recall->member = offsets->member;
	recall->faults = faults;
	err = inquiry_new(
		&recall->inquiry,
		&(struct inquiry_setup){
			.ask = ask, .ctx = recall, .wake_fd = offsets->member->serve_fd}
	);
	if (err < 0) {
		free(recall);
		return err;
	}
	*out = recall;
	return 0;
}

static void drop_places(struct recall *recall) {
	if (recall->places != NULL)
		rd_kafka_topic_partition_list_destroy(recall->places);
	recall->places = NULL;
}

void recall_free(struct recall *recall) {
	if (recall == NULL)
		return;
	inquiry_free(recall->inquiry);
	drop_places(recall);
	free(recall);
}

// --- ask

static rd_kafka_topic_partition_list_t *places(const struct recall *recall) {
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(
		(int)recall->member->holdings.count + 1
	);
	struct holding *holding;

	TAILQ_FOREACH (holding, &recall->member->holdings.list, link) {
		holding->is_unsure = holding->trust != HOLDING_BARE;
		if (holding->is_unsure)
			rd_kafka_topic_partition_list_add(
				list, holding->topic, holding->claim.partition
			);
	}
	return list;
}

static void start(struct recall *recall, rd_kafka_topic_partition_list_t *list, int64_t now_ms) {
	recall->places = list;
	recall->epoch = recall->member->epoch;
	recall->moves = recall->member->moves;
	recall->number = recall->offsets->number;
	recall->was_at_rest = offsets_are_at_rest(recall->offsets);
	recall->is_asking = true;
	recall->offsets->is_out = true; // there is none without the answer
	recall->asked_ms = now_ms;
	inquiry_start(recall->inquiry);
}

bool recall_ask(struct recall *recall, int64_t now_ms) {
	rd_kafka_topic_partition_list_t *list = places(recall);

	if (list->cnt > 0) {
		start(recall, list, now_ms);
		return true;
	}
	rd_kafka_topic_partition_list_destroy(list);
	return false;
}

void recall_greet(struct recall *recall, int64_t now_ms) {
	rd_kafka_topic_partition_list_t *list = places(recall);

	if (list->cnt == 0)
		rd_kafka_topic_partition_list_add(list, recall->member->setup->topic, 0);
	start(recall, list, now_ms);
}

bool recall_is_curious(const struct recall *recall) {
	const struct holding *holding;

	TAILQ_FOREACH (holding, &recall->member->holdings.list, link) {
		if (holding->trust == HOLDING_UNKNOWN)
			return true;
	}
	return false;
}

bool recall_is_current(const struct recall *recall) {
	bool is_asked = !recall->is_asking && recall->number == recall->offsets->number;
	const struct holding *holding;

	TAILQ_FOREACH (holding, &recall->member->holdings.list, link) {
		if (holding->trust == HOLDING_WATCHED && (!is_asked || holding->is_unsure))
			return false;
	}
	return true;
}

bool recall_is_settled(const struct recall *recall) {

	return !recall->is_asking && recall->unsure == RD_KAFKA_RESP_ERR_NO_ERROR &&
		recall->was_at_rest && recall->moves == recall->member->moves;
}

bool recall_is_due(const struct recall *recall, int64_t now_ms) {
	int64_t since_ms = now_ms - recall->asked_ms;
	bool is_keen = recall_is_curious(recall) ||
		(recall->member->setup->until_drained && offsets_are_at_rest(recall->offsets) &&
		 !recall_is_settled(recall));

	if (recall->member->state != SOURCE_RUNS || recall->offsets->is_out)
		return false;
	// At once, unless it did not answer.
	if (member_is_leaving(recall->member))
		return !offsets_are_owed(recall->offsets) && !recall_is_current(recall) &&
			(recall->unsure == RD_KAFKA_RESP_ERR_NO_ERROR || since_ms >= LEARN_EVERY_MS
			);
	return since_ms >= (is_keen ? LEARN_EVERY_MS : LOOK_EVERY_MS);
}

bool recall_is_asking(const struct recall *recall) {
	return recall->is_asking;
}

int64_t recall_asked_ms(const struct recall *recall) {
	return recall->asked_ms;
}

rd_kafka_resp_err_t recall_unsure(const struct recall *recall) {
	return recall->unsure;
}

void recall_hurry(struct recall *recall) {
	if (!recall->is_asking)
		recall->asked_ms = 0;
}

// --- the answer

static void compare_one(struct recall *recall, const rd_kafka_topic_partition_t *place) {
	struct holding *holding = holdings_find(&recall->member->holdings, place);

	if (holding == NULL || !holding->is_unsure || recall->member->state != SOURCE_RUNS)
		return;
	if (place->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
		recall->unsure = place->err;
		if (kafka_classify(place->err) == KAFKA_DENIED ||
		    kafka_classify(place->err) == KAFKA_MISSING)
			faults_suspect(recall->faults);
		return;
	}
	holding->is_unsure = false;
	if (place->offset < 0 && holding->trust == HOLDING_WATCHED)
		offsets_restart(recall->offsets, holding->topic);
	else if (place->offset < 0)
		offsets_note_bare(recall->offsets, holding);
}

// Those that we were given, and of which the group has something. What cannot be begun is asked for
// again.
static void start_known(struct recall *recall, const rd_kafka_topic_partition_list_t *places) {
	rd_kafka_topic_partition_list_t *known = rd_kafka_topic_partition_list_new(places->cnt);

	for (int i = 0; i < places->cnt; i++) {
		const struct holding *holding = holdings_find(
			&recall->member->holdings, &places->elems[i]
		);

		if (holding != NULL && holding->trust == HOLDING_UNKNOWN && !holding->is_unsure)
			offsets_add(known, holding, &places->elems[i]);
	}
	offsets_start(recall->offsets, known);
	rd_kafka_topic_partition_list_destroy(known);
}

static void compare(struct recall *recall, const rd_kafka_topic_partition_list_t *places) {
	offsets_compare(recall->offsets, places);
	for (int i = 0; i < places->cnt; i++)
		compare_one(recall, &places->elems[i]);
	if (!recall->member->revoking)
		start_known(recall, places);
}

bool recall_answered(struct recall *recall, rd_kafka_resp_err_t *err) {
	if (!inquiry_take(recall->inquiry))
		return false;
	recall->is_asking = false;
	recall->offsets->is_out = false;
	recall->unsure = recall->err;
	*err = recall->err;
	if (*err == RD_KAFKA_RESP_ERR_NO_ERROR && recall->epoch == recall->member->epoch)
		compare(recall, recall->places);
	drop_places(recall);
	return true;
}
