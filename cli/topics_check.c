// SPDX-License-Identifier: MPL-2.0
// topics_check: are the topics that a command needs there, and do they keep what is put into them?
//
// Design notes
// - Two questions to the brokers are enough when all is well: which topics there are, and how they are set. A topic that we
//   may not Describe is not among the first answer; asked by its name, the brokers say which of the two it is.
// - All is asked on a handle of its own, which is closed before the command begins: see docs/decisions/012.
#include "cli/topics_check.h"

#include "cli/front.h"
#include "common/target.h"
#include "common/topics_admin.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { NEEDS_MAX = SOURCE_RETRIES_MAX + TOPIC_KINDS - 1 };
_Static_assert((int)NEEDS_MAX <= (int)TOPIC_READINGS_MAX, "one question");

struct need {
	enum topic_kind kind;
	const char *right; // to it, that the command has, and Describe with that
	const char *topic;
	bool is_there;
};

struct check {
	const struct front *front;
	const char *prefix;
	struct topics_admin *admin;
	char names[TOPIC_KINDS][TOPIC_NAME_BYTES]; // all but the retries'
	struct retry_topics *retries; // NULL: none are needed
	struct need needs[NEEDS_MAX];
	size_t count;
};

static void add(struct check *check, enum topic_kind kind, const char *right, const char *topic) {
	check->needs[check->count++] = (struct need){.kind = kind, .right = right, .topic = topic};
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

static int name_all(struct check *check, const char *right, int64_t retry_delay_ms) {
	int err = add_kind(check, TOPIC_CANDIDATES, right);

	if (err == 0 && check->retries != NULL) {
		err = retry_topics_name(
			check->retries, check->prefix, check->front->target->name, retry_delay_ms
		);
		for (size_t i = 0; i < check->retries->tiers; i++)
			add(check, TOPIC_RETRY, "Read", check->retries->names[i]);
		if (err == 0)
			err = add_kind(check, TOPIC_DEAD, "Write");
	}
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

	if (retries->count > before) {
		add(check, TOPIC_RETRY, "Read", retries->names[before]);
		check->needs[check->count - 1].is_there = true;
	}
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

// Returns -ENOENT.
static int tell_missing(const struct check *check) {
	const char *word = "there is no topic";
	char command[TOPICS_COMMAND_BYTES];
	bool is_tier_missing = false, is_other_missing = false;

	topics_command(check->prefix, check->front->target->name, command, sizeof(command));
	fprintf(stderr, "purgefleet: ");
	for (size_t i = 0; i < check->count; i++) {
		if (check->needs[i].is_there)
			continue;
		fprintf(stderr, "%s '%s'", word, check->needs[i].topic);
		word = ", nor";
		is_tier_missing |= check->needs[i].kind == TOPIC_RETRY;
		is_other_missing |= check->needs[i].kind != TOPIC_RETRY;
	}
	fprintf(stderr, "; make what is missing: %s", command);
	if (is_tier_missing)
		fprintf(stderr, " --retry-delay %g", (double)check->retries->delay_ms[0] / 1000);
	if (!is_other_missing)
		fprintf(stderr, ", or give the --retry-delay that the topics were made with");
	fputc('\n', stderr);
	return -ENOENT;
}

static int fail(const struct check *check) {
	return front_fail(-EIO, topics_admin_error(check->admin));
}

static int find_all(struct check *check) {
	int err = topics_admin_each(check->admin, check->names[TOPIC_CANDIDATES], see_topic, check);
	bool is_any_missing = false;

	if (err == -E2BIG)
		return err;
	for (size_t i = 0; i < check->count && err == 0; i++) {
		struct need *need = &check->needs[i];

		if (need->is_there)
			continue;
		err = topics_admin_find(check->admin, need->topic, need->right);
		need->is_there = err == 0;
		is_any_missing |= err == -ENOENT;
		err = err == -ENOENT ? 0 : err;
	}
	if (err < 0)
		return fail(check);
	return is_any_missing ? tell_missing(check) : 0;
}

// --- what do they keep?

static bool is_harmless(const struct need *need, const char *policy) {
	const char *harm = topic_policy_harm(need->kind, policy);
	char command[TOPIC_SET_COMMAND_BYTES];

	if (harm == NULL)
		return true;
	topic_set_command(
		need->topic,
		TOPIC_POLICY,
		need->kind == TOPIC_STATE ? "compact" : "delete",
		command,
		sizeof(command)
	);
	fprintf(stderr,
		"purgefleet: " TOPIC_POLICY " of '%s' is '%s': %s; change it: %s\n",
		need->topic,
		policy,
		harm,
		command);
	return false;
}

// One that went, or that the broker who answers this does not know yet, is missing after all.
static int judge_policies(
	struct check *check,
	const struct topic_reading *readings,
	struct need *const *needs,
	size_t count
) {
	bool is_any_missing = false;
	int err = 0;

	for (size_t i = 0; i < count; i++) {
		needs[i]->is_there = !readings[i].is_missing;
		is_any_missing |= readings[i].is_missing;
		if (!readings[i].is_missing &&
		    !is_harmless(needs[i], readings[i].properties[0].value))
			err = -EPERM;
	}
	return is_any_missing ? tell_missing(check) : err;
}

static int read_policies(struct check *check) {
	struct topic_property policies[NEEDS_MAX];
	struct topic_reading readings[NEEDS_MAX];
	struct need *needs[NEEDS_MAX];
	size_t count = 0;

	for (size_t i = 0; i < check->count; i++) {
		if (check->needs[i].kind == TOPIC_DEAD) // any policy does
			continue;
		needs[count] = &check->needs[i];
		policies[count] = (struct topic_property){.key = TOPIC_POLICY};
		readings[count] = (struct topic_reading
		){.topic = check->needs[i].topic, .properties = &policies[count], .count = 1};
		count++;
	}
	if (topics_admin_read(check->admin, readings, count) < 0)
		return fail(check);
	return judge_policies(check, readings, needs, count);
}

// --- the check

// `right`: that it has to the candidates.
static int
run(struct check *check,
    const struct kafka_options *kafka,
    const char *right,
    int64_t retry_delay_ms) {
	char error[512];
	int err = name_all(check, right, retry_delay_ms);

	if (err < 0)
		return err;
	err = topics_admin_open(&check->admin, kafka, check->front->log, error, sizeof(error));
	if (err < 0)
		return front_fail(err, error);
	err = find_all(check);
	if (err == 0)
		err = read_policies(check);
	topics_admin_close(check->admin);
	return err;
}

int topics_check_produce(
	const struct front *front, const struct kafka_options *kafka, bool dryrun
) {
	struct check check = {.front = front, .prefix = kafka->topic_prefix};

	return run(&check, kafka, dryrun ? "Describe" : "Write", 0);
}

int topics_check_work(
	const struct front *front,
	const struct kafka_options *kafka,
	int64_t retry_delay_ms,
	struct retry_topics *retries
) {
	struct check check = {.front = front, .prefix = kafka->topic_prefix, .retries = retries};

	return run(&check, kafka, "Read", retry_delay_ms);
}
