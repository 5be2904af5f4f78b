// SPDX-License-Identifier: MPL-2.0
// replay_state_fuzz: no bytes in the state topic make the reader of replays crash, and what it
// takes it can write again.
#include "common/kafka/topics/replay.h"
#include "fuzz/fuzz.h"

#include <errno.h>
#include <string.h>

static void write_again(const struct replay *replay) {
	struct pack *pack = pack_new();
	const unsigned char *data = NULL;
	struct replay second;
	size_t len = 0;

	must(pack != NULL);
	must(replay->count > 0);
	must(replay_records(replay) >= 0);
	must(replay_pack(replay, pack, &data, &len) == 0);
	must(replay_unpack(&second, replay->id, data, len) == 0);
	must(second.count == replay->count);
	must(memcmp(second.spans, replay->spans, second.count * sizeof(*second.spans)) == 0);
	must(strcmp(second.group, replay->group) == 0);
	replay_fini(&second);
	pack_free(pack);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t len) {
	struct replay replay;
	int err = replay_unpack(&replay, "x", bytes, len);

	must(err == 0 || err == -EBADMSG);
	if (err == 0)
		write_again(&replay);
	replay_fini(&replay);
	return 0;
}
