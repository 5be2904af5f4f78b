// SPDX-License-Identifier: MPL-2.0
// topics: makes the topics of a target, or says how they are.
#include "cli/topics.h"

#include "cli/front/front.h"
#include "cli/options/option_groups.h"
#include "cli/options/retry_tiers.h"
#include "cli/show/show_control.h"
#include "cli/topics/topics_fit.h"
#include "common/base/log.h"
#include "common/conf/conf.h"
#include "common/kafka/topics/control.h"
#include "common/kafka/topics/kafka_state.h"
#include "common/kafka/topics/retention.h"
#include "common/kafka/topics/topics.h"
#include "common/kafka/topics/topics_admin.h"
#include "common/kafka/topics/topics_look.h"
#include "common/target/target.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { STATE_MS = 15 * 1000, REPLICATION_WANTED = 3 };

static const char *const action_words[] = {"", "create", "show", NULL};

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
	{.name = "retention",
	 .kind = CONF_DURATION,
	 .offset = AT(retention),
	 .fallback = TOPICS_RETENTION,
	 .meta = "TIME",
	 .min = 60,
	 .max = 1e9,
	 .help = "how long candidates are kept, and retries, those for a week at least"},
	{.name = "dead-retention",
	 .kind = CONF_DURATION,
	 .offset = AT(dead_retention),
	 .fallback = "90d",
	 .meta = "TIME",
	 .min = 60,
	 .max = 1e9,
	 .help = "how long dead letters are kept"},
	{.name = "audit-retention",
	 .kind = CONF_DURATION,
	 .offset = AT(audit_retention),
	 .meta = "TIME",
	 .min = 60,
	 .max = 1e10,
	 .help = "how long the ends of records are kept that work --audit-log topic writes down; "
		 "without it there is no such topic"},
};

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
	printf("layout: range width %" PRId64 " uids, bound to %s\n",
	       layout.range_width,
	       layout.scope[0] == '\0' ? "nothing yet" : layout.scope);
	if (topics_asked(topics, "range-width") &&
	    layout.range_width != topics->options.range_width)
		topics_differ(
			topics,
			"range width is %" PRId64 ", wanted is %" PRId64 "; it is fixed for ever",
			layout.range_width,
			topics->options.range_width
		);
	return 0;
}

// --- the pause

static int show_pause(struct topics *topics) {
	char words[SHOW_CONTROL_BYTES];
	struct control control;
	int err = kafka_state_control(topics->state, STATE_MS, &control);

	if (err == -ESRCH)
		printf("pause: unknown, for there is no state topic\n");
	else if (err == 0)
		printf("pause: %s\n", show_control(&control, words));
	return err < 0 && err != -ESRCH ? front_fail(err, kafka_state_error(topics->state)) : 0;
}

// --- the command

// A broker that is away is not counted; the candidates may have been made with it.
static int learn_replication(struct topics *topics) {
	struct topics_wish *wish = &topics->wish;
	struct topic_facts facts = {.partitions = 0};
	struct topic_plan plan;
	int brokers = 0;
	int err = topics_look_count_brokers(topics->admin, &brokers);

	wish->replication = brokers;
	if (err == 0)
		err = topic_plan(
			&plan,
			TOPIC_CANDIDATES,
			topics->kafka.topic_prefix,
			topics->target->name,
			wish
		);
	if (err == 0)
		err = topics_look_at(topics->admin, &plan, &facts);
	if (wish->replication < facts.replication)
		wish->replication = facts.replication;
	if (wish->replication > REPLICATION_WANTED)
		wish->replication = REPLICATION_WANTED;
	return err;
}

static void warn(const struct topics_wish *wish) {
	if (wish->replication < REPLICATION_WANTED)
		fprintf(stderr,
			"purgefleet: replication %" PRId32
			" is less than 3: a broker that is lost may take candidates with it\n",
			wish->replication);
	if (wish->retention_ms < retention_least_ms(0))
		fprintf(stderr,
			"purgefleet: --retention is less than a day: records that no worker takes "
			"within that time are deleted, and only a full pass finds their rows "
			"again\n");
}

static int make_wish(struct topics *topics) {
	int err = 0;

	topics->wish = (struct topics_wish){
		.partitions = (int32_t)topics->options.partitions,
		.replication = (int32_t)topics->options.replication,
		.retention_ms = topics->options.retention,
		.dead_retention_ms = topics->options.dead_retention,
		.audit_retention_ms = topics->options.audit_retention,
	};
	if (topics->wish.replication == 0)
		err = learn_replication(topics);
	if (err == 0 && topics->options.action == ACTION_CREATE)
		warn(&topics->wish);
	return err;
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
	if (err == 0)
		err = topics_fit(topics);
	if (err < 0)
		return front_fail(-EIO, topics_admin_error(topics->admin));
	if (topics->denied > 0)
		return -EIO;
	if (do_layout(topics) < 0)
		return -EIO;
	return topics->options.action == ACTION_SHOW && show_pause(topics) < 0 ? -EIO : 0;
}

static int start(struct topics *topics, const struct invocation *invocation) {
	struct retry_tiers_options retry_tiers = {.delay = 0};
	const struct conf_group groups[] = {
		{.title = "topics",
		 .rows = rows,
		 .count = sizeof(rows) / sizeof(rows[0]),
		 .base = &topics->options},
		{.rows = retry_tiers_rows, .count = RETRY_TIERS_ROWS, .base = &retry_tiers},
		option_group_kafka(&topics->kafka),
		option_group_log(&topics->log_options),
	};
	const struct conf_group elsewhere = option_group_target(invocation->target, NULL);
	const struct front_command command = {
		.usage = "topics TARGET create|show [options]",
		.summary = "Makes the topics of a target, or says how they are and what differs "
			   "from the wish.",
		.groups = groups,
		.group_count = sizeof(groups) / sizeof(groups[0]),
		.positional = "action",
		.elsewhere = &elsewhere,
		.elsewhere_count = 1,
	};
	int err = front_parse(&topics->conf, invocation, &command);

	if (err != 0)
		return err;
	if (topics->options.action == ACTION_NONE)
		return front_fail(-EINVAL, "topics: say create or show");
	err = retry_tiers_read(&retry_tiers, topics->conf, &topics->tiers);
	if (err < 0)
		return err;
	return front_open_log(&topics->log, &topics->log_options);
}

int topics_main(const struct invocation *invocation) {
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
