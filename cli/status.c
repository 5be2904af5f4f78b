// SPDX-License-Identifier: MPL-2.0
// status: says how a fleet stands.
#include "cli/status.h"

#include "cli/front/front.h"
#include "cli/options/option_groups.h"
#include "cli/status/board.h"
#include "cli/status/view_json.h"
#include "cli/status/view_text.h"
#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/conf/conf.h"
#include "common/kafka/kafka.h"
#include "common/target/target.h"
#include "common/target/target_front.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

struct status_options { // filled by conf
	bool each;
	bool json;
	bool watch;
	int64_t interval;
	int64_t deadline;
};

struct status_command {
	struct front front;
	struct status_options options;
	struct kafka_options kafka;
	struct front_log log;
	struct board *board;
	bool is_line; // a line each time
	bool is_partial; // what was last shown
	int err; // of showing
};

#define AT(field) offsetof(struct status_options, field)

static const struct conf_row rows[] = {
	{.name = "partitions",
	 .kind = CONF_FLAG,
	 .offset = AT(each),
	 .help = "a line for each partition of the candidates, and for each worker"},
	{.name = "json",
	 .kind = CONF_FLAG,
	 .offset = AT(json),
	 .help = "one line of JSON, in which null is what is not known"},
	{.name = "watch",
	 .kind = CONF_FLAG,
	 .offset = AT(watch),
	 .help = "again and again; on a terminal in the same place, else a line each time"},
	{.name = "interval",
	 .kind = CONF_DURATION,
	 .offset = AT(interval),
	 .fallback = "2",
	 .meta = "TIME",
	 .min = 0.5,
	 .max = 3600,
	 .help = "from one time to the next, with --watch"},
	{.name = "deadline",
	 .kind = CONF_DURATION,
	 .offset = AT(deadline),
	 .fallback = "5",
	 .meta = "TIME",
	 .min = 1,
	 .max = 300,
	 .help = "what brokers and database do not say by then is unknown"},
};

static int read_options(struct status_command *command, const struct invocation *invocation) {
	const struct target *target = invocation->target;
	const struct conf_group groups[] = {
		{.title = "status",
		 .rows = rows,
		 .count = sizeof(rows) / sizeof(rows[0]),
		 .base = &command->options},
		option_group_target(target, command->front.config),
		option_group_kafka(&command->kafka),
		option_group_log(&command->log),
	};
	const struct front_command front = {
		.name = "status",
		.summary = "Says how a fleet stands: what waits, who works, since when. What is "
			   "not "
			   "known is said to be unknown; then the exit status is 1.",
		.groups = groups,
		.group_count = sizeof(groups) / sizeof(groups[0]),
		.word_hint = target->front->word_hint,
		.only_scans = true,
	};

	return front_parse(&command->front.conf, invocation, &front);
}

// --- show

static void write_view(void *ctx, const struct view *view) {
	struct status_command *command = ctx;
	struct buf out;

	buf_init(&out, 0);
	if (command->options.watch && !command->options.json && !command->is_line)
		buf_str(&out, "\033[H\033[2J");
	if (command->options.json)
		view_json(&out, view);
	else if (command->is_line)
		view_text_short(&out, view);
	else
		view_text(&out, view, command->options.each);
	command->is_partial = view_is_partial(view);
	command->err = out.error;
	if (command->err == 0 && (fputs(buf_text(&out), stdout) == EOF || fflush(stdout) != 0))
		command->err = -EIO;
	buf_fini(&out);
}

static int show(struct status_command *command) {
	board_show(command->board, write_view, command);
	// The end of the program tells of it.
	if (command->err == -EIO)
		return command->err;
	return command->err < 0 ? front_fail(command->err, "out of memory") : 0;
}

static int watch(struct status_command *command) {
	int err = show(command);

	while (err == 0) {
		clock_pause(command->options.interval);
		err = show(command);
	}
	return err;
}

// --- the command

// It asks the scan's part of the target, which wants all its options, where there is a database.
static int set_up(struct status_command *command) {
	struct front *front = &command->front;

	return front->target->front->names_location(front->config)
		? front_set_up(front, &command->log, true)
		: front_set_up_look(front, &command->log);
}

static int start(struct status_command *command, const struct invocation *invocation) {
	char error[512];
	int err = read_options(command, invocation);
	struct board_setup setup = {.front = &command->front, .kafka = &command->kafka};

	if (err != 0)
		return err;
	err = set_up(command);
	if (err < 0)
		return err;
	setup.deadline_ms = command->options.deadline;
	command->is_line = command->options.watch && !command->options.json &&
		isatty(STDOUT_FILENO) != 1;
	setup.is_short = command->is_line;
	setup.every_ms = command->options.watch ? command->options.interval : 0;
	err = board_start(&command->board, &setup, error, sizeof(error));
	return err < 0 ? front_fail(err, error) : 0;
}

int status_main(const struct invocation *invocation) {
	struct status_command *command = calloc(1, sizeof(*command));
	int err;

	if (command == NULL || front_init(&command->front, invocation) < 0) {
		free(command);
		return EXIT_FAILED;
	}
	err = start(command, invocation);
	if (err != 0 && command->board == NULL) {
		front_fini(&command->front);
		free(command);
		return front_exit_status(err);
	}
	if (err == 0) {
		board_wait(command->board, command->options.deadline);
		err = command->options.watch ? watch(command) : show(command);
	}
	if (err == 0 && command->is_partial)
		err = -EAGAIN;
	fflush(NULL);
	// Looks may still be under way, and use all of it.
	_exit(front_exit_status(err));
}
