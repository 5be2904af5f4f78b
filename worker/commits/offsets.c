// SPDX-License-Identifier: MPL-2.0
// offsets: what has to be committed of each partition, so that a log that is another one than
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
#include "worker/commits/offsets.h"

#include "common/base/log.h"
#include "common/base/wake.h"
#include "common/kafka/kafka_lag.h"
#include "worker/member/claim.h"
#include "worker/member/holdings.h"
#include "worker/member/source_setup.h"

#include <stdio.h>
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
bool offsets_is_owed(const struct offsets *offsets, const struct holding *holding) {
	if (holding->trust == HOLDING_BARE)
		return holding->claim.log_epoch != holding->claim.lease.epoch ||
			!member_is_leaving(offsets->member);
	return claim_to_commit(&holding->claim) >= 0;
}

bool offsets_are_owed(const struct offsets *offsets) {
	const struct holding *holding;

	TAILQ_FOREACH (holding, &offsets->member->holdings.list, link) {
		if (offsets_is_owed(offsets, holding))
			return true;
	}
	return false;
}

bool offsets_are_at_rest(const struct offsets *offsets) {
	return !offsets->is_out && member_is_at_rest(offsets->member);
}

// Which one is left out of the next commit: the one that was longest ago. NULL: one that has
// nothing to commit is witness enough, or there is only one.
static struct holding *witness_of(const struct offsets *offsets, const char *topic) {
	struct holding *holding, *witness = NULL;
	size_t moving = 0;

