// SPDX-License-Identifier: MPL-2.0
// source_fault: what keeps us from our work until an operator mends it: topics that are missing,
// rights that are.
//
// Design notes
// - What is wrong is seen in many places (answers about topics, fetches, commits, hand-overs), each
//   of which leaves an error where it belongs. Here all of them are looked at once a second, so
//   that each is told once for a topic, again while it lasts, and when it is over.
// - The library tells of a fetch that was denied once, and says nothing when a later one is not.
//   But it keeps the end of the partition's log that the last answer to a fetch had, and a denied
//   one has none.
// - Topics are asked for whether or not anything looks wrong. Of one that was deleted soon after it
//   was assigned the library (2.0.2) may tell nothing until it refreshes its metadata.
#include "common/base/log.h"
#include "worker/intake/source_state.h"

#include <errno.h>
#include <stdio.h>

enum { LOOK_EVERY_MS = 1000, ASK_EVERY_MS = 5000 };

// --- words

static bool is_of_tiers(const struct source *source, const char *topic) {
	for (size_t i = 0; i < source->setup.tier_count; i++)
		if (source->setup.retries[i].topic == topic)
			return true;
	return false;
}

static void say_missing(
	const struct source *source, const char *topic, char *out, size_t out_bytes
) {
	char command[TOPICS_COMMAND_BYTES], delay[48] = "";

	topics_command(
		source->setup.kafka->topic_prefix, source->setup.target, command, sizeof(command)
	);
	if (is_of_tiers(source, topic))
		snprintf(
			delay,
			sizeof(delay),
			" --retry-delay %g",
			(double)source->setup.retries[0].delay_ms / 1000
		);
	snprintf(out, out_bytes, TOPIC_MISSING ": %s%s", command, delay);
}

// Brokers answer the same when Describe is denied, so each is told as one that may be hidden.
static struct kafka_right right_to(const char *operation, const char *resource, const char *name) {
	return (struct kafka_right){
		.operation = operation, .resource = resource, .name = name, .is_hidden = true};
}

static void say(struct source *source, const struct kafka_right *right, rd_kafka_resp_err_t err) {
	struct source_faults *faults = &source->faults;

	if (kafka_classify(err) == KAFKA_MISSING)
		say_missing(source, right->name, faults->words, sizeof(faults->words));
	else if (!kafka_refusal_words(right->name, err, faults->words, sizeof(faults->words)))
		kafka_right_words(
			source->setup.kafka, right, err, faults->words, sizeof(faults->words)
		);
}

// --- one kind after the other

struct telling {
	const char *begins, *ends; // messages
	struct kafka_right right; // that is wanted
};

static void look_at(
	struct source *source,
	struct hindrance *hindrance,
	const struct telling *telling,
	rd_kafka_resp_err_t err,
	int64_t now_ms
) {
	bool is_there = err != RD_KAFKA_RESP_ERR_NO_ERROR;
	enum hindrance_news news;

	if (source->stopped && !is_there) // given back, which mends nothing
		return;
	news = hindrance_look(hindrance, is_there, now_ms);
	if (news == HINDRANCE_TELL) {
		say(source, &telling->right, err);
		LOG(source->setup.log,
		    LOG_LEVEL_ERROR,
		    telling->begins,
		    log_str(telling->right.resource, telling->right.name),
		    log_str("error", source->faults.words));
	} else if (news == HINDRANCE_OVER) {
		LOG(source->setup.log,
		    LOG_LEVEL_WARNING,
		    telling->ends,
		    log_str(telling->right.resource, telling->right.name));
	}
}

static bool is_unread(const struct source *source, const struct holding *holding) {
	int64_t first, end = -1;

	if (holding->unread == RD_KAFKA_RESP_ERR_NO_ERROR)
		return false;
	return rd_kafka_get_watermark_offsets(
		       source->consumer, holding->topic, holding->claim.partition, &first, &end
	       ) != RD_KAFKA_RESP_ERR_NO_ERROR ||
		end < 0;
}

struct reading { // of a topic
	// NO_ERROR: it is read, as far as is known.
	rd_kafka_resp_err_t err;
	bool is_ours; // we have some of its partitions
	// By all that we have of it.
	bool is_known;
};

static void forget_what_is_mended(struct source *source) {
	struct holding *holding;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (!is_unread(source, holding))
			holding->unread = RD_KAFKA_RESP_ERR_NO_ERROR;
	}
}

