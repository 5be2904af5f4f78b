// SPDX-License-Identifier: MPL-2.0
// source_proof: is a record that was taken still at its place?
//
// Design notes
// - Who holds one partition of a topic has no witness against a commit that lands in a new topic
//   (source_guard.c). So after its commits a record is read once more: in another log its place has
//   another one.
// - It is one that was taken before the last proof: what was taken since may be of the new log
//   already.
// - A log that ends below that place proves nothing here, for a new leader may not tell its end
//   yet. If it is another one, the library finds out by itself. Nor does one that begins above it,
//   but there nothing more can be known.
#include "common/kafka/kafka_lag.h"
#include "common/kafka/kafka_reader.h"
#include "worker/inquiry/inquiry.h"
#include "worker/intake/source_state.h"

#include <errno.h>
#include <stdlib.h>

enum { EVERY_MS = 10 * 1000, AGAIN_MS = 1000, READ_MS = 3000 };

struct source_proof {
	struct inquiry *inquiry;
	const struct source_setup *setup;
	int64_t untold_ms; // when an answer last told nothing
	// the question
	const char *topic;
	int32_t partition;
	uint64_t log_epoch;
	// Of the source, when it was asked.
	uint64_t commits;
	struct source_mark mark;
	// The mark when this one is found.
	struct source_mark next;
	// the answer
	bool is_told;
	bool is_other;
};

static struct source_mark mark_of(const rd_kafka_message_t *message) {
	return (struct source_mark){
		.offset = message->offset,
		.stamp_ms = rd_kafka_message_timestamp(message, NULL),
		.bytes = message->len,
	};
}

static int look(void *ctx, const rd_kafka_message_t *message) {
	struct source_proof *proof = ctx;
	struct source_mark mark = mark_of(message);

	proof->is_told = mark.offset >= proof->mark.offset;
	proof->is_other = mark.offset == proof->mark.offset &&
		(mark.stamp_ms != proof->mark.stamp_ms || mark.bytes != proof->mark.bytes);
	return 1;
}

static bool has_expired(const struct source_proof *proof, struct kafka_reader *reader) {
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	bool has_expired;

	rd_kafka_topic_partition_list_add(list, proof->topic, proof->partition);
	has_expired = kafka_begins(kafka_reader_handle(reader), list, READ_MS) == 0 &&
		list->elems[0].offset > proof->mark.offset;
	rd_kafka_topic_partition_list_destroy(list);
	return has_expired;
}

static bool ask(void *ctx) {
	struct source_proof *proof = ctx;
	const struct source_setup *setup = proof->setup;
	const struct kafka_reading reading = {
		.partition = proof->partition,
		.from = proof->mark.offset,
		.quiet_ms = READ_MS,
		.timeout_ms = READ_MS,
		.show = look,
		.ctx = proof,
	};
	struct kafka_reader *reader = NULL;
	char error[256];

	proof->is_told = proof->is_other = false;
	if (kafka_reader_open(
		    &reader, setup->kafka, proof->topic, setup->log, error, sizeof(error)
	    ) == 0 &&
	    kafka_reader_read(reader, &reading) >= 0 && !proof->is_told)
		proof->is_told = has_expired(proof, reader);
	kafka_reader_close(reader);
	return true;
}

int source_proof_new(struct source_proof **out, const struct source *source) {
	struct source_proof *proof = calloc(1, sizeof(*proof));
	int err;

	if (proof == NULL)
		return -ENOMEM;
	proof->setup = &source->setup;
	err = inquiry_new(
		&proof->inquiry,
		&(struct inquiry_setup){.ask = ask, .ctx = proof, .wake_fd = source->serve_fd}
	);
	if (err < 0) {
		free(proof);
		return err;
	}
	*out = proof;
	return 0;
}

void source_proof_free(struct source_proof *proof) {
	if (proof == NULL)
		return;
	inquiry_free(proof->inquiry);
	free(proof);
}

void source_proof_note_taken(struct holding *holding, const rd_kafka_message_t *message) {
	holding->last = mark_of(message);
	if (holding->proven.offset < 0)
		holding->proven = holding->last;
}

bool source_proof_is_missing(const struct source *source) {
	const struct holding *holding;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (holding->is_unproven)
			return true;
	}
	return false;
}

// The one that was asked about, if it is still of that log and has still to be proven.
static struct holding *find_asked(const struct source *source) {
	const struct source_proof *proof = source->proof;
	struct holding *holding;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (holding->is_unproven && holding->topic == proof->topic &&
		    holding->claim.partition == proof->partition &&
		    holding->claim.log_epoch == proof->log_epoch)
			break;
	}
	return holding;
}

static void on_answer(struct source *source, int64_t now_ms) {
	const struct source_proof *proof = source->proof;
	struct holding *holding = find_asked(source);

	if (!proof->is_told)
		source->proof->untold_ms = now_ms;
	if (!proof->is_told || holding == NULL)
		return;
	if (proof->is_other) {
		source_guard_restart(source, holding->topic);
		return;
	}
	holding->proven = proof->next;
	if (proof->commits == source->commits)
		holding->is_unproven = false;
}

static void start(struct source *source, struct holding *holding, int64_t now_ms) {
	struct source_proof *proof = source->proof;

	holding->asked_ms = now_ms;
	proof->topic = holding->topic;
	proof->partition = holding->claim.partition;
	proof->log_epoch = holding->claim.log_epoch;
	proof->commits = source->commits;
	proof->mark = holding->proven;
	proof->next = holding->last;
	inquiry_start(proof->inquiry);
}

// Whoever leaves does it once, after the last commit.
static bool is_due(const struct source *source, const struct holding *holding, int64_t now_ms) {
	bool is_leaving = source->revoking || source->stopped;

	if (is_leaving && (source_has_to_commit(source) || (source->stopped && source->lent > 0)))
		return false;
	if (is_leaving || (source->setup.until_drained && source_is_at_rest(source)))
		return now_ms - source->proof->untold_ms >= AGAIN_MS;
	return now_ms - holding->asked_ms >= EVERY_MS;
}

void source_proof_serve(struct source *source, int64_t now_ms) {
	struct source_proof *proof = source->proof;
	struct holding *holding;

	if (inquiry_take(proof->inquiry))
		on_answer(source, now_ms);
	if (source->commit_out || inquiry_is_out(proof->inquiry))
		return;
	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (holding->is_unproven && is_due(source, holding, now_ms))
			break;
	}
	if (holding != NULL)
		start(source, holding, now_ms);
}
