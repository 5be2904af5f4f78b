// SPDX-License-Identifier: MPL-2.0
// replay_report: says of replays what they are about and how far they are.
#include "cli/replay/replay_report.h"

#include "cli/front/front.h"
#include "cli/replay/replay_find.h"
#include "cli/replay/replay_line.h"
#include "cli/replay/replay_progress.h"
#include "common/base/buf.h"
#include "common/kafka/topics/kafka_state.h"
#include "common/kafka/topics/replay.h"
#include "common/kafka/topics/replays.h"
#include "common/target/target.h"

#include <errno.h>
#include <stdio.h>

typedef void replay_writer(
	struct buf *out, const struct replay *replay, const struct replay_progress *progress
);

static int print(const struct buf *text) {
	if (text->error < 0)
		return front_fail(text->error, "out of memory");
	// The end of the program tells of it.
	return fputs(buf_text(text), stdout) == EOF ? -EIO : 0;
}

static int report(
	const struct replay_command *command, const struct replay *replay, replay_writer *write
) {
	struct replay_progress progress;
	struct buf text;
	int err = replay_progress_find(
		&progress, replay, command->topic, &command->kafka, command->front.log
	);

	if (err < 0)
		return front_fail(err, progress.why[0] == '\0' ? "out of memory" : progress.why);
	buf_init(&text, 0);
	write(&text, replay, &progress);
	err = print(&text);
	buf_fini(&text);
	if (err == 0 && progress.why[0] != '\0') {
		fprintf(stderr,
			"purgefleet: how far the replay '%s' is cannot be known now: %s\n",
			replay->id,
			progress.why);
		err = -EAGAIN;
	}
	replay_progress_fini(&progress);
	return err;
}

int replay_report_one(struct replay_command *command) {
	struct replay replay = {.count = 0};
	int err = replay_find(
		&replay, command->state, command->front.target->name, command->options.id
	);

	if (err == 0)
		err = report(
			command,
			&replay,
			command->options.json ? replay_line_json : replay_line_text
		);
	replay_fini(&replay);
	return err;
}

// Of one that this version does not know only the id is known.
static int report_in_list(const struct replay_command *command, const struct replay *replay) {
	if (replay->group[0] != '\0')
		return report(
			command,
			replay,
			command->options.json ? replay_line_json : replay_line_short
		);
	fprintf(stderr,
		"purgefleet: the replay '%s' is not one that this version knows\n",
		replay->id);
	return 0;
}

int replay_report_all(struct replay_command *command) {
	struct replays replays = {.count = 0};
	int err = replays_read(&replays, command->state, REPLAY_STATE_MS);

	if (err < 0)
		front_fail(err, kafka_state_error(command->state));
	for (size_t i = 0; i < replays.count && (err == 0 || err == -EAGAIN); i++) {
		int one = report_in_list(command, &replays.items[i]);

		err = one < 0 ? one : err;
	}
	if (err == 0 && replays.unknown > 0)
		err = -EBADMSG;
	replays_fini(&replays);
	return err;
}
