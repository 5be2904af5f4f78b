// SPDX-License-Identifier: MPL-2.0
// topics_fit: makes the topics of a target one after the other, or says how they are.
//
// Design notes
// - Only what the operator asks for is a wish on a topic that exists already; defaults are for new
//   ones. So `create` may be repeated without its options. All that is worked on has as many
//   partitions as the candidates.
#include "cli/topics/topics_fit.h"

#include "cli/topics/leftovers.h"
#include "common/conf/conf.h"
#include "common/kafka/topics/retention.h"
#include "common/kafka/topics/tiers.h"
#include "common/kafka/topics/topics.h"
#include "common/kafka/topics/topics_change.h"
#include "common/kafka/topics/topics_harm.h"
#include "common/kafka/topics/topics_look.h"
#include "common/target/target.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

void topics_differ(struct topics *topics, const char *format, ...) {
	va_list args;

	topics->differences++;
	va_start(args, format);
	printf("  differs: ");
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

bool topics_asked(const struct topics *topics, const char *option) {
	return conf_is_set(topics->conf, option);
}

// --- one topic

static bool has_partitions_of_wish(enum topic_kind kind) {
	return kind == TOPIC_CANDIDATES || kind == TOPIC_RETRY;
}

static void compare_properties(
	struct topics *topics,
	enum topic_kind kind,
	const struct topic_plan *plan,
	const struct topic_facts *facts
) {
	const char *option = kind == TOPIC_DEAD ? "dead-retention"
		: kind == TOPIC_AUDIT           ? "audit-retention"
						: "retention";
	char command[TOPIC_SET_COMMAND_BYTES];

	for (size_t i = 0; i < plan->property_count; i++) {
		const struct topic_property *wish = &plan->properties[i];
		const char *value = facts->properties[i].value;
		bool is_retention = plan->retention != NULL &&
			strcmp(wish->key, plan->retention) == 0;

		if (topic_property_is_met(wish, value))
			continue;
		if (is_retention && !topics_asked(topics, option) &&
		    topics_harm(kind, topics->wish.retry_delay_ms, wish->key, value) == NULL)
			continue;
		if (strcmp(wish->key, "min.insync.replicas") == 0 && facts->replication < 3)
			continue;
		topic_set_command(plan->name, wish->key, wish->value, command, sizeof(command));
		topics_differ(
			topics,
			"%s is %s, wanted is %s%s; change it: %s",
			wish->key,
			value,
			wish->is_least ? "at least " : "",
			wish->value,
			command
		);
	}
}

// All that is worked on has as many as the candidates; those change only when that is asked for.
static bool has_wished_partitions(
	const struct topics *topics,
	enum topic_kind kind,
	const struct topic_plan *plan,
	const struct topic_facts *facts
) {
	if (!has_partitions_of_wish(kind) || facts->partitions == plan->partitions)
		return true;
	return !topics_asked(topics, "partitions") &&
		(kind == TOPIC_CANDIDATES || facts->partitions > plan->partitions);
}

// Raises the partitions to what they are to be. 0 or a negative errno.
static int fit_partitions(
	struct topics *topics,
	enum topic_kind kind,
	const struct topic_plan *plan,
	struct topic_facts *facts
) {
	int err;

	if (has_wished_partitions(topics, kind, plan, facts))
		return 0;
	if (facts->partitions > plan->partitions || topics->options.action == ACTION_SHOW) {
		topics_differ(
			topics,
			"it has %" PRId32 " partitions, wanted are %" PRId32 "%s",
			facts->partitions,
			plan->partitions,
			facts->partitions > plan->partitions ? "; a topic cannot shrink"
							     : "; topics create adds them"
		);
		return 0;
	}
	err = topics_change_grow(topics->admin, plan->name, plan->partitions);
	if (err < 0)
		return err;
	printf("  raised from %" PRId32 " to %" PRId32 " partitions\n",
	       facts->partitions,
	       plan->partitions);
	facts->partitions = plan->partitions;
	return 0;
}

static void print_facts(const struct topic_plan *plan, const struct topic_facts *facts) {
	printf("%s: %" PRId32 " partition%s, replication %" PRId32,
	       plan->name,
	       facts->partitions,
	       facts->partitions == 1 ? "" : "s",
	       facts->replication);
	for (size_t i = 0; i < plan->property_count; i++)
		printf(", %s=%s", facts->properties[i].key, facts->properties[i].value);
	putchar('\n');
}

// What it was not given may still be too little: the brokers have defaults of their own.
static int create_topic(
	struct topics *topics, enum topic_kind kind, const struct topic_plan *plan
) {
	struct topic_facts facts;
	int err = topics_change_create(topics->admin, plan);

	if (err < 0)
		return err;
	printf("%s: created, %" PRId32 " partition%s, replication %" PRId32 "\n",
	       plan->name,
	       plan->partitions,
	       plan->partitions == 1 ? "" : "s",
	       plan->replication);
	err = topics_look_at(topics->admin, plan, &facts);
	if (err == 0)
		compare_properties(topics, kind, plan, &facts);
	return err;
}

// Calls `visit` for each retry topic that there is, tier or not.
static int each_retry(
	struct topics *topics,
	int (*visit)(void *ctx, const char *topic, int32_t partitions),
	void *ctx
) {
	char beginning[TOPIC_NAME_BYTES + 8];

	snprintf(
		beginning,
		sizeof(beginning),
		"%s.%s.retry.",
		topics->kafka.topic_prefix,
		topics->target->name
	);
	return topics_look_each(topics->admin, beginning, visit, ctx);
}

static int see_most(void *ctx, const char *topic, int32_t partitions) {
	int32_t *most = ctx;

	(void)topic;
	if (*most < partitions)
		*most = partitions;
	return 0;
}

// As many as candidates had that were lost, by the retry topics that are left; those cannot shrink
// again.
static int learn_partitions(struct topics *topics, struct topic_plan *plan) {
	int32_t most = 0;
	int err = each_retry(topics, see_most, &most);

	if (most > 0)
		plan->partitions = topics->wish.partitions = most;
	return err;
}

// A right that is missing is told and the others are looked at, so that all can be granted at once.
static int pass_denied(struct topics *topics, int err) {
	if (err != -EACCES)
		return err;
	front_fail(err, topics_admin_error(topics->admin));
	topics->denied++;
	return 0;
}

static void tell_missing(
	struct topics *topics, enum topic_kind kind, const struct topic_plan *plan
) {
	char command[TOPICS_COMMAND_BYTES], tiers[TOPIC_TIERS_BYTES];

	topics_command(topics->kafka.topic_prefix, topics->target->name, command, sizeof(command));
	topic_tiers_write(&topics->tiers, tiers, sizeof(tiers));
	printf("%s: missing; make it: %s", plan->name, command);
	if (kind == TOPIC_RETRY)
		printf(" --retry-tiers %s", tiers);
	printf("%s\n", kind == TOPIC_AUDIT ? TOPICS_AUDIT_WORDS : "");
	topics->differences++;
}

static int do_topic(struct topics *topics, enum topic_kind kind) {
	struct topic_plan plan;
	struct topic_facts facts = {.partitions = 0};
	int err = topic_plan(
		&plan, kind, topics->kafka.topic_prefix, topics->target->name, &topics->wish
	);

	if (err == 0)
		err = topics_look_at(topics->admin, &plan, &facts);
	if (err == 0 && facts.partitions == 0 && kind == TOPIC_CANDIDATES &&
	    !topics_asked(topics, "partitions"))
		err = learn_partitions(topics, &plan);
	if (err < 0)
		return err;
	if (facts.partitions == 0 && topics->options.action == ACTION_CREATE)
		return pass_denied(topics, create_topic(topics, kind, &plan));
	if (facts.partitions == 0) {
		tell_missing(topics, kind, &plan);
		return 0;
	}
	print_facts(&plan, &facts);
	if (kind == TOPIC_CANDIDATES && !topics_asked(topics, "partitions"))
		topics->wish.partitions = facts.partitions;
	err = fit_partitions(topics, kind, &plan, &facts);
	if (err < 0)
		return err;
	if (topics_asked(topics, "replication") && facts.replication != plan.replication)
		topics_differ(
			topics,
			"replication is %" PRId32 ", wanted is %" PRId32
			"; change it with kafka-reassign-partitions.sh",
			facts.replication,
			plan.replication
		);
	compare_properties(topics, kind, &plan, &facts);
	if (kind == TOPIC_STATE && facts.partitions > 1)
		printf("  all but the first partition stay empty, which does no harm\n");
	return 0;
}

static void wish_retry(struct topics *topics, int64_t delay_ms) {
	topics->wish.retry_delay_ms = delay_ms;
	topics->wish.retry_retention_ms = retention_of_retries_ms(
		topics->wish.retention_ms, delay_ms
	);
}

static int do_tiers(struct topics *topics) {
	int err = 0;

	for (size_t i = 0; i < topics->tiers.count && err == 0; i++) {
		wish_retry(topics, topics->tiers.delay_ms[i]);
		err = pass_denied(topics, do_topic(topics, TOPIC_RETRY));
	}
	return err;
}

struct search {
	const char *topic;
	bool is_there;
};

static int see_topic(void *ctx, const char *topic, int32_t partitions) {
	struct search *search = ctx;

	search->is_there |= partitions > 0 && strcmp(topic, search->topic) == 0;
	return 0;
}

// Only where it is wanted, or is there already and may be seen: others need no right to it.
static int do_audit(struct topics *topics) {
	struct topic_plan plan;
	struct search search = {.topic = plan.name};
	int err = topic_plan(
		&plan, TOPIC_AUDIT, topics->kafka.topic_prefix, topics->target->name, &topics->wish
	);

	if (err == 0 && !topics_asked(topics, "audit-retention")) {
		err = topics_look_each(topics->admin, plan.name, see_topic, &search);
		if (!search.is_there)
			return err;
	}
	return err < 0 ? err : do_topic(topics, TOPIC_AUDIT);
}

static int do_kind(struct topics *topics, enum topic_kind kind) {
	if (kind == TOPIC_RETRY)
		return do_tiers(topics);
	return kind == TOPIC_AUDIT ? do_audit(topics) : do_topic(topics, kind);
}

static bool is_of_tiers(const struct topics *topics, const char *topic) {
	int64_t delay_ms;

	return topic_retry_delay(
		       topics->kafka.topic_prefix, topics->target->name, topic, &delay_ms
	       ) == 0 &&
		topic_tiers_have(&topics->tiers, delay_ms);
}

// Nothing is taken of one whose name says no delay, so it is of no matter how it is set.
static int look_at_other(struct topics *topics, const char *topic) {
	const char *prefix = topics->kafka.topic_prefix;
	const char *target = topics->target->name;
	struct topic_facts facts;
	struct topic_plan plan;
	int64_t delay_ms;
	int err;

	if (topic_retry_delay(prefix, target, topic, &delay_ms) < 0)
		return 0;
	wish_retry(topics, delay_ms);
	err = topic_plan(&plan, TOPIC_RETRY, prefix, target, &topics->wish);
	if (err == 0)
		err = topics_look_at(topics->admin, &plan, &facts);
	if (err == 0 && facts.partitions > 0)
		compare_properties(topics, TOPIC_RETRY, &plan, &facts);
	return err;
}

// Those that are no tiers have workers too.
static int fit_other(void *ctx, const char *topic, int32_t partitions) {
	struct topics *topics = ctx;
	struct topic_facts facts = {.partitions = partitions};
	struct topic_plan plan = {.partitions = topics->wish.partitions};
	int err;

	if (is_of_tiers(topics, topic))
		return 0;
	snprintf(plan.name, sizeof(plan.name), "%s", topic);
	printf("%s: %" PRId32 " partition%s, no tier\n",
	       topic,
	       partitions,
	       partitions == 1 ? "" : "s");
	leftovers_tell(
		&(struct leftovers){
			.kafka = &topics->kafka,
			.log = topics->log,
			.target = topics->target->name,
			.counts = topics->options.action == ACTION_SHOW,
		},
		topic,
		partitions
	);
	err = fit_partitions(topics, TOPIC_RETRY, &plan, &facts);
	return err < 0 ? err : look_at_other(topics, topic);
}

int topics_fit(struct topics *topics) {
	int err = 0;

	for (int kind = 0; kind < TOPIC_KINDS && err == 0; kind++) {
		err = do_kind(topics, (enum topic_kind)kind);
		// Without them nobody knows how the others are to be.
		if (kind != TOPIC_CANDIDATES)
			err = pass_denied(topics, err);
	}
	return err == 0 ? each_retry(topics, fit_other, topics) : err;
}