static struct reading look_at_ours(const struct source *source, const char *topic) {
	struct reading reading = {.is_known = source->joined && !source->revoking};
	const struct holding *holding;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		if (holding->topic != topic)
			continue;
		reading.is_ours = true;
		reading.is_known &= holding->is_heard;
		if (is_unread(source, holding))
			reading.err = holding->unread;
		else if (holding->uncommitted != RD_KAFKA_RESP_ERR_NO_ERROR)
			reading.err = holding->uncommitted;
	}
	return reading;
}

static struct reading reading_of(const struct source *source, size_t index) {
	const struct source_faults *faults = &source->faults;
	struct reading reading = look_at_ours(source, source_topic(&source->setup, index));

	if (faults->topics[index] != RD_KAFKA_RESP_ERR_NO_ERROR)
		reading.err = faults->topics[index];
	else if (!reading.is_ours)
		reading.err = faults->others[index];
	return reading;
}

// Whether one that is at another worker now may be read is told there; whoever is to end when all
// is drained looks at it too.
static void look_at_topic(struct source *source, size_t index, int64_t now_ms) {
	struct source_faults *faults = &source->faults;
	bool is_unseen = faults->topics[index] != RD_KAFKA_RESP_ERR_NO_ERROR;
	const struct reading reading = reading_of(source, index);
	const struct telling telling = {
		.begins = "a topic cannot be read; nothing of it is taken",
		.ends = "a topic can be read again",
		.right = right_to("Read", "topic", source_topic(&source->setup, index)),
	};

	if (reading.err != RD_KAFKA_RESP_ERR_NO_ERROR)
		faults->was_unseen[index] = is_unseen;
	else if (!reading.is_known || (!reading.is_ours && !faults->was_unseen[index] &&
				       !source->setup.until_drained))
		return;
	look_at(source, &faults->reads[index], &telling, reading.err, now_ms);
}

static void look_at_topics(struct source *source, int64_t now_ms) {
	struct source_faults *faults = &source->faults;

	forget_what_is_mended(source);
	for (size_t i = 0; i <= source->setup.retry_count; i++)
		look_at_topic(source, i, now_ms);
	if (faults->is_suspect || now_ms - faults->asked_ms >= ASK_EVERY_MS) {
		faults->asked_ms = now_ms;
		source_count_ask(source->count);
	}
}

static void look_at_handovers(struct source *source, int64_t now_ms) {
	struct source_faults *faults = &source->faults;

	for (size_t i = 0; i <= source->setup.tier_count; i++) {
		const struct telling telling = {
			.begins = "records cannot be handed over; their partitions stand still",
			.ends = "records can be handed over again",
			.right = right_to(
				"Write", "topic", source_handover_topic(&source->setup, i)
			),
		};

		look_at(source, &faults->writes[i], &telling, faults->handovers[i], now_ms);
	}
}

static void look_at_group(struct source *source, int64_t now_ms) {
	const struct telling telling = {
		.begins = "the group refuses us; nothing can be committed",
		.ends = "the group takes us again",
		.right = right_to("Read", "group", source->setup.group),
	};

	look_at(source, &source->faults.membership, &telling, source->faults.group, now_ms);
}

static void look_at_standstill(struct source *source, int64_t now_ms) {
	const struct holding *holding;
	int64_t count = 0;

	TAILQ_FOREACH (holding, &source->holdings, link) {
		count += holding->claim.stuck;
	}
	if (hindrance_look(&source->faults.standstill, count > 0, now_ms) == HINDRANCE_TELL)
		LOG(source->setup.log,
		    LOG_LEVEL_ERROR,
		    "partitions stand still until the worker is started again; see the error "
		    "before it",
		    log_int("count", count));
}

void source_fault_serve(struct source *source, int64_t now_ms) {
	if (now_ms - source->faults.looked_ms < LOOK_EVERY_MS)
		return;
	source->faults.looked_ms = now_ms;
	look_at_topics(source, now_ms);
	look_at_handovers(source, now_ms);
	look_at_group(source, now_ms);
	look_at_standstill(source, now_ms);
}

