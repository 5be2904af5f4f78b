// SPDX-License-Identifier: MPL-2.0
// handover: publishes what leaves a worker: to a retry topic, to the dead letters, to the audit.
//
// A record is handed over when the brokers acknowledged it, not before. Thread: loop. Owner: the
// source.
#pragma once

#include "common/kafka/kafka.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log;
struct handover; // opaque

// Why a record leaves, for its headers.
struct handover_note {
	const char *reason; // of a small fixed set
	int status; // of the last answer; 0: none
	const char *message; // our words; cut to 512 bytes
	const char *topic; // where it was
	int32_t partition;
	int64_t offset;
	// How often it failed, this time included.
	int attempts;
	int postponed; // how often it was postponed
	// How often in a row because its node was away, this time included.
	int away;
	int64_t first_failed_ms; // wall clock; 0: it never failed
	bool truncated; // the value is not whole
	// The id of the replay that it is of; NULL: of none.
	const char *replay;
};
// The headers, owned by the caller. NULL: out of memory.
rd_kafka_headers_t *handover_headers(const struct handover_note *note);

// What the headers of a record say; what is missing stays 0.
struct handover_past {
	int attempts;
	int postponed;
	int away;
	int64_t first_failed_ms;
	// The id of the replay that it is of, which lives as long as the message; NULL: of none.
	const char *replay;
};
void handover_read_past(const rd_kafka_message_t *message, struct handover_past *out);

struct handover_record {
	const char *topic;
	int32_t partition; // RD_KAFKA_PARTITION_UA: by the key
	const void *key;
	size_t key_bytes;
	void *value; // copied
	size_t value_bytes;
	const rd_kafka_headers_t *headers; // copied; NULL: none
	void *tag; // comes back
};

struct handover_place { // where a record is now
	int32_t partition;
	int64_t offset;
	// Unix time: the brokers' when the topic has LogAppendTime, else ours; -1: none.
	int64_t stamp_ms;
};

// The brokers took it (NO_ERROR) at this place, or did not; then the place says nothing.
typedef void handover_on_done(
	void *ctx, void *tag, rd_kafka_resp_err_t err, const struct handover_place *place
);

struct handover_setup {
	const struct kafka_options *kafka;
	struct log *log;
	// As wake.h, rung when handover_serve has something to do.
	int wake_fd;
	handover_on_done *on_done;
	// Nothing can be handed over any more.
	void (*on_fatal)(void *ctx, rd_kafka_resp_err_t err);
	void *ctx;
};

// 0; -EINVAL with words in `error`; -ENOMEM.
int handover_open(
	struct handover **out, const struct handover_setup *setup, char *error, size_t error_bytes
);
// What is not acknowledged is forgotten: it was not handed over. 0, or -EBUSY as kafka_end. NULL is
// fine.
int handover_close(struct handover *handover, int64_t timeout_ms);

// NO_ERROR: on_done will tell. Anything else: it is not on its way.
rd_kafka_resp_err_t handover_send(struct handover *handover, const struct handover_record *record);
void handover_serve(struct handover *handover); // calls on_done, on_fatal
bool handover_is_busy(const struct handover *handover); // is something on its way?
