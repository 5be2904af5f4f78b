// SPDX-License-Identifier: MPL-2.0
// cursor_store: reads and writes the cursor in the state topic. Thread: scan.
#pragma once

#include "common/pack/pack.h"
#include "producer/outbox/cursor.h"

#include <stdbool.h>
#include <stddef.h>

struct kafka_state;
struct log;

struct cursor_store { // all outlive it
	struct kafka_state *state;
	struct pack *pack;
	struct log *log;
};

// Reads it; one that was never written is zeroed. Asks the brokers for up to 15 s. may_renew: one
// that cannot be understood is told, and zeroed too, for it is written anew. 0; -EBADMSG: it
// cannot be understood; or what kafka_state_get says. `error` has words then.
int cursor_store_read(
	const struct cursor_store *store,
	bool may_renew,
	struct cursor *out,
	char *error,
	size_t error_bytes
);

// Writes it, for up to 15 s. 0. -EAGAIN: the brokers did not answer, which is told. -EACCES, -ESRCH
// and -EMSGSIZE, with words in `error`: it does not pass by itself.
int cursor_store_write(
	const struct cursor_store *store,
	const struct cursor *cursor,
	char *error,
	size_t error_bytes
);
