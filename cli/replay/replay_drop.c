// SPDX-License-Identifier: MPL-2.0
// replay_drop: forgets a replay.
//
// Design notes: what its group has committed stays with the brokers until they forget it. No other
// replay has that group, also not a later one of the same id.
#include "cli/replay/replay_drop.h"

#include "cli/front/front.h"
#include "cli/replay/replay_find.h"
#include "cli/replay/replay_progress.h"
#include "common/kafka/topics/kafka_state.h"
#include "common/kafka/topics/replay.h"
#include "common/kafka/topics/replays.h"
#include "common/target/target.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

// A worker has read what it is about when it began.
static int check_idle(const struct replay_command *command, const struct replay *replay) {
	struct replay_progress progress = {.workers = -1};
	int err = replay_progress_find(
		&progress, replay, command->topic, &command->kafka, command->front.log
	);

	if (err < 0)
		return front_fail(err, "cannot ask how far the replay is");
	if (progress.workers != 0) {
		err = -EBUSY;
		if (progress.workers > 0)
			fprintf(stderr,
				"purgefleet: %" PRId64 " workers are at the replay '%s'; stop them "
				"first\n",
				progress.workers,
				replay->id);
		else
			fprintf(stderr,
				"purgefleet: it is not known whether workers are at the replay "
				"'%s': %s\n",
				replay->id,
				progress.why);
	}
	replay_progress_fini(&progress);
	return err;
}

static int forget(struct replay_command *command, const char *id) {
	char key[REPLAY_KEY_BYTES];
	int err;

	replay_key(id, key);
	err = kafka_state_put(command->state, key, NULL, 0, REPLAY_STATE_MS);
	if (err < 0)
		return front_fail(err, kafka_state_error(command->state));
	printf("replay %s: dropped\n", id);
	return 0;
}

// One that joined in between may have seen it still.
static int check_left(const struct replay_command *command, const struct replay *replay) {
	struct replay_progress progress = {.workers = -1};
	int err = replay_progress_find(
		&progress, replay, command->topic, &command->kafka, command->front.log
	);

	if (err < 0)
		return front_fail(err, "cannot ask whether somebody has begun with it meanwhile");
	if (progress.workers > 0) {
		err = -EBUSY;
		fprintf(stderr,
			"purgefleet: %" PRId64 " workers have begun with the replay '%s' in this "
			"moment; stop them\n",
			progress.workers,
			replay->id);
	}
	replay_progress_fini(&progress);
	return err;
}

int replay_drop(struct replay_command *command) {
	const char *id = command->options.id;
	struct replays replays = {.count = 0};
	const struct replay *replay;
	int err = replays_read(&replays, command->state, REPLAY_STATE_MS);

	if (err < 0) {
		front_fail(err, kafka_state_error(command->state));
		goto out;
	}
	replay = replays_find(&replays, id);
	if (replay == NULL) {
		printf("replay %s: there is none\n", id);
		goto out;
	}
	if (replay->group[0] != '\0')
		err = check_idle(command, replay);
	if (err == 0)
		err = forget(command, id);
	if (err == 0 && replay->group[0] != '\0')
		err = check_left(command, replay);
out:
	replays_fini(&replays);
	return err;
}