// One that is over counts for a few seconds more, in which what came meanwhile is read.
bool source_fault_hides(const struct source *source) {
	const struct source_faults *faults = &source->faults;
	bool hides = faults->membership.is_on || faults->group != RD_KAFKA_RESP_ERR_NO_ERROR;
	const struct holding *holding;

	for (size_t i = 0; i <= source->setup.retry_count; i++)
		hides |= faults->reads[i].is_on || faults->topics[i] != RD_KAFKA_RESP_ERR_NO_ERROR;
	TAILQ_FOREACH (holding, &source->holdings, link) {
		hides |= holding->unread != RD_KAFKA_RESP_ERR_NO_ERROR;
	}
	return hides || faults->is_suspect;
}

bool source_fault_lasts(const struct source *source, int64_t now_ms) {
	const struct source_faults *faults = &source->faults;
	bool is_refused = faults->group != RD_KAFKA_RESP_ERR_NO_ERROR;
	bool lasts = hindrance_lasts(&faults->membership, is_refused, now_ms);

	for (size_t i = 0; i <= source->setup.retry_count; i++) {
		bool is_denied = faults->reads[i].is_on &&
			reading_of(source, i).err != RD_KAFKA_RESP_ERR_NO_ERROR;

		lasts |= hindrance_lasts(&faults->reads[i], is_denied, now_ms);
	}
	for (size_t i = 0; i <= source->setup.tier_count; i++) {
		bool is_denied = faults->handovers[i] != RD_KAFKA_RESP_ERR_NO_ERROR;

		lasts |= hindrance_lasts(&faults->writes[i], is_denied, now_ms);
	}
	return lasts;
}

int64_t source_parked(const struct source *source) {
	int64_t parked = 0;

	for (size_t i = 0; i <= source->setup.tier_count; i++)
		parked += (int64_t)source->faults.owed[i];
	return parked;
}

// --- what others have seen

// Nothing was done yet.
static void end_before_the_start(
	struct source *source, const struct kafka_right *right, rd_kafka_resp_err_t err
) {
	say(source, right, err);
	source_fail(source, SOURCE_FAILED, source->faults.words);
}

void source_fault_note_group(struct source *source, rd_kafka_resp_err_t err) {
	const struct kafka_right right = right_to("Read", "group", source->setup.group);

	source->faults.group = err;
	// Told at once, for we may be on our way out.
	source->faults.looked_ms = 0;
	if (!source->has_joined && source->state == SOURCE_RUNS)
		end_before_the_start(source, &right, err);
}

static void note_topic(struct source *source, size_t index, int32_t answer, bool is_first) {
	const struct kafka_right right = right_to(
		"Read", "topic", source_topic(&source->setup, index)
	);
	rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR_NO_ERROR;

	if (answer == -EACCES)
		err = RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
	else if (answer < 0 && index <= source->setup.tier_count) // others may be deleted
		err = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
	if (err == RD_KAFKA_RESP_ERR_NO_ERROR &&
	    kafka_classify(source->faults.topics[index]) == KAFKA_MISSING)
		source_peers_note_back(source);
	source->faults.topics[index] = err;
	if (answer == -EACCES && is_first && source->state == SOURCE_RUNS)
		end_before_the_start(source, &right, err);
}

void source_fault_note_others(struct source *source, size_t index, bool is_denied) {
	source->faults.others[index] = is_denied ? RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED
						 : RD_KAFKA_RESP_ERR_NO_ERROR;
}

void source_fault_suspect(struct source *source) {
	source->faults.is_suspect = true;
}

void source_fault_note_topics(struct source *source, const int32_t *answers) {
	for (size_t i = 0; i <= source->setup.retry_count; i++)
		note_topic(source, i, answers[i], !source->faults.has_seen_topics);
	source->faults.has_seen_topics = true;
	source->faults.is_suspect = false;
}

void source_fault_owe(struct source *source, struct loan *loan, rd_kafka_resp_err_t err) {
	size_t index = source_handover_index(loan);

	source->faults.handovers[index] = err;
	if (loan->is_owed)
		return;
	loan->is_owed = true;
	loan->holding->claim.owed++;
	source->faults.owed[index]++;
}

void source_fault_free(struct source *source, struct loan *loan) {
	size_t index = source_handover_index(loan);

	if (!loan->is_owed)
		return;
	loan->is_owed = false;
	loan->holding->claim.owed--;
	if (--source->faults.owed[index] == 0)
		source->faults.handovers[index] = RD_KAFKA_RESP_ERR_NO_ERROR;
}
