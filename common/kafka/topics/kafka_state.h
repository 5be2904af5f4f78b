// SPDX-License-Identifier: MPL-2.0
// kafka_state: reads and writes single keys of the compacted state topic. Every call blocks.
// Thread: the owner's, one at a time.
#pragma once

#include "common/base/buf.h"
#include "common/kafka/kafka.h"
#include "common/kafka/topics/control.h"
#include "common/kafka/topics/topics.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kafka_state; // opaque

// Connects to nothing yet. 0, -EINVAL with words, -ENOMEM.
int kafka_state_open(
	struct kafka_state **out,
	const struct kafka_options *options,
	const char *target,
	struct log *log,
	char *error,
	size_t error_bytes
);
void kafka_state_close(struct kafka_state *state); // NULL is fine

// The last value of a key. 0; -ENOENT: the topic was read to its end and has none; -ESRCH: there is
// no such topic; -EACCES; -EAGAIN: could not be read in time, which says nothing about the key. The
// words are in kafka_state_error.
int kafka_state_get(
	struct kafka_state *state, const char *key, int64_t timeout_ms, struct buf *out
);

bool kafka_state_has_key(const rd_kafka_message_t *message, const char *key);

// Shows all records to the end of the topic, older values of a key first. `show`: as in struct
// kafka_reading. 0, -ESRCH, -EACCES, -EAGAIN, or what `show` returned.
int kafka_state_each(
	struct kafka_state *state,
	int64_t timeout_ms,
	int (*show)(void *ctx, const rd_kafka_message_t *message),
	void *ctx
);

// Writes a key (NULL: deletes it) and waits until the brokers acknowledged it. 0, -ESRCH, -EACCES,
// -EAGAIN; -EMSGSIZE: it is larger than the topic takes.
int kafka_state_put(
	struct kafka_state *state,
	const char *key,
	const void *bytes,
	size_t len,
	int64_t timeout_ms
);
const char *kafka_state_error(const struct kafka_state *state); // words of the last failure

// The layout. As kafka_state_get; -EBADMSG: cannot be read. Of several that name a database the
// first one counts, so that two processes that bind the topics at the same time agree on who was
// first.
int kafka_state_layout(struct kafka_state *state, int64_t timeout_ms, struct layout *out);
// Binds the topics to the database `scope` unless they are bound; *out is the layout after that. As
// kafka_state_layout; -ESTALE: they belong to another database, which out->scope names.
int kafka_state_bind(
	struct kafka_state *state, const char *scope, int64_t timeout_ms, struct layout *out
);
int kafka_state_put_layout(
	struct kafka_state *state, const struct layout *layout, int64_t timeout_ms
);

// Whether all is paused. As kafka_state_get, but no record says that it is not; -ENOMEM.
int kafka_state_control(struct kafka_state *state, int64_t timeout_ms, struct control *out);
