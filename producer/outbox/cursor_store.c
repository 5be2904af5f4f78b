// SPDX-License-Identifier: MPL-2.0
// cursor_store: reads and writes the cursor in the state topic.
#include "producer/outbox/cursor_store.h"

#include "common/base/buf.h"
#include "common/base/log.h"
#include "common/kafka/topics/kafka_state.h"

#include <errno.h>
#include <stdio.h>

enum { ANSWER_MS = 15 * 1000 };

static int read_it(
	const struct cursor_store *store, struct cursor *out, char *error, size_t error_bytes
) {
	struct buf value;
	int err;

	buf_init(&value, PACK_BYTES_MAX);
	*out = (struct cursor){.full_running = false};
	err = kafka_state_get(store->state, CURSOR_KEY, ANSWER_MS, &value);
	if (err == 0)
		err = cursor_unpack(out, value.data, value.len);
	else if (err == -ENOENT)
		err = 0;
	else
		snprintf(error, error_bytes, "%s", kafka_state_error(store->state));
	buf_fini(&value);
	return err;
}

int cursor_store_read(
	const struct cursor_store *store,
	bool may_renew,
	struct cursor *out,
	char *error,
	size_t error_bytes
) {
	int err = read_it(store, out, error, error_bytes);

	if (err != -EBADMSG)
		return err;
	if (!may_renew) {
		snprintf(
			error,
			error_bytes,
			"the cursor in the state topic cannot be read; start with --full, which "
			"scans everything and writes it anew"
		);
		return err;
	}
	LOG(store->log,
	    LOG_LEVEL_WARNING,
	    "the cursor in the state topic cannot be read; it is written anew");
	return 0;
}

int cursor_store_write(
	const struct cursor_store *store,
	const struct cursor *cursor,
	char *error,
	size_t error_bytes
) {
	const unsigned char *data = NULL;
	size_t len = 0;
	int err = cursor_pack(cursor, store->pack, &data, &len);

	if (err == 0)
		err = kafka_state_put(store->state, CURSOR_KEY, data, len, ANSWER_MS);
	if (err == -EAGAIN)
		LOG(store->log,
		    LOG_LEVEL_WARNING,
		    "could not save the cursor; what was published since is published again",
		    log_str("error", kafka_state_error(store->state)));
	else if (err < 0)
		snprintf(error, error_bytes, "%s", kafka_state_error(store->state));
	return err;
}