	TAILQ_FOREACH (holding, &offsets->member->holdings.list, link) {
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
static bool is_alone(const struct offsets *offsets, const struct holding *one) {
	const struct holding *holding;

	TAILQ_FOREACH (holding, &offsets->member->holdings.list, link) {
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

	place->offset = claim_first(&holding->claim);
	place->metadata = strdup(KAFKA_NOTHING_READ); // the list's
	place->metadata_size = place->metadata == NULL ? 0 : strlen(KAFKA_NOTHING_READ);
}

static void add_topic(
	const struct offsets *offsets, size_t index, rd_kafka_topic_partition_list_t *list
) {
	const char *topic = source_setup_topic(offsets->member->setup, index);
	struct holding *witness = witness_of(offsets, topic);
	const struct holding *holding;

	if (witness != NULL)
		witness->left_out = offsets->number;
	TAILQ_FOREACH (holding, &offsets->member->holdings.list, link) {
		if (holding->topic != topic || holding == witness)
			continue;
		if (holding->trust == HOLDING_BARE && offsets_is_owed(offsets, holding))
			add_bare(list, holding);
		else if (is_moving(holding))
			rd_kafka_topic_partition_list_add(list, topic, holding->claim.partition)
				->offset = claim_to_commit(&holding->claim);
	}
}

rd_kafka_topic_partition_list_t *offsets_next(struct offsets *offsets) {
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new((int
	)offsets->member->holdings.count);
	size_t count = 1 + offsets->member->setup->retry_count, first = offsets->next;

	offsets->number++;
	for (size_t i = 0; i < count && list->cnt == 0; i++) {
		add_topic(offsets, (first + i) % count, list);
		offsets->next = (first + i) % count + 1;
	}
	return list;
}

bool offsets_is_amid(const struct offsets *offsets) {
	const struct holding *holding;

	TAILQ_FOREACH (holding, &offsets->member->holdings.list, link) {
		if (offsets->next > 0 && holding_topic_index(holding) >= offsets->next &&
		    offsets_is_owed(offsets, holding))
			return true;
	}
	return false;
}

// --- what was committed

static void note_committed(struct offsets *offsets, struct holding *holding, int64_t offset) {
	claim_committed(&holding->claim, offset);
	holding->is_unproven = holding->last.offset >= 0 && is_alone(offsets, holding);
}

// Before the first assignment it was just looked whose the topics are.
void offsets_note_bare(struct offsets *offsets, struct holding *holding) {
	holding->trust = HOLDING_BARE;
	if (offsets->member->epoch > 1)
		owner_doubt(offsets->owner);
}

// Not before it is there again: until then it may just be gone.
static void tell_anew(const struct offsets *offsets, const struct holding *holding) {
	if (holding->trust == HOLDING_BARE && offsets->pasts[holding_topic_index(holding)].is_anew)
		LOG(offsets->member->setup->log,
		    LOG_LEVEL_WARNING,
		    "the log of a partition began anew; it is taken from its beginning",
		    log_str("topic", holding->topic),
		    log_int("partition", holding->claim.partition));
}

static void watch(struct offsets *offsets, struct holding *holding, int64_t offset) {
	claim_learn(&holding->claim, offset);
	if (offset >= holding->claim.end)
		claim_note_end(&holding->claim, offset);
	holding->trust = HOLDING_WATCHED;
	wake_ring(offsets->member->take_fd);
}

// Where it goes on when the group has `commit`.
static void add_start(
	rd_kafka_topic_partition_list_t *list, const struct holding *holding, int64_t commit
) {
	int64_t offset = claim_resume_at(&holding->claim, commit);

	rd_kafka_topic_partition_list_add(list, holding->topic, holding->claim.partition)
		->offset = offset < 0 ? RD_KAFKA_OFFSET_BEGINNING : offset;
}

void offsets_add(
	rd_kafka_topic_partition_list_t *list,
	const struct holding *holding,
	const rd_kafka_topic_partition_t *place
) {
	add_start(list, holding, kafka_is_nothing_read(place) ? NOTHING : place->offset);
}

static int32_t partitions_of(const struct offsets *offsets, size_t index) {
	if (index == 0)
		return offsets->member->partitions;
	return index <= offsets->member->setup->tier_count
		? offsets->member->retry_partitions[index - 1]
		: 0;
}

// Of topics of which all that we hold is watched.
static void note_pasts(struct offsets *offsets) {
	for (size_t i = 0; i <= offsets->member->setup->retry_count; i++) {
		bool is_held = false, is_watched = true;
		const struct holding *holding;

		TAILQ_FOREACH (holding, &offsets->member->holdings.list, link) {
			if (holding_topic_index(holding) != i)
				continue;
			is_held = true;
			is_watched &= holding->trust == HOLDING_WATCHED;
		}
		if (is_held && is_watched)
			offsets->pasts[i] = (struct topic_past
			){.partitions = partitions_of(offsets, i)};
	}
}

bool offsets_start(struct offsets *offsets, rd_kafka_topic_partition_list_t *list) {
	rd_kafka_error_t *error = list->cnt == 0
		? NULL
		: rd_kafka_seek_partitions(offsets->member->consumer, list, SEEK_MS);
	bool is_done = error == NULL;

	for (int i = 0; i < list->cnt && error == NULL; i++) {
		const rd_kafka_topic_partition_t *place = &list->elems[i];
		struct holding *holding = holdings_find(&offsets->member->holdings, place);

		if (place->err != RD_KAFKA_RESP_ERR_NO_ERROR) {
			is_done = false;
			continue;
		}
		tell_anew(offsets, holding);
		watch(offsets, holding, place->offset >= 0 ? place->offset : NOTHING);
	}
	if (error != NULL)
		rd_kafka_error_destroy(error);
	note_pasts(offsets);
	return is_done;
}

// Else it is of the log or the assignment before.
static bool is_first_commit(
	const struct holding *holding, const rd_kafka_topic_partition_t *place
) {
	return holding->trust == HOLDING_BARE && place->offset == claim_first(&holding->claim);
}

bool offsets_committed(struct offsets *offsets, const rd_kafka_topic_partition_list_t *done) {
	rd_kafka_topic_partition_list_t *bare = rd_kafka_topic_partition_list_new(done->cnt);
	bool is_done;

	for (int i = 0; i < done->cnt; i++) {
		const rd_kafka_topic_partition_t *place = &done->elems[i];
		struct holding *holding = holdings_find(&offsets->member->holdings, place);

		if (holding == NULL || place->err != RD_KAFKA_RESP_ERR_NO_ERROR)
			continue;
		if (holding->trust == HOLDING_WATCHED)
			note_committed(offsets, holding, place->offset);
		else if (!is_first_commit(holding, place))
			continue;
		else if (member_is_leaving(offsets->member)) // nothing is taken any more
			watch(offsets, holding, NOTHING);
		else
			add_start(bare, holding, NOTHING);
	}
	is_done = offsets_start(offsets, bare);
	rd_kafka_topic_partition_list_destroy(bare);
	return is_done;
}

// --- another log

static void restart(struct holding *holding) {
	// Of the old log: its offset says nothing of the new one.
	holding_drop_read_ahead(holding);
	claim_restart(&holding->claim);
	holding->trust = HOLDING_BARE;
	holding->is_unsure = holding->is_unproven = false;
	holding->last.offset = holding->proven.offset = -1;
}

// The offsets of a replay mean nothing in another log.
static void fail_replay(const struct offsets *offsets, const char *topic) {
	char why[TOPIC_NAME_BYTES + 200];

	snprintf(
		why,
		sizeof(why),
		"the topic %s was made again, or lost its end, since the replay was created: what "
		"was to be done again is gone. Drop the replay",
		topic
	);
	member_fail(offsets->member, SOURCE_FAILED, why);
}

void offsets_restart(struct offsets *offsets, const char *topic) {
	struct holding *holding;

	if (offsets->member->setup->replay != NULL)
		fail_replay(offsets, topic);
	TAILQ_FOREACH (holding, &offsets->member->holdings.list, link) {
		if (holding->topic == topic && holding->trust != HOLDING_BARE)
			restart(holding);
	}
	for (size_t i = 0; i <= offsets->member->setup->retry_count; i++)
		offsets->pasts[i].is_anew |= source_setup_topic(offsets->member->setup, i) == topic;
	offsets->member->moves++;
	owner_doubt(offsets->owner);
	wake_ring(offsets->member->serve_fd);
}

// Has the group forgotten one of its partitions, and has something of another one that we just were
// given? Partitions that were added since had nothing to be forgotten.
static bool is_stray(
	const struct offsets *offsets, size_t index, const rd_kafka_topic_partition_list_t *places
) {
	const struct topic_past *past = &offsets->pasts[index];
	bool has_forgotten = past->is_anew, has_some = false;

	for (int i = 0; i < places->cnt; i++) {
		const rd_kafka_topic_partition_t *place = &places->elems[i];
		const struct holding *holding = holdings_find(&offsets->member->holdings, place);

		if (holding == NULL || holding_topic_index(holding) != index ||
		    holding->trust != HOLDING_UNKNOWN || place->err != RD_KAFKA_RESP_ERR_NO_ERROR)
			continue;
		has_forgotten |= place->offset < 0 && place->partition < past->partitions;
		has_some |= place->offset > 0;
	}
	return has_forgotten && has_some;
}

void offsets_compare(struct offsets *offsets, const rd_kafka_topic_partition_list_t *places) {
	for (size_t i = 0; i <= offsets->member->setup->retry_count; i++)
		if (is_stray(offsets, i, places))
			offsets_restart(offsets, source_setup_topic(offsets->member->setup, i));
}
