// SPDX-License-Identifier: MPL-2.0
// pause: pause and resume: have all producers and workers of a target begin nothing new, or go on.
//
// Design notes. Nothing is paused when there is no record, as in every new topic. So resume takes
// the record away, and there is one way to say it.
#include "cli/pause.h"

#include "cli/front/front.h"
#include "cli/options/option_groups.h"
#include "cli/show/show_control.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/utf8.h"
#include "common/conf/conf.h"
#include "common/kafka/kafka.h"
#include "common/kafka/topics/control.h"
#include "common/kafka/topics/kafka_state.h"
#include "common/pack/pack.h"
#include "common/target/target.h"

#include <errno.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { STATE_MS = 15 * 1000, HOST_BYTES = 65 };

struct pause_options { // filled by conf
	char *reason;
};

struct pause {
	const struct target *target;
	struct pause_options options;
	struct kafka_options kafka;
	struct front_log log_options;
	struct conf *conf;
	struct log *log;
	struct kafka_state *state;
	struct pack *pack;
	struct control before, after;
};

// --- options

static const char *wants_reason(const char *text) {
	size_t len = strlen(text);
	uint32_t rune;

	if (len >= CONTROL_REASON_BYTES)
		return "at most 399 bytes";
	while (len > 0) {
		size_t bytes = utf8_read(text, len, &rune);

		if (bytes == 0 || rune < ' ' || (rune >= 0x7F && rune < 0xA0))
			return "one line of text in UTF-8";
		text += bytes;
		len -= bytes;
	}
	return NULL;
}
_Static_assert(CONTROL_REASON_BYTES == 400, "wants_reason says how long");

static const struct conf_row rows[] = {
	{.name = "reason",
	 .kind = CONF_STRING,
	 .offset = offsetof(struct pause_options, reason),
	 .meta = "TEXT",
	 .help = "why, for whoever reads the logs",
	 .wants = wants_reason},
};

#define HELP_PAUSE                                                                                 \
	"Within a second no request is sent, no row removed and nothing published; what has "      \
	"begun "                                                                                   \
	"comes to its end.\nIt holds until `purgefleet resume`, through every restart. "           \
	"`purgefleet "                                                                             \
	"topics TARGET show` tells of it.\n"

static const struct front_command pause_command = {
	.usage = "pause TARGET [--reason TEXT] [options]",
	.summary = "Has every produce and work of a target begin nothing new.",
	.notes = HELP_PAUSE,
};
static const struct front_command resume_command = {
	.usage = "resume TARGET [options]",
	.summary = "Ends a pause: every produce and work goes on within a second.",
};

static int read_options(
	struct pause *pause, const struct front_command *like, const struct invocation *invocation
) {
	const struct conf_group groups[] = {
		{.title = "pause",
		 .rows = rows,
		 .count = sizeof(rows) / sizeof(rows[0]),
		 .base = &pause->options},
		option_group_kafka(&pause->kafka),
		option_group_log(&pause->log_options),
	};
	size_t left_out = like == &pause_command ? 0 : 1; // that of a reason
	const struct conf_group elsewhere = option_group_target(invocation->target, NULL);
	struct front_command command = *like;

	command.elsewhere = &elsewhere;
	command.elsewhere_count = 1;
	command.groups = groups + left_out;
	command.group_count = sizeof(groups) / sizeof(groups[0]) - left_out;
	return front_parse(&pause->conf, invocation, &command);
}

// --- the record

static void say_who(char *out, size_t out_bytes) {
	const struct passwd *user = getpwuid(getuid());
	char host[HOST_BYTES] = "";

	gethostname(host, sizeof(host) - 1);
	if (user == NULL)
		snprintf(out, out_bytes, "%u@%s", (unsigned)getuid(), host);
	else
		snprintf(out, out_bytes, "%.80s@%s", user->pw_name, host);
}

// Paused again, it is paused since the first time, for the reason that was given last.
static void make_after(struct pause *pause) {
	const struct control *before = &pause->before;
	const char *reason = pause->options.reason;
	bool goes_on = before->is_paused && before->fault[0] == '\0';

	pause->after = goes_on ? *before : (struct control){.is_paused = true};
	if (!goes_on)
		pause->after.since_ms = clock_wall_ms();
	if (reason != NULL)
		snprintf(pause->after.reason, sizeof(pause->after.reason), "%s", reason);
	if (!control_is_same(before, &pause->after))
		say_who(pause->after.who, sizeof(pause->after.who));
}

static int write_after(struct pause *pause) {
	const unsigned char *data = NULL;
	size_t len = 0;
	int err;

	if (control_is_same(&pause->before, &pause->after))
		return 0;
	pause->pack = pack_new();
	if (pause->pack == NULL)
		return front_fail(-ENOMEM, "out of memory");
	err = control_pack(&pause->after, pause->pack, &data, &len);
	if (err < 0)
		return front_fail(err, "out of memory");
	err = kafka_state_put(pause->state, CONTROL_KEY, data, len, STATE_MS);
	return err < 0 ? front_fail(err, kafka_state_error(pause->state)) : 0;
}

static int take_away(struct pause *pause) {
	int err = 0;

	pause->after = (struct control){.since_ms = -1};
	if (pause->before.is_paused)
		err = kafka_state_put(pause->state, CONTROL_KEY, NULL, 0, STATE_MS);
	return err < 0 ? front_fail(err, kafka_state_error(pause->state)) : 0;
}

// --- the commands

static int work(struct pause *pause, bool pauses) {
	char error[512] = "out of memory";
	char words[SHOW_CONTROL_BYTES];
	int err = kafka_state_open(
		&pause->state, &pause->kafka, pause->target->name, pause->log, error, sizeof(error)
	);

	if (err < 0)
		return front_fail(err, error);
	err = kafka_state_control(pause->state, STATE_MS, &pause->before);
	if (err < 0)
		return front_fail(err, kafka_state_error(pause->state));
	printf("before: %s\n", show_control(&pause->before, words));
	if (pauses)
		make_after(pause);
	err = pauses ? write_after(pause) : take_away(pause);
	if (err == 0)
		printf("now: %s\n", show_control(&pause->after, words));
	return err;
}

static int run(const struct invocation *invocation, const struct front_command *command) {
	struct pause pause = {.target = invocation->target};
	int err = read_options(&pause, command, invocation);

	if (err == 0)
		err = front_open_log(&pause.log, &pause.log_options);
	if (err == 0)
		err = work(&pause, command == &pause_command);
	kafka_state_close(pause.state);
	pack_free(pause.pack);
	conf_free(pause.conf);
	log_free(pause.log);
	return front_exit_status(err);
}

int pause_main(const struct invocation *invocation) {
	return run(invocation, &pause_command);
}

int resume_main(const struct invocation *invocation) {
	return run(invocation, &resume_command);
}
