// SPDX-License-Identifier: MPL-2.0
// delivery: the messages of a pass on their way to the brokers, and which of its pages they have
// acknowledged.
//
// After a failure nothing more of the pass is sent, and no cursor is told: it could pass what was
// not acknowledged. When the topic is gone, or began anew, the pass fails too: what it published
// before is not there any more.
// Thread: scan, but delivery_acknowledged: any.
#pragma once

#include "common/kafka/kafka.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct delivery; // opaque

struct delivery_message {
	int64_t range; // its key
	int32_t partition;
	const unsigned char *data; // copied
	size_t len;
};

// `kafka` and `topic` must outlive it. Connects to nothing yet. 0, -EINVAL with words in `error`,
// -ENOMEM.
int delivery_new(
	struct delivery **out,
	const struct kafka_options *kafka,
	const char *topic,
	struct log *log,
	char *error,
	size_t error_bytes
);
void delivery_free(struct delivery *delivery); // NULL is fine

// A pass begins: what is under way is forgotten, with its pages and the failure. `command` makes
// the topic, should it be missing. 0; -ENOENT: no such topic; -EACCES; -EAGAIN; -EINVAL; -ENOMEM;
// words in delivery_error.
int delivery_begin(struct delivery *delivery, const char *command, int32_t *partitions);
// Is the topic still there? 0 or the failure.
int delivery_look(struct delivery *delivery);
// The brokers did not say how far the workers are with the topic, for `why`. That passes by itself
// (0), unless it is refused (-EACCES) or the topic is gone (-ENOENT). 0 or the failure.
int delivery_judge(struct delivery *delivery, int err, const char *why);
// By the offsets at which partitions end, of this topic and maybe others: is what was published
// still in it? 0 or the failure.
int delivery_compare(struct delivery *delivery, const rd_kafka_topic_partition_list_t *ends);
// Has the topic been away, or begun anew, since it was last asked so?
bool delivery_was_lost(struct delivery *delivery);

// 0, -ENOBUFS: no room now, serve and try again; or the failure.
int delivery_send(struct delivery *delivery, const struct delivery_message *message);
// Takes what the brokers report, and waits for it up to timeout_ms. 0 or the failure.
int delivery_serve(struct delivery *delivery, int timeout_ms);
size_t delivery_unacked(const struct delivery *delivery); // messages
int64_t delivery_acknowledged(const struct delivery *delivery); // messages of this pass

// What was sent since the last seal is one page; `cursor` is the position behind it. 0 or -ENOMEM.
int delivery_seal(struct delivery *delivery, const char *cursor);
// The position up to which everything is acknowledged; "": none yet.
const char *delivery_cursor(const struct delivery *delivery);

// The pass cannot go on: "cannot WHAT topic '…': WHY". Returns the failure, the first one.
int delivery_fail(struct delivery *delivery, int err, const char *what, const char *why);
int delivery_failure(const struct delivery *delivery); // 0: none
const char *delivery_error(const struct delivery *delivery);
