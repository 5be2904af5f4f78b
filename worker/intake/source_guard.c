// SPDX-License-Identifier: MPL-2.0
// source_guard: what has to be committed of each partition, so that a log that is another one than
// before is noticed.
//
// Design notes: see docs/decisions/014.
// - The group forgets what it has in a topic that is deleted. So it must have something of a
//   partition before a record of it is taken: 0, where it has nothing. What was fetched before that
//   may be of an older log, or from another offset than the group has now, so it is fetched again
//   from there.
// - A commit may land in the new topic, and would look like one of it. So one partition of a topic
//   is left out of a commit that would have all that we hold of it: the group has forgotten that
//   one, which the next question shows.
// - Where one partition has another log, all of its topic have.
// - A commit is of one topic: when one partition is denied, librdkafka (2.0.2) says so of all that
//   were in the same commit.
#include "common/base/log.h"
#include "common/base/wake.h"
#include "common/kafka/kafka_lag.h"
#include "worker/intake/source_state.h"

#include <string.h>

enum {
	SEEK_MS = 1000,
	// Was read: the group has our 0, and is told once an end or a record was seen.
	NOTHING = -1,
};

static bool is_moving(const struct holding *holding) {
	return holding->trust == HOLDING_WATCHED && !holding->is_unsure &&
		claim_to_commit(&holding->claim) >= 0;
}

// Whoever leaves need not begin with what nobody took yet.
bool source_guard_has_to_commit(const struct source *source, const struct holding *holding) {
	if (holding->trust == HOLDING_BARE)
		return holding->claim.log_epoch != holding->claim.lease.epoch ||
			!(source->revoking || source->stopped);
	return claim_to_commit(&holding->claim) >= 0;
}

// Which one is left out of the next commit: the one that was longest ago. NULL: one that has
// nothing to commit is witness enough, or there is only one.
static struct holding *witness_of(const struct source *source, const char *topic) {
	struct holding *holding, *witness = NULL;
	size_t moving = 0;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (holding->topic != topic || holding->trust != HOLDING_WATCHED ||
		    holding->is_unsure)
			continue;
		if (!is_moving(holding))
			return NULL;
		if (moving++ == 0 || holding->left_out < witness->left_out)
			witness = holding;
	}
	return moving < 2 ? NULL : witness;
}

// Has nobody else of its topic here anything that the group would show to be forgotten?
static bool is_alone(const struct source *source, const struct holding *one) {
	const struct holding *holding;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (holding != one && holding->topic == one->topic &&
		    holding->trust == HOLDING_WATCHED)
			return false;
	}
	return true;
}

static void add_bare(rd_kafka_topic_partition_list_t *list, const struct holding *holding) {
	rd_kafka_topic_partition_t *place = rd_kafka_topic_partition_list_add(
		list, holding->topic, holding->claim.partition
	);

	place->offset = 0;
	place->metadata = strdup(KAFKA_NOTHING_READ); // the list's
	place->metadata_size = place->metadata == NULL ? 0 : strlen(KAFKA_NOTHING_READ);
}

static void add_topic(
	const struct source *source, size_t index, rd_kafka_topic_partition_list_t *list
) {
	const char *topic = source_topic(&source->setup, index);
	struct holding *witness = witness_of(source, topic);
	const struct holding *holding;

	if (witness != NULL)
		witness->left_out = source->commits;
	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (holding->topic != topic || holding == witness)
			continue;
		if (holding->trust == HOLDING_BARE && source_guard_has_to_commit(source, holding))
			add_bare(list, holding);
		else if (is_moving(holding))
			rd_kafka_topic_partition_list_add(list, topic, holding->claim.partition)
				->offset = claim_to_commit(&holding->claim);
	}
}

rd_kafka_topic_partition_list_t *source_guard_commits(struct source *source) {
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int
	)source->holding_count);
	size_t count = 1 + source->setup.retry_count, first = source->commit_next;

	source->commits++;
	for (size_t i = 0; i < count && list->cnt == 0; i++) {
		add_topic(source, (first + i) % count, list);
		source->commit_next = (first + i) % count + 1;
	}
	return list;
}

bool source_guard_is_amid(const struct source *source) {
	const struct holding *holding;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (source->commit_next > 0 && source_topic_index(holding) >= source->commit_next &&
		    source_guard_has_to_commit(source, holding))
			return true;
	}
	return false;
}

bool source_guard_is_clear(const struct source *source) {
	return !source->commit_out && !source_has_to_commit(source) &&
		(source->outage.is_on ||
		 (source_log_is_current(source) && !source_proof_is_missing(source)));
}

// --- what was committed

static void note_committed(struct source *source, struct holding *holding, int64_t offset) {
	claim_committed(&holding->claim, offset);
	holding->is_unproven = holding->last.offset >= 0 && is_alone(source, holding);
}

// Before the first assignment it was just looked whose the topics are.
void source_guard_note_bare(struct source *source, struct holding *holding) {
	holding->trust = HOLDING_BARE;
	if (source->epoch > 1)
		source_scope_doubt(source);
}

// Not before it is there again: until then it may just be gone.
static void tell_anew(const struct source *source, const struct holding *holding) {
	if (holding->trust == HOLDING_BARE && source->pasts[source_topic_index(holding)].is_anew)
		LOG(source->setup.log,
		    LOG_LEVEL_WARNING,
		    "the log of a partition began anew; it is taken from its beginning",
		    log_str("topic", holding->topic),
		    log_int("partition", holding->claim.partition));
}

