// SPDX-License-Identifier: MPL-2.0
// replays: all replays that the state topic has.
#include "common/kafka/topics/replays.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void drop(struct replays *replays, const char *id) {
	struct replay *old = replays_find(replays, id);
	size_t at;

	if (old == NULL)
		return;
	at = (size_t)(old - replays->items);
	replays->unknown -= old->group[0] == '\0';
	replay_fini(old);
	memmove(old, old + 1, (replays->count - at - 1) * sizeof(*old));
	replays->count--;
}

static int add(struct replays *replays, const char *id, const void *bytes, size_t len) {
	struct replay *items = realloc(replays->items, (replays->count + 1) * sizeof(*items));
	struct replay *item;
	int err;

	if (items == NULL)
		return -ENOMEM;
	replays->items = items;
	item = &items[replays->count];
	err = replay_unpack(item, id, bytes, len);
	if (err == -ENOMEM)
		return err;
	if (err < 0) {
		*item = (struct replay){.count = 0};
		snprintf(item->id, sizeof(item->id), "%s", id);
		replays->unknown++;
	}
	replays->count++;
	return 0;
}

int replays_see(struct replays *replays, const rd_kafka_message_t *message) {
	char key[REPLAY_KEY_BYTES];
	const char *id;

	if (message->key == NULL || message->key_len >= sizeof(key))
		return 0;
	snprintf(key, sizeof(key), "%.*s", (int)message->key_len, (const char *)message->key);
	id = replay_id_of_key(key);
	if (id == NULL)
		return 0;
	drop(replays, id);
	return message->payload == NULL ? 0 : add(replays, id, message->payload, message->len);
}

static int see(void *ctx, const rd_kafka_message_t *message) {
	return replays_see(ctx, message);
}

int replays_read(struct replays *out, struct kafka_state *state, int64_t timeout_ms) {
	return kafka_state_each(state, timeout_ms, see, out);
}

void replays_fini(struct replays *replays) {
	for (size_t i = 0; i < replays->count; i++)
		replay_fini(&replays->items[i]);
	free(replays->items);
	*replays = (struct replays){.count = 0};
}

struct replay *replays_find(const struct replays *replays, const char *id) {
	for (size_t i = 0; i < replays->count; i++)
		if (strcmp(replays->items[i].id, id) == 0)
			return &replays->items[i];
	return NULL;
}
