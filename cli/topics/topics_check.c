// SPDX-License-Identifier: MPL-2.0
// topics_check: are the topics that a command needs there, and do they keep what is put into them?
//
// Design notes
// - Two questions to the brokers are enough when all is well: which topics there are, and how they
//   are set. A topic that we may not Describe is not among the first answer; asked by its name, the
//   brokers say which of the two it is.
// - All is asked on a handle of its own, which is closed before the command begins: see
//   docs/decisions/012.
#include "cli/topics/topics_check.h"

#include "cli/front/front.h"
#include "cli/topics/topics_keep.h"
#include "common/base/log.h"
#include "common/kafka/kafka.h"
#include "common/kafka/topics/tiers.h"
#include "common/kafka/topics/topics.h"
#include "common/kafka/topics/topics_admin.h"
#include "common/kafka/topics/topics_look.h"
#include "common/kafka/topics/topics_properties.h"
#include "common/target/target.h"

#include <errno.h>
#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { NEEDS_MAX = SOURCE_RETRIES_MAX + TOPIC_KINDS - 1 };
_Static_assert((int)NEEDS_MAX <= (int)TOPIC_READINGS_MAX, "one question");

struct need {
	enum topic_kind kind;
	// To it, that the command has, and Describe with that.
	const char *right;
	const char *topic;
	int64_t delay_ms; // of a retry topic
	// Where to write how long it keeps records; NULL: nowhere.
	int64_t *retention_ms;
	bool is_there;
};

struct check {
	const struct front *front;
	const char *prefix;
	struct topics_admin *admin;
	char names[TOPIC_KINDS][TOPIC_NAME_BYTES]; // all but the retries'
	struct retry_topics *retries; // NULL: none are needed
	const struct topic_tiers *tiers; // of these
	bool needs_dead, needs_audit;
	struct need needs[NEEDS_MAX];
	size_t count;
};

static struct need *add(
	struct check *check, enum topic_kind kind, const char *right, const char *topic
) {
	struct need *need = &check->needs[check->count++];

	*need = (struct need){.kind = kind, .right = right, .topic = topic};
	return need;
}

static struct need *add_retry(struct check *check, size_t index) {
	struct need *need = add(check, TOPIC_RETRY, "Read", check->retries->names[index]);

	need->delay_ms = check->retries->delay_ms[index];
	need->retention_ms = &check->retries->retention_ms[index];
	return need;
}

static int add_kind(struct check *check, enum topic_kind kind, const char *right) {
	int err = topic_name(
		kind,
		check->prefix,
		check->front->target->name,
		check->names[kind],
		sizeof(check->names[kind])
	);

	add(check, kind, right, check->names[kind]);
	return err;
}

static int name_all(struct check *check, const char *right, int64_t *retention_ms) {
	int err = add_kind(check, TOPIC_CANDIDATES, right);

	check->needs[0].retention_ms = retention_ms;
	if (err == 0 && check->retries != NULL) {
		err = retry_topics_name(
			check->retries, check->prefix, check->front->target->name, check->tiers
		);
		for (size_t i = 0; i < check->retries->tiers; i++)
			add_retry(check, i);
	}
	if (err == 0 && check->needs_dead)
		err = add_kind(check, TOPIC_DEAD, "Write");
	if (err == 0 && check->needs_audit)
		err = add_kind(check, TOPIC_AUDIT, "Write");
	if (err == 0)
		err = add_kind(check, TOPIC_STATE, "Read");
	return err < 0 ? front_fail(err, "Kafka takes no topic of that name; check --topic-prefix")
		       : 0;
}

// --- are they there?

static int take_retry(struct check *check, const char *topic) {
	struct retry_topics *retries = check->retries;
	size_t before = retries->count;
	int err = retry_topics_take(
		retries, check->prefix, check->front->target->name, topic, check->front->log
	);

	if (retries->count > before)
		add_retry(check, before)->is_there = true;
	return err;
}

static int see_topic(void *ctx, const char *topic, int32_t partitions) {
	struct check *check = ctx;
	size_t base = strlen(check->names[TOPIC_CANDIDATES]);

	if (partitions < 1)
		return 0;
	for (size_t i = 0; i < check->count; i++)
		if (strcmp(check->needs[i].topic, topic) == 0) {
			check->needs[i].is_there = true;
			return 0;
		}
	if (check->retries != NULL && strncmp(topic + base, ".retry.", strlen(".retry.")) == 0)
		return take_retry(check, topic);
	return 0;
}

static void tell_tiers(const struct retry_topics *retries) {
	struct topic_tiers tiers = {.count = retries->tiers};
	char text[TOPIC_TIERS_BYTES];

	memcpy(tiers.delay_ms, retries->delay_ms, retries->tiers * sizeof(tiers.delay_ms[0]));
	topic_tiers_write(&tiers, text, sizeof(text));
	fprintf(stderr, " --retry-tiers %s", text);
}

