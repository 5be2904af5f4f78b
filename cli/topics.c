// SPDX-License-Identifier: MPL-2.0
// topics: makes the topics of a target, or says how they are.
//
// Design notes
// - Only what the operator asks for is a wish on a topic that exists already; defaults are for new ones. So `create` may be
//   repeated without its options.
#include "cli/command.h"
#include "cli/front.h"
#include "common/kafka_state.h"
#include "common/log.h"
#include "common/range.h"
#include "common/target.h"
#include "common/topics_admin.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATE_MS = 15 * 1000, REPLICATION_WANTED = 3 };

enum action { ACTION_NONE, ACTION_CREATE, ACTION_SHOW };
static const char *const action_words[] = {"", "create", "show", NULL};

struct topics_options { // filled by conf
	int action;
	int64_t partitions;
	int64_t replication;
	int64_t range_width;
	int64_t retry_delay;
	int64_t retention;
	int64_t dead_retention;
};

#define AT(field) offsetof(struct topics_options, field)

static const struct conf_row rows[] = {
	{.name = "action",
	 .kind = CONF_CHOICE,
	 .offset = AT(action),
	 .hidden = true,
	 .choices = action_words},
	{.name = "partitions",
	 .kind = CONF_INT,
	 .offset = AT(partitions),
	 .fallback = "24",
	 .meta = "N",
	 .min = 1,
	 .max = 10000,
	 .help = "partitions of the candidates: the most workers that can share them; may be "
		 "raised later, never lowered"},
	{.name = "replication",
	 .kind = CONF_INT,
	 .offset = AT(replication),
	 .meta = "N",
	 .min = 1,
	 .max = 100,
	 .help = "copies of each partition; 3 when not given, or as many as there are brokers"},
	{.name = "range-width",
	 .kind = CONF_INT,
	 .offset = AT(range_width),
	 .fallback = "4096",
	 .meta = "UIDS",
	 .min = 1,
	 .max = 1e12,
	 .help = "neighbouring uids that share a partition; fixed for ever"},
	{.name = "retry-delay",
	 .kind = CONF_DURATION,
	 .offset = AT(retry_delay),
	 .fallback = TOPICS_RETRY_DELAY,
	 .meta = "TIME",
	 .min = TOPICS_RETRY_DELAY_MIN_S,
	 .max = TOPICS_RETRY_DELAY_MAX_S,
	 .help = "as it is given to work: makes retry topics of this delay, of ten and of sixty "
		 "times as much, at most 1h"},
	{.name = "retention",
	 .kind = CONF_DURATION,
	 .offset = AT(retention),
	 .fallback = "7d",
	 .meta = "TIME",
	 .min = 60,
	 .max = 1e9,
	 .help = "how long candidates are kept"},
	{.name = "dead-retention",
	 .kind = CONF_DURATION,
	 .offset = AT(dead_retention),
	 .fallback = "90d",
	 .meta = "TIME",
	 .min = 60,
	 .max = 1e9,
	 .help = "how long dead letters are kept"},
};

struct topics {
	const struct target *target;
	struct topics_options options;
	struct kafka_options kafka;
	struct front_log log_options;
	struct conf *conf;
	struct log *log;
	struct topics_admin *admin;
	struct kafka_state *state;
	struct topics_wish wish;
	int differences; // that remain
};

