// SPDX-License-Identifier: MPL-2.0
// replay: makes replays, says how far they are, and drops them.
#include "cli/replay.h"

#include "cli/front/front.h"
#include "cli/options/option_groups.h"
#include "cli/options/range_option.h"
#include "cli/replay/replay_command.h"
#include "cli/replay/replay_create.h"
#include "cli/replay/replay_drop.h"
#include "cli/replay/replay_report.h"
#include "common/conf/conf.h"
#include "common/kafka/kafka.h"
#include "common/kafka/topics/kafka_state.h"
#include "common/kafka/topics/replay.h"
#include "common/kafka/topics/topics.h"
#include "common/target/target.h"
#include "common/target/target_front.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const action_words[] = {"", "create", "list", "status", "drop", NULL};
static const char *const words[] = {"action", "id", NULL};

static const char *wants_id(const char *text) {
	return replay_id_is_valid(text) ? NULL : "1 to 64 letters, digits, '.', '_' or '-'";
}

static const char *wants_node(const char *text) {
	return text[0] != '\0' && strlen(text) < REPLAY_NODE_BYTES
		? NULL
		: "the address of a node, as the table nodes has it";
}

#define AT(field) offsetof(struct replay_options, field)

static const struct conf_row rows[] = {
	{.name = "action",
	 .kind = CONF_CHOICE,
	 .offset = AT(action),
	 .hidden = true,
	 .choices = action_words},
	{.name = "id",
	 .kind = CONF_STRING,
	 .offset = AT(id),
	 .meta = "NAME",
	 .help = "the replay's name",
	 .wants = wants_id},
	{.name = "from",
	 .exact = true,
	 .kind = CONF_STRING,
	 .offset = AT(from),
	 .meta = "T",
	 .help = "create: what was published since then: 'beginning', PARTITION:OFFSET,..., or a "
		 "time: 2026-01-31T12:00:00Z, 2026-01-31, '2h ago'"},
	{.name = "to",
	 .exact = true,
	 .kind = CONF_STRING,
	 .offset = AT(to),
	 .meta = "T",
	 .help = "create: and before then; when not given, all that is there now"},
	RANGE_OPTION_ROW(
		"range-start", AT(range_start), "create: only records whose uid is greater"
	),
	RANGE_OPTION_ROW("range-end", AT(range_end), "create: only records whose uid is less"),
	{.name = "node",
	 .exact = true,
	 .kind = CONF_STRING,
	 .offset = AT(node),
	 .meta = "URL",
	 .help = "create: only records whose data lies on this node",
	 .wants = wants_node},
	{.name = "json", .kind = CONF_FLAG, .offset = AT(json), .help = "list, status: as JSON"},
};

static int read_options(struct replay_command *command, const struct invocation *invocation) {
	const struct target *target = invocation->target;
	const struct conf_group groups[] = {
		{.title = "replay",
		 .rows = rows,
		 .count = sizeof(rows) / sizeof(rows[0]),
		 .base = &command->options},
		option_group_target(target, command->front.config),
		option_group_kafka(&command->kafka),
		option_group_log(&command->log),
	};
	const struct front_command front = {
		.usage = "replay TARGET create|list|status|drop [ID] [options]",
		.summary = "Makes a replay of what was published, which `work --replay` does "
			   "again; says how far it is; drops it. Only create needs the database.",
		.groups = groups,
		.group_count = sizeof(groups) / sizeof(groups[0]),
		.words = words,
		.only_scans = true,
	};

	return front_parse(&command->front.conf, invocation, &front);
}

static int check_options(const struct replay_command *command) {
	const struct replay_options *options = &command->options;

	if (options->action == REPLAY_NONE)
		return front_fail(-EINVAL, "replay: say create, list, status or drop");
	if (options->action != REPLAY_LIST && options->id == NULL)
		return front_fail(-EINVAL, "replay: which one? give its --id");
	return range_option_check(command->front.conf, options->range_start, options->range_end);
}

static int start(struct replay_command *command, const struct invocation *invocation) {
	char error[512];
	int err = read_options(command, invocation);

	if (err != 0)
		return err;
	err = check_options(command);
	if (err == 0)
		err = command->options.action == REPLAY_CREATE
			? front_set_up(&command->front, &command->log, true)
			: front_open_log(&command->front.log, &command->log);
	if (err < 0)
		return err;
	err = kafka_state_open(
		&command->state,
		&command->kafka,
		command->front.target->name,
		command->front.log,
		error,
		sizeof(error)
	);
	if (err < 0)
		return front_fail(err, error);
	err = topic_name(
		TOPIC_CANDIDATES,
		command->kafka.topic_prefix,
		command->front.target->name,
		command->topic,
		sizeof(command->topic)
	);
	return err < 0 ? front_fail(err, "Kafka takes no topic of that name; check --topic-prefix")
		       : 0;
}

static int act(struct replay_command *command) {
	switch (command->options.action) {
	case REPLAY_CREATE:
		return replay_create(command);
	case REPLAY_LIST:
		return replay_report_all(command);
	case REPLAY_STATUS:
		return replay_report_one(command);
	default:
		return replay_drop(command);
	}
}

int replay_main(const struct invocation *invocation) {
	struct replay_command command = {.state = NULL};
	int err;

	if (front_init(&command.front, invocation) < 0)
		return EXIT_FAILED;
	err = start(&command, invocation);
	if (err == 0)
		err = act(&command);
	kafka_state_close(command.state);
	front_fini(&command.front);
	return front_exit_status(err);
}
