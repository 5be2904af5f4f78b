// SPDX-License-Identifier: MPL-2.0
// replay_find: the replay of an id.
#include "cli/replay/replay_find.h"

#include "cli/front/front.h"
#include "common/base/buf.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static int tell(const char *target, const char *id, int err) {
	if (err == -ENOENT)
		fprintf(stderr,
			"purgefleet: there is no replay '%s'; see: purgefleet replay %s list\n",
			id,
			target);
	else if (err == -EBADMSG)
		fprintf(stderr,
			"purgefleet: the replay '%s' is not one that this version knows; use a "
			"later one, or forget it: purgefleet replay %s drop --id %s\n",
			id,
			target,
			id);
	return err;
}

// 0; -ENOENT, and others as kafka_state_get, replay_unpack.
static int read_replay(
	struct replay *out, struct kafka_state *state, const char *id, int64_t timeout_ms
) {
	char key[REPLAY_KEY_BYTES];
	struct buf value;
	int err;

	*out = (struct replay){.count = 0};
	buf_init(&value, 0);
	replay_key(id, key);
	err = kafka_state_get(state, key, timeout_ms, &value);
	if (err == 0)
		err = replay_unpack(out, id, value.data, value.len);
	buf_fini(&value);
	return err;
}

int replay_find(struct replay *out, struct kafka_state *state, const char *target, const char *id) {
	int err = read_replay(out, state, id, REPLAY_STATE_MS);

	if (err == 0)
		return 0;
	return err == -ENOENT || err == -EBADMSG ? tell(target, id, err)
						 : front_fail(err, kafka_state_error(state));
}

static int say_gone(const struct replay *replay, char *error, size_t error_bytes) {
	snprintf(
		error,
		error_bytes,
		"the replay '%s' was dropped, or made again, since this worker began",
		replay->id
	);
	return -ESTALE;
}

int replay_look(
	const struct replay *replay,
	struct kafka_state *state,
	int64_t timeout_ms,
	char *error,
	size_t error_bytes
) {
	struct replay now = {.count = 0};
	int err = read_replay(&now, state, replay->id, timeout_ms);

	if (err == -ENOENT || err == -EBADMSG ||
	    (err == 0 && strcmp(now.group, replay->group) != 0))
		err = say_gone(replay, error, error_bytes);
	else if (err < 0)
		snprintf(error, error_bytes, "%s", kafka_state_error(state));
	replay_fini(&now);
	return err;
}