static void differ(struct topics *topics, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void differ(struct topics *topics, const char *format, ...) {
	va_list args;

	topics->differences++;
	va_start(args, format);
	printf("  differs: ");
	vprintf(format, args);
	va_end(args);
	putchar('\n');
}

static bool asked(const struct topics *topics, const char *option) {
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
	const char *option = kind == TOPIC_DEAD ? "dead-retention" : "retention";

	for (size_t i = 0; i < plan->property_count; i++) {
		const struct topic_property *wish = &plan->properties[i];
		bool is_retention =
			plan->retention != NULL && strcmp(wish->key, plan->retention) == 0;

		if (strcmp(wish->value, facts->properties[i].value) == 0)
			continue;
		if (is_retention && !asked(topics, option))
			continue;
		if (strcmp(wish->key, "min.insync.replicas") == 0 && facts->replication < 3)
			continue;
		differ(topics,
		       "%s is %s, wanted is %s; change it with Kafka's own tools",
		       wish->key,
		       facts->properties[i].value,
		       wish->value);
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
	return !asked(topics, "partitions") &&
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
		differ(topics,
		       "it has %" PRId32 " partitions, wanted are %" PRId32 "%s",
		       facts->partitions,
		       plan->partitions,
		       facts->partitions > plan->partitions ? "; a topic cannot shrink" : "");
		return 0;
	}
	err = topics_admin_grow(topics->admin, plan->name, plan->partitions);
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

static int create_topic(struct topics *topics, const struct topic_plan *plan) {
	int err = topics_admin_create(topics->admin, plan);

	if (err == 0)
		printf("%s: created, %" PRId32 " partition%s, replication %" PRId32 "\n",
		       plan->name,
		       plan->partitions,
		       plan->partitions == 1 ? "" : "s",
		       plan->replication);
	return err;
}

static int do_topic(struct topics *topics, enum topic_kind kind) {
	struct topic_plan plan;
	struct topic_facts facts = {.partitions = 0};
	int err = topic_plan(
		&plan, kind, topics->kafka.topic_prefix, topics->target->name, &topics->wish
	);

	if (err == 0)
		err = topics_admin_look(topics->admin, &plan, &facts);
	if (err < 0)
		return err;
	if (facts.partitions == 0 && topics->options.action == ACTION_CREATE)
		return create_topic(topics, &plan);
	if (facts.partitions == 0) {
		printf("%s: missing\n", plan.name);
		topics->differences++;
		return 0;
	}
	print_facts(&plan, &facts);
	if (kind == TOPIC_CANDIDATES && !asked(topics, "partitions"))
		topics->wish.partitions = facts.partitions;
	err = fit_partitions(topics, kind, &plan, &facts);
	if (err < 0)
		return err;
	if (asked(topics, "replication") && facts.replication != plan.replication)
		differ(topics,
		       "replication is %" PRId32 ", wanted is %" PRId32
		       "; change it with Kafka's own tools",
		       facts.replication,
		       plan.replication);
	compare_properties(topics, kind, &plan, &facts);
	return 0;
}

static int do_tiers(struct topics *topics) {
	struct topic_tiers tiers = topic_tiers(topics->options.retry_delay);
	int err = 0;

	for (size_t i = 0; i < tiers.count && err == 0; i++) {
		topics->wish.retry_delay_ms = tiers.delay_ms[i];
		err = do_topic(topics, TOPIC_RETRY);
	}
	return err;
}

static bool is_of_tiers(const struct topics *topics, const char *topic) {
	struct topic_tiers tiers = topic_tiers(topics->options.retry_delay);
	int64_t delay_ms;

	if (topic_retry_delay(topics->kafka.topic_prefix, topics->target->name, topic, &delay_ms) <
	    0)
		return false;
	for (size_t i = 0; i < tiers.count; i++)
		if (tiers.delay_ms[i] == delay_ms)
			return true;
	return false;
}

// The retry topics of other delays have workers too.
static int fit_other(void *ctx, const char *topic, int32_t partitions) {
	struct topics *topics = ctx;
	struct topic_facts facts = {.partitions = partitions};
	struct topic_plan plan = {.partitions = topics->wish.partitions};

	if (is_of_tiers(topics, topic))
		return 0;
	snprintf(plan.name, sizeof(plan.name), "%s", topic);
	printf("%s: %" PRId32 " partition%s, of another --retry-delay\n",
	       topic,
	       partitions,
	       partitions == 1 ? "" : "s");
	return fit_partitions(topics, TOPIC_RETRY, &plan, &facts);
}

static int do_other_retries(struct topics *topics) {
	char beginning[TOPIC_NAME_BYTES + 8];

	snprintf(
		beginning,
		sizeof(beginning),
		"%s.%s.retry.",
		topics->kafka.topic_prefix,
		topics->target->name
	);
	return topics_admin_each(topics->admin, beginning, fit_other, topics);
}

// --- the layout

static int do_layout(struct topics *topics) {
	struct layout layout = {.range_width = 0};
	int err = kafka_state_layout(topics->state, STATE_MS, &layout);

	if (err == -ENOENT && topics->options.action == ACTION_CREATE) {
		layout.range_width = topics->options.range_width;
		err = kafka_state_put_layout(topics->state, &layout, STATE_MS);
	} else if ((err == -ENOENT || err == -ESRCH) && topics->options.action == ACTION_SHOW) {
		printf("layout: missing\n");
		topics->differences++;
		return 0;
	}
	if (err < 0)
		return front_fail(err, kafka_state_error(topics->state));
	printf("layout: range width %" PRId64 " uids, database %s\n",
	       layout.range_width,
	       layout.scope[0] == '\0' ? "not bound yet" : layout.scope);
	if (asked(topics, "range-width") && layout.range_width != topics->options.range_width)
		differ(topics,
		       "range width is %" PRId64 ", wanted is %" PRId64 "; it is fixed for ever",
		       layout.range_width,
		       topics->options.range_width);
	return 0;
}

// --- the command

static int make_wish(struct topics *topics) {
	int64_t replication = topics->options.replication;
	int brokers = 0;
	int err = topics_admin_count_brokers(topics->admin, &brokers);

	if (err < 0)
		return err;
	if (replication == 0)
		replication = brokers < REPLICATION_WANTED ? brokers : REPLICATION_WANTED;
	if (replication < REPLICATION_WANTED && topics->options.action == ACTION_CREATE)
		fprintf(stderr,
			"purgefleet: replication %" PRId64
			" is less than 3: a broker that is lost may take candidates with it\n",
			replication);
	topics->wish = (struct topics_wish){
		.partitions = (int32_t)topics->options.partitions,
		.replication = (int32_t)replication,
		.retention_ms = topics->options.retention,
		.dead_retention_ms = topics->options.dead_retention,
	};
	return 0;
}

static int work(struct topics *topics) {
	char error[512];
	int err = topics_admin_open(
		&topics->admin, &topics->kafka, topics->log, error, sizeof(error)
	);

	if (err == 0)
		err = kafka_state_open(
			&topics->state,
			&topics->kafka,
			topics->target->name,
			topics->log,
			error,
			sizeof(error)
		);
	if (err < 0)
		return front_fail(err, error);
	err = make_wish(topics);
	for (int kind = 0; kind < TOPIC_KINDS && err == 0; kind++)
		err = kind == TOPIC_RETRY ? do_tiers(topics)
					  : do_topic(topics, (enum topic_kind)kind);
	if (err == 0)
		err = do_other_retries(topics);
	if (err < 0)
		return front_fail(-EIO, topics_admin_error(topics->admin));
	return do_layout(topics) < 0 ? -EIO : 0;
}

static int start(struct topics *topics, const struct invocation *invocation) {
	const struct conf_group groups[] = {
		{.title = "topics",
		 .rows = rows,
		 .count = sizeof(rows) / sizeof(rows[0]),
		 .base = &topics->options},
		{.title = "Kafka",
		 .rows = kafka_option_rows,
		 .count = KAFKA_OPTION_ROWS,
		 .base = &topics->kafka},
		{.title = "log",
		 .rows = front_log_rows,
		 .count = FRONT_LOG_ROWS,
		 .base = &topics->log_options},
	};
	const struct front_command command = {
		.usage = "topics TARGET create|show [options]",
		.summary = "Makes the topics of a target, or says how they are and what differs "
			   "from the wish.",
		.groups = groups,
		.group_count = sizeof(groups) / sizeof(groups[0]),
		.positional = "action",
	};
	int err = front_parse(&topics->conf, invocation, &command);

	if (err != 0)
		return err;
	if (topics->options.action == ACTION_NONE)
		return front_fail(-EINVAL, "topics: say create or show");
	return front_open_log(&topics->log, &topics->log_options);
}

int command_topics(const struct invocation *invocation) {
	struct topics topics = {.target = invocation->target};
	int status;
	int err;

	err = start(&topics, invocation);
	if (err == 0)
		err = work(&topics);
	status = err != 0                ? front_exit_status(err)
		: topics.differences > 0 ? EXIT_FAILED
					 : EXIT_COMPLETE;
	kafka_state_close(topics.state);
	topics_admin_close(topics.admin);
	conf_free(topics.conf);
	log_free(topics.log);
	return status;
}
