// SPDX-License-Identifier: MPL-2.0
// proof: is a record that was taken still at its place?
//
// Design notes
// - Who holds one partition of a topic has no witness against a commit that lands in a new topic
//   (offsets.c). So after its commits a record is read once more: in another log its place has
//   another one.
// - It is one that was taken before the last proof: what was taken since may be of the new log
//   already.
// - A log that ends below that place proves nothing here, for a new leader may not tell its end
//   yet. If it is another one, the library finds out by itself. Nor does one that begins above it,
//   but there nothing more can be known.
#include "worker/commits/proof.h"

#include "common/kafka/kafka_lag.h"
#include "common/kafka/kafka_reader.h"
#include "worker/inquiry/inquiry.h"
#include "worker/member/holdings.h"
#include "worker/member/member.h"

#include <errno.h>
#include <stdlib.h>

enum { EVERY_MS = 10 * 1000, AGAIN_MS = 1000, READ_MS = 3000 };

struct proof {
	struct inquiry *inquiry;
	struct offsets *offsets;
	struct member *member; // of offsets
	int64_t untold_ms; // when an answer last told nothing
	// the question
	const char *topic;
	int32_t partition;
	uint64_t log_epoch;
	// Of the last commit, when it was asked.
	uint64_t number;
	struct source_mark mark;
	// The mark when this one is found.
	struct source_mark next;
	// the answer
	bool is_told;
	bool is_other;
};

static int look(void *ctx, const rd_kafka_message_t *message) {
	struct proof *proof = ctx;
	struct source_mark mark = holding_mark_of(message);

	proof->is_told = mark.offset >= proof->mark.offset;
	proof->is_other = mark.offset == proof->mark.offset &&
		(mark.stamp_ms != proof->mark.stamp_ms || mark.bytes != proof->mark.bytes);
	return 1;
}

static bool has_expired(const struct proof *proof, struct kafka_reader *reader) {
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	bool has_expired;

	rd_kafka_topic_partition_list_add(list, proof->topic, proof->partition);
	has_expired = kafka_begins(kafka_reader_handle(reader), list, READ_MS) == 0 &&
		list->elems[0].offset > proof->mark.offset;
	rd_kafka_topic_partition_list_destroy(list);
	return has_expired;
}

static bool ask(void *ctx) {
	struct proof *proof = ctx;
	const struct source_setup *setup = proof->member->setup;
	const struct kafka_reading reading = {
		.partition = proof->partition,
		.from = proof->mark.offset,
		.quiet_ms = READ_MS,
		.timeout_ms = READ_MS,
		.show = look,
		.ctx = proof,
	};
	const struct kafka_reader_setup reader_setup = {
		.kafka = setup->kafka, .topic = proof->topic, .log = setup->log};
	struct kafka_reader *reader = NULL;
	char error[256];

	proof->is_told = proof->is_other = false;
	if (kafka_reader_open(&reader, &reader_setup, error, sizeof(error)) == 0 &&
	    kafka_reader_read(reader, &reading) >= 0 && !proof->is_told)
		proof->is_told = has_expired(proof, reader);
	kafka_reader_close(reader);
	return true;
}

int proof_new(struct proof **out, struct offsets *offsets) {
	struct proof *proof = calloc(1, sizeof(*proof));
	int err;

	if (proof == NULL)
		return -ENOMEM;
	proof->offsets = offsets;
	proof->member = offsets->member;
	err = inquiry_new(
		&proof->inquiry,
		&(struct inquiry_setup){
			.ask = ask, .ctx = proof, .wake_fd = offsets->member->serve_fd}
	);
	if (err < 0) {
		free(proof);
		return err;
	}
	*out = proof;
	return 0;
}

void proof_free(struct proof *proof) {
	if (proof == NULL)
		return;
	inquiry_free(proof->inquiry);
	free(proof);
}

bool proof_is_missing(const struct member *member) {
	const struct holding *holding;

	TAILQ_FOREACH (holding, &member->holdings.list, link) {
		if (holding->is_unproven)
			return true;
	}
	return false;
}

// The one that was asked about, if it is still of that log and has still to be proven.
static struct holding *find_asked(const struct proof *proof) {
	struct holding *holding;

	TAILQ_FOREACH (holding, &proof->member->holdings.list, link) {
		if (holding->is_unproven && holding->topic == proof->topic &&
		    holding->claim.partition == proof->partition &&
		    holding->claim.log_epoch == proof->log_epoch)
			break;
	}
	return holding;
}

static void on_answer(struct proof *proof, int64_t now_ms) {
	struct holding *holding = find_asked(proof);

	if (!proof->is_told)
		proof->untold_ms = now_ms;
	if (!proof->is_told || holding == NULL)
		return;
	if (proof->is_other) {
		offsets_restart(proof->offsets, holding->topic);
		return;
	}
	holding->proven = proof->next;
	if (proof->number == proof->offsets->number)
		holding->is_unproven = false;
}

static void start(struct proof *proof, struct holding *holding, int64_t now_ms) {

	holding->asked_ms = now_ms;
	proof->topic = holding->topic;
	proof->partition = holding->claim.partition;
	proof->log_epoch = holding->claim.log_epoch;
	proof->number = proof->offsets->number;
	proof->mark = holding->proven;
	proof->next = holding->last;
	inquiry_start(proof->inquiry);
}

// Whoever leaves does it once, after the last commit.
static bool is_due(const struct proof *proof, const struct holding *holding, int64_t now_ms) {
	bool is_leaving = member_is_leaving(proof->member);

	if (is_leaving &&
	    (offsets_are_owed(proof->offsets) ||
	     (proof->member->stopped && proof->member->holdings.lent > 0)))
		return false;
	if (is_leaving ||
	    (proof->member->setup->until_drained && offsets_are_at_rest(proof->offsets)))
		return now_ms - proof->untold_ms >= AGAIN_MS;
	return now_ms - holding->asked_ms >= EVERY_MS;
}

void proof_serve(struct proof *proof, int64_t now_ms) {
	struct holding *holding;

	if (inquiry_take(proof->inquiry))
		on_answer(proof, now_ms);
	if (proof->offsets->is_out || inquiry_is_out(proof->inquiry))
		return;
	TAILQ_FOREACH (holding, &proof->member->holdings.list, link) {
		if (holding->is_unproven && is_due(proof, holding, now_ms))
			break;
	}
	if (holding != NULL)
		start(proof, holding, now_ms);
}
