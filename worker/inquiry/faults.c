// SPDX-License-Identifier: MPL-2.0
// faults: what keeps us from our work until an operator mends it: topics that are missing,
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
#include "worker/inquiry/faults.h"

#include "common/base/log.h"
#include "common/kafka/kafka_error.h"
#include "common/kafka/topics/tiers.h"
#include "common/kafka/topics/topics.h"
#include "worker/member/source_setup.h"

#include <errno.h>
#include <stdio.h>

enum { LOOK_EVERY_MS = 1000, ASK_EVERY_MS = 5000 };

// --- words

static bool is_of_tiers(const struct faults *faults, const char *topic) {
	for (size_t i = 0; i < faults->setup->tier_count; i++)
		if (faults->setup->retries[i].topic == topic)
			return true;
	return false;
}

static void write_tiers(const struct source_setup *setup, char *out, size_t out_bytes) {
	struct topic_tiers tiers = {.count = setup->tier_count};

	for (size_t i = 0; i < tiers.count; i++)
		tiers.delay_ms[i] = setup->retries[i].delay_ms;
	topic_tiers_write(&tiers, out, out_bytes);
}

static void say_missing(
	const struct faults *faults, const char *topic, char *out, size_t out_bytes
) {
	bool is_audit = topic == faults->setup->audit_topic;
	char command[TOPICS_COMMAND_BYTES], delays[TOPIC_TIERS_BYTES] = "";

	topics_command(
		faults->setup->kafka->topic_prefix, faults->setup->target, command, sizeof(command)
	);
	if (is_of_tiers(faults, topic))
		write_tiers(faults->setup, delays, sizeof(delays));
	snprintf(
		out,
		out_bytes,
		TOPIC_MISSING ": %s%s%s%s",
		command,
		is_audit ? TOPICS_AUDIT_WORDS : "",
		delays[0] == '\0' ? "" : " --retry-tiers ",
		delays
	);
}

// Brokers answer the same when Describe is denied, so each is told as one that may be hidden.
static struct kafka_right right_to(const char *operation, const char *resource, const char *name) {
	return (struct kafka_right){
		.operation = operation, .resource = resource, .name = name, .is_hidden = true};
}

static void say(struct faults *faults, const struct kafka_right *right, rd_kafka_resp_err_t err) {
	if (kafka_classify(err) == KAFKA_MISSING)
		say_missing(faults, right->name, faults->words, sizeof(faults->words));
	else if (!kafka_refusal_words(right->name, err, faults->words, sizeof(faults->words)))
		kafka_right_words(
			faults->setup->kafka, right, err, faults->words, sizeof(faults->words)
		);
}

// --- one kind after the other

struct telling {
	const char *begins, *ends; // messages
	struct kafka_right right; // that is wanted
};

static void look_at(
	struct faults *faults,
	struct hindrance *hindrance,
	const struct telling *telling,
	rd_kafka_resp_err_t err,
	int64_t now_ms
) {
	bool is_there = err != RD_KAFKA_RESP_ERR_NO_ERROR;
	enum hindrance_news news;

	if (faults->member->stopped && !is_there) // given back, which mends nothing
		return;
	news = hindrance_look(hindrance, is_there, now_ms);
	if (news == HINDRANCE_TELL) {
		say(faults, &telling->right, err);
		LOG(faults->setup->log,
		    LOG_LEVEL_ERROR,
		    telling->begins,
		    log_str(telling->right.resource, telling->right.name),
		    log_str("error", faults->words));
	} else if (news == HINDRANCE_OVER) {
		LOG(faults->setup->log,
		    LOG_LEVEL_WARNING,
		    telling->ends,
		    log_str(telling->right.resource, telling->right.name));
	}
}

