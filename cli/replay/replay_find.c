// SPDX-License-Identifier: MPL-2.0
// replay_find: the replay of an id.
#include "cli/replay/replay_find.h"

#include "cli/front/front.h"
#include "common/base/buf.h"

#include <errno.h>
#include <stdio.h>

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

int replay_find(struct replay *out, struct kafka_state *state, const char *target, const char *id) {
	char key[REPLAY_KEY_BYTES];
	struct buf value;
	int err;

	*out = (struct replay){.count = 0};
	buf_init(&value, 0);
	replay_key(id, key);
	err = kafka_state_get(state, key, REPLAY_STATE_MS, &value);
	if (err < 0 && err != -ENOENT) {
		buf_fini(&value);
		return front_fail(err, kafka_state_error(state));
	}
	if (err == 0)
		err = replay_unpack(out, id, value.data, value.len);
	buf_fini(&value);
	return err < 0 ? tell(target, id, err) : 0;
}
