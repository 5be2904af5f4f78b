// SPDX-License-Identifier: MPL-2.0
// letter: a dead letter: the record that was given up, and why. Pure, but what is said of its row.
// Thread: the owner's.
#pragma once

#include "common/candidate.h"
#include "common/kafka/record.h"
#include "common/verdict.h"

#include <librdkafka/rdkafka.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct target;

#define LETTER_REQUEUED_HEADER "purge.requeued_at"

enum letter_state {
	// Its row was not looked for, or cannot be.
	LETTER_IN_DOUBT,
	// The row is there; or it is of a replay, and what its node did not hear is still to be
	// said.
	LETTER_OPEN,
	// The row is gone, or not to be purged by this record any more.
	LETTER_SOLVED,
	LETTER_STATES
};

struct letter {
	int32_t partition;
	int64_t offset;
	// When it was written; -1: not known.
	int64_t stamp_ms;
	// With key_bytes, and a NUL behind them.
	char *key;
	size_t key_bytes;
	int reason; // letter_reason.h
	int status; // of the last answer; 0: none
	int attempts;
	char *message; // why, in words; NULL: none
	// The id of the replay that it is of; NULL: of none.
	char *replay;
	// The record; NULL: it cannot be decoded, head.fault says why.
	struct candidate *candidate;
	struct record head;
	bool is_truncated; // the record is not whole
	// Where its request goes, as the target says it; NULL: nowhere, or not known.
	char *node;
	enum letter_state state;
	// Of one that is solved: REASON_GONE or REASON_CHANGED.
	enum reason solved_by;
};

// A message of the topic of dead letters that is no tombstone, and may go before the letter does.
// `config` is the target's. 0 or -ENOMEM. letter_fini in either case.
int letter_read(
	struct letter *out,
	const struct target *target,
	const void *config,
	const rd_kafka_message_t *message
);
void letter_fini(struct letter *letter); // a zeroed one is fine

// What the record is known by: its id, or its key when it cannot be decoded.
const char *letter_id(const struct letter *letter);