static bool is_unread(const struct faults *faults, const struct holding *holding) {
	int64_t first, end = -1;

	if (holding->unread == RD_KAFKA_RESP_ERR_NO_ERROR)
		return false;
	return rd_kafka_get_watermark_offsets(
		       faults->member->consumer,
		       holding->topic,
		       holding->claim.partition,
		       &first,
		       &end
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

static void forget_what_is_mended(struct faults *faults) {
	struct holding *holding;

	TAILQ_FOREACH (holding, &faults->member->holdings.list, link) {
		if (!is_unread(faults, holding))
			holding->unread = RD_KAFKA_RESP_ERR_NO_ERROR;
	}
}

static struct reading look_at_ours(const struct faults *faults, const char *topic) {
	struct reading reading = {.is_known = faults->member->joined && !faults->member->revoking};
	const struct holding *holding;

	TAILQ_FOREACH (holding, &faults->member->holdings.list, link) {
		if (holding->topic != topic)
			continue;
		reading.is_ours = true;
		reading.is_known &= holding->is_heard;
		if (is_unread(faults, holding))
			reading.err = holding->unread;
		else if (holding->uncommitted != RD_KAFKA_RESP_ERR_NO_ERROR)
			reading.err = holding->uncommitted;
	}
	return reading;
}

static struct reading reading_of(const struct faults *faults, size_t index) {
	struct reading reading = look_at_ours(faults, source_setup_topic(faults->setup, index));

	if (faults->topics[index] != RD_KAFKA_RESP_ERR_NO_ERROR)
		reading.err = faults->topics[index];
	else if (!reading.is_ours)
		reading.err = faults->others[index];
	return reading;
}

// Whether one that is at another worker now may be read is told there; whoever is to end when all
// is drained looks at it too.
static void look_at_topic(struct faults *faults, size_t index, int64_t now_ms) {
	bool is_unseen = faults->topics[index] != RD_KAFKA_RESP_ERR_NO_ERROR;
	const struct reading reading = reading_of(faults, index);
	const struct telling telling = {
		.begins = "a topic cannot be read; nothing of it is taken",
		.ends = "a topic can be read again",
		.right = right_to("Read", "topic", source_setup_topic(faults->setup, index)),
	};

	if (reading.err != RD_KAFKA_RESP_ERR_NO_ERROR)
		faults->was_unseen[index] = is_unseen;
	else if (!reading.is_known || (!reading.is_ours && !faults->was_unseen[index] &&
				       !faults->setup->until_drained))
		return;
	look_at(faults, &faults->reads[index], &telling, reading.err, now_ms);
}

static void look_at_topics(struct faults *faults, int64_t now_ms) {
	forget_what_is_mended(faults);
	for (size_t i = 0; i <= faults->setup->retry_count; i++)
		look_at_topic(faults, i, now_ms);
	if (faults->is_suspect || now_ms - faults->asked_ms >= ASK_EVERY_MS) {
		faults->asked_ms = now_ms;
		source_count_ask(faults->count);
	}
}

static void look_at_handovers(struct faults *faults, int64_t now_ms) {
	for (size_t i = 0; i < SOURCE_GOALS; i++) {
		const char *topic = source_setup_handover_topic(faults->setup, i);
		const struct telling telling = {
			.begins = "records cannot be handed over; their partitions stand still",
			.ends = "records can be handed over again",
			.right = right_to("Write", "topic", topic),
		};

		if (topic != NULL)
			look_at(faults, &faults->writes[i], &telling, faults->handovers[i], now_ms);
	}
}

static void look_at_group(struct faults *faults, int64_t now_ms) {
	const struct telling telling = {
		.begins = "the group refuses us; nothing can be committed",
		.ends = "the group takes us again",
		.right = right_to("Read", "group", faults->setup->group),
	};

	look_at(faults, &faults->membership, &telling, faults->group, now_ms);
}

static void look_at_standstill(struct faults *faults, int64_t now_ms) {
	const struct holding *holding;
	int64_t count = 0;

	TAILQ_FOREACH (holding, &faults->member->holdings.list, link) {
		count += holding->claim.stuck;
	}
	if (hindrance_look(&faults->standstill, count > 0, now_ms) == HINDRANCE_TELL)
		LOG(faults->setup->log,
		    LOG_LEVEL_ERROR,
		    "partitions stand still until the worker is started again; see the error "
		    "before it",
		    log_int("count", count));
}

void faults_serve(struct faults *faults, int64_t now_ms) {
	if (now_ms - faults->looked_ms < LOOK_EVERY_MS)
		return;
	faults->looked_ms = now_ms;
	look_at_topics(faults, now_ms);
	look_at_handovers(faults, now_ms);
	look_at_group(faults, now_ms);
	look_at_standstill(faults, now_ms);
}

// One that is over counts for a few seconds more, in which what came meanwhile is read.
bool faults_hides(const struct faults *faults) {
	bool hides = faults->membership.is_on || faults->group != RD_KAFKA_RESP_ERR_NO_ERROR;
	const struct holding *holding;

	for (size_t i = 0; i <= faults->setup->retry_count; i++)
		hides |= faults->reads[i].is_on || faults->topics[i] != RD_KAFKA_RESP_ERR_NO_ERROR;
	TAILQ_FOREACH (holding, &faults->member->holdings.list, link) {
		hides |= holding->unread != RD_KAFKA_RESP_ERR_NO_ERROR;
	}
	return hides || faults->is_suspect;
}

bool faults_lasts(const struct faults *faults, int64_t now_ms) {
	bool is_refused = faults->group != RD_KAFKA_RESP_ERR_NO_ERROR;
	bool lasts = hindrance_lasts(&faults->membership, is_refused, now_ms);

	for (size_t i = 0; i <= faults->setup->retry_count; i++) {
		bool is_denied = faults->reads[i].is_on &&
			reading_of(faults, i).err != RD_KAFKA_RESP_ERR_NO_ERROR;

		lasts |= hindrance_lasts(&faults->reads[i], is_denied, now_ms);
	}
	for (size_t i = 0; i < SOURCE_GOALS; i++) {
		bool is_denied = faults->handovers[i] != RD_KAFKA_RESP_ERR_NO_ERROR;

		lasts |= hindrance_lasts(&faults->writes[i], is_denied, now_ms);
	}
	return lasts;
}

int64_t faults_owed(const struct faults *faults) {
	int64_t owed = 0;

	for (size_t i = 0; i < SOURCE_GOALS; i++)
		owed += (int64_t)faults->owed[i];
	return owed;
}

// --- what others have seen

// Nothing was done yet.
static void end_before_the_start(
	struct faults *faults, const struct kafka_right *right, rd_kafka_resp_err_t err
) {
	say(faults, right, err);
	member_fail(faults->member, SOURCE_FAILED, faults->words);
}

void faults_note_group(struct faults *faults, rd_kafka_resp_err_t err) {
	const struct kafka_right right = right_to("Read", "group", faults->setup->group);

	faults->group = err;
	// Told at once, for we may be on our way out.
	faults->looked_ms = 0;
	if (!faults->member->has_joined && faults->member->state == SOURCE_RUNS)
		end_before_the_start(faults, &right, err);
}

void faults_clear_group(struct faults *faults) {
	faults->group = RD_KAFKA_RESP_ERR_NO_ERROR;
}

static void note_topic(struct faults *faults, size_t index, int32_t answer, bool is_first) {
	const struct kafka_right right = right_to(
		"Read", "topic", source_setup_topic(faults->setup, index)
	);
	rd_kafka_resp_err_t err = RD_KAFKA_RESP_ERR_NO_ERROR;

	if (answer == -EACCES)
		err = RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
	else if (answer < 0 && index <= faults->setup->tier_count) // others may be deleted
		err = RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART;
	if (err == RD_KAFKA_RESP_ERR_NO_ERROR &&
	    kafka_classify(faults->topics[index]) == KAFKA_MISSING)
		faults->is_back = true;
	faults->topics[index] = err;
	if (answer == -EACCES && is_first && faults->member->state == SOURCE_RUNS)
		end_before_the_start(faults, &right, err);
}

void faults_note_others(struct faults *faults, size_t index, bool is_denied) {
	faults->others[index] = is_denied ? RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED
					  : RD_KAFKA_RESP_ERR_NO_ERROR;
}

void faults_suspect(struct faults *faults) {
	faults->is_suspect = true;
}

void faults_note_topics(struct faults *faults, const int32_t *answers) {
	for (size_t i = 0; i <= faults->setup->retry_count; i++)
		note_topic(faults, i, answers[i], !faults->has_seen_topics);
	faults->has_seen_topics = true;
	faults->is_suspect = false;
}

void faults_owe(struct faults *faults, size_t index, rd_kafka_resp_err_t err, bool is_new) {
	faults->handovers[index] = err;
	faults->owed[index] += is_new;
}

void faults_repay(struct faults *faults, size_t index) {
	if (--faults->owed[index] == 0)
		faults->handovers[index] = RD_KAFKA_RESP_ERR_NO_ERROR;
}

bool faults_take_back(struct faults *faults) {
	bool is_back = faults->is_back;

	faults->is_back = false;
	return is_back;
}