// Returns -ENOENT.
static int tell_missing(const struct check *check) {
	const char *word = "there is no topic";
	char command[TOPICS_COMMAND_BYTES];
	bool is_tier_missing = false, is_audit_missing = false, is_other_missing = false;

	topics_command(check->prefix, check->front->target->name, command, sizeof(command));
	fprintf(stderr, "purgefleet: ");
	for (size_t i = 0; i < check->count; i++) {
		if (check->needs[i].is_there)
			continue;
		fprintf(stderr, "%s '%s'", word, check->needs[i].topic);
		word = ", nor";
		is_tier_missing |= check->needs[i].kind == TOPIC_RETRY;
		is_audit_missing |= check->needs[i].kind == TOPIC_AUDIT;
		is_other_missing |= check->needs[i].kind != TOPIC_RETRY;
	}
	fprintf(stderr,
		"; make what is missing: %s%s",
		command,
		is_audit_missing ? TOPICS_AUDIT_WORDS : "");
	if (is_tier_missing)
		tell_tiers(check->retries);
	if (!is_other_missing)
		fprintf(stderr,
			", or give the --retry-tiers or --retry-delay that the topics were made "
			"with");
	fputc('\n', stderr);
	return -ENOENT;
}

static int fail(const struct check *check) {
	return front_fail(-EIO, topics_admin_error(check->admin));
}

static int find_all(struct check *check) {
	int err = topics_look_each(check->admin, check->names[TOPIC_CANDIDATES], see_topic, check);
	bool is_any_missing = false;

	if (err == -E2BIG)
		return err;
	for (size_t i = 0; i < check->count && err == 0; i++) {
		struct need *need = &check->needs[i];

		if (need->is_there)
			continue;
		err = topics_look_find(check->admin, need->topic, need->right);
		need->is_there = err == 0;
		is_any_missing |= err == -ENOENT;
		err = err == -ENOENT ? 0 : err;
	}
	if (err < 0)
		return fail(check);
	return is_any_missing ? tell_missing(check) : 0;
}

// --- what do they keep?

static size_t fill(struct check *check, struct topics_keep *topics, struct need *needs[]) {
	size_t count = 0;

	for (size_t i = 0; i < check->count; i++) {
		const struct need *need = &check->needs[i];

		if (need->kind == TOPIC_DEAD)
			continue;
		needs[count] = &check->needs[i];
		topics[count++] = (struct topics_keep){
			.kind = need->kind, .topic = need->topic, .delay_ms = need->delay_ms};
	}
	return count;
}

// One that went, or that the broker who answers this does not know yet, is missing after all.
static int look_into(struct check *check) {
	struct topics_keep topics[NEEDS_MAX];
	struct need *needs[NEEDS_MAX];
	size_t count = fill(check, topics, needs);
	bool is_any_missing = false;
	int err;

	if (topics_keep_read(check->admin, topics, count) < 0)
		return fail(check);
	err = topics_keep_judge(topics, count);
	for (size_t i = 0; i < count; i++) {
		needs[i]->is_there = !topics[i].is_missing;
		is_any_missing |= topics[i].is_missing;
		if (needs[i]->retention_ms != NULL)
			*needs[i]->retention_ms = topics_keep_ms(&topics[i]);
	}
	if (is_any_missing)
		return tell_missing(check);
	if (err == 0)
		topics_keep_warn(check->front->log, topics, count);
	return err;
}

static void warn_of_library(struct log *log) {
	const char *caution = kafka_version_caution(rd_kafka_version());

	if (caution != NULL)
		LOG(log, LOG_LEVEL_WARNING, caution, log_str("version", rd_kafka_version_str()));
}

// --- the check

// `right`: that it has to the candidates.
static int run(
	struct check *check,
	const struct kafka_options *kafka,
	const char *right,
	int64_t *retention_ms
) {
	char error[512];
	int err = name_all(check, right, retention_ms);

	if (err < 0)
		return err;
	err = topics_admin_open(&check->admin, kafka, check->front->log, error, sizeof(error));
	if (err < 0)
		return front_fail(err, error);
	err = find_all(check);
	if (err == 0)
		err = look_into(check);
	if (err == 0)
		warn_of_library(check->front->log);
	topics_admin_close(check->admin);
	return err;
}

int topics_check_produce(
	const struct front *front,
	const struct kafka_options *kafka,
	bool dryrun,
	int64_t *retention_ms
) {
	struct check check = {.front = front, .prefix = kafka->topic_prefix};

	return run(&check, kafka, dryrun ? "Describe" : "Write", retention_ms);
}

int topics_check_work(
	const struct front *front,
	const struct kafka_options *kafka,
	bool has_audit,
	const struct topic_tiers *tiers,
	struct retry_topics *retries,
	int64_t *retention_ms
) {
	struct check check = {
		.front = front,
		.prefix = kafka->topic_prefix,
		.retries = retries,
		.tiers = tiers,
		.needs_dead = true,
		.needs_audit = has_audit,
	};

	return run(&check, kafka, "Read", retention_ms);
}

int topics_check_replay(
	const struct front *front,
	const struct kafka_options *kafka,
	bool has_audit,
	int64_t *retention_ms
) {
	struct check check = {
		.front = front,
		.prefix = kafka->topic_prefix,
		.needs_dead = true,
		.needs_audit = has_audit,
	};

	return run(&check, kafka, "Read", retention_ms);
}