static void watch(struct source *source, struct holding *holding, int64_t offset) {
	claim_learn(&holding->claim, offset);
	holding->trust = HOLDING_WATCHED;
	wake_ring(source->take_fd);
}

void source_guard_add(
	rd_kafka_topic_partition_list_t *list, const rd_kafka_topic_partition_t *place
) {
	rd_kafka_topic_partition_list_add(list, place->topic, place->partition)
		->offset = kafka_is_nothing_read(place) ? RD_KAFKA_OFFSET_BEGINNING : place->offset;
}

static int32_t partitions_of(const struct source *source, size_t index) {
	if (index == 0)
		return source->partitions;
	return index <= source->setup.tier_count ? source->retry_partitions[index - 1] : 0;
}

// Of topics of which all that we hold is watched.
static void note_pasts(struct source *source) {
	for (size_t i = 0; i <= source->setup.retry_count; i++) {
		bool is_held = false, is_watched = true;
		const struct holding *holding;

		TAILQ_FOREACH (holding, &source->holdings, link) {
			if (source_topic_index(holding) != i)
				continue;
			is_held = true;
			is_watched &= holding->trust == HOLDING_WATCHED;
		}
		if (is_held && is_watched)
			source->pasts[i] = (struct topic_past
			){.partitions = partitions_of(source, i)};
	}
}

bool source_guard_start(struct source *source, rd_kafka_topic_partition_list_t *list) {
	rd_kafka_error_t *error = list->cnt == 0
		? NULL
		: rd_kafka_seek_partitions(source->consumer, list, SEEK_MS);
	bool is_done = error == NULL;

	for (int i = 0; i < list->cnt && error == NULL; i++) {
		const rd_kafka_topic_partition_t *place = &list->elems[i];
		struct holding *holding = source_group_find(source, place);

		if (place->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
			is_done = false;
			continue;
		}
		tell_anew(source, holding);
		watch(source, holding, place->offset >= 0 ? place->offset : NOTHING);
	}
	if (error != NULL)
		rd_kafka_error_destroy(error);
	note_pasts(source);
	return is_done;
}

bool source_guard_committed(struct source *source, const rd_kafka_topic_partition_list_t *done) {
	rd_kafka_topic_partition_list_t *bare = rd_kafka_topic_partition_list_new(done->cnt);
	bool is_done;

	for (int i = 0; i < done->cnt; i++) {
		const rd_kafka_topic_partition_t *place = &done->elems[i];
		struct holding *holding = source_group_find(source, place);

		if (holding == NULL || place->err != RD_KAFKA_RESP_ERR_NO_ERROR)
			continue;
		if (holding->trust == HOLDING_WATCHED)
			note_committed(source, holding, place->offset);
		// Of the log or the assignment before.
		else if (holding->trust != HOLDING_BARE || place->offset != 0)
			continue;
		else if (source->revoking || source->stopped) // nothing is taken any more
			watch(source, holding, NOTHING);
		else
			rd_kafka_topic_partition_list_add(bare, place->topic, place->partition)
				->offset = RD_KAFKA_OFFSET_BEGINNING;
	}
	is_done = source_guard_start(source, bare);
	rd_kafka_topic_partition_list_destroy(bare);
	return is_done;
}

// --- another log

static void restart(struct holding *holding) {
	// Of the old log: its offset says nothing of the new one.
	if (holding->read_ahead != NULL)
		rd_kafka_message_destroy(holding->read_ahead);
	holding->read_ahead = NULL;
	claim_restart(&holding->claim);
	holding->trust = HOLDING_BARE;
	holding->is_unsure = holding->is_unproven = false;
	holding->last.offset = holding->proven.offset = -1;
}

void source_guard_restart(struct source *source, const char *topic) {
	struct holding *holding;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (holding->topic == topic && holding->trust != HOLDING_BARE)
			restart(holding);
	}
	for (size_t i = 0; i <= source->setup.retry_count; i++)
		source->pasts[i].is_anew |= source_topic(&source->setup, i) == topic;
	source->moves++;
	source_scope_doubt(source);
	wake_ring(source->serve_fd);
}

// Has the group forgotten one of its partitions, and has something of another one that we just were
// given? Partitions that were added since had nothing to be forgotten.
static bool is_stray(
	const struct source *source, size_t index, const rd_kafka_topic_partition_list_t *places
) {
	const struct topic_past *past = &source->pasts[index];
	bool has_forgotten = past->is_anew, has_some = false;

	for (int i = 0; i < places->cnt; i++) {
		const rd_kafka_topic_partition_t *place = &places->elems[i];
		const struct holding *holding = source_group_find(source, place);

		if (holding == NULL || source_topic_index(holding) != index ||
		    holding->trust != HOLDING_UNKNOWN || place->err != RD_KAFKA_RESP_ERR_NO_ERROR)
			continue;
		has_forgotten |= place->offset < 0 && place->partition < past->partitions;
		has_some |= place->offset > 0;
	}
	return has_forgotten && has_some;
}

void source_guard_compare(struct source *source, const rd_kafka_topic_partition_list_t *places) {
	for (size_t i = 0; i <= source->setup.retry_count; i++)
		if (is_stray(source, i, places))
			source_guard_restart(source, source_topic(&source->setup, i));
}
