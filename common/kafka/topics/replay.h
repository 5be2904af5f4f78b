// SPDX-License-Identifier: MPL-2.0
// replay: which records a replay does again: what the state topic has of it under the key
// "replay/ID". Pure. Thread: any.
#pragma once

#include "common/kafka/topics/topics.h"
#include "common/pack/pack.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REPLAY_KEY "replay/"
// Of a record: the id of the replay that it is of.
#define REPLAY_HEADER "purge.replay"
enum {
	REPLAY_ID_BYTES = 64 + 1,
	REPLAY_KEY_BYTES = sizeof(REPLAY_KEY) - 1 + REPLAY_ID_BYTES,
	REPLAY_GROUP_BYTES = 256,
	REPLAY_WORDS_BYTES = 100,
	REPLAY_NODE_BYTES = 2048 + 1,
};

// The records of one partition from `start` on, before `end`.
struct replay_span {
	int64_t start;
	int64_t end;
};

struct replay {
	char id[REPLAY_ID_BYTES]; // not in the value
	// The consumer group of its workers, which no other replay ever has.
	char group[REPLAY_GROUP_BYTES];
	// As in struct layout: of the candidates.
	char scope[LAYOUT_SCOPE_BYTES];
	int64_t created_ms; // Unix time
	char from[REPLAY_WORDS_BYTES]; // as it was asked for
	char to[REPLAY_WORDS_BYTES];
	// Records that were deleted before it was made; -1: not known.
	int64_t deleted;
	// Only these keys; both exclusive.
	bool has_range_start, has_range_end;
	int64_t range_start, range_end;
	char node[REPLAY_NODE_BYTES]; // only there; "": anywhere
	// The same, as the target knows it; 0: not known.
	int64_t node_id;
	// One for each partition that there was. Owner: this.
	struct replay_span *spans;
	size_t count;
};

void replay_fini(struct replay *replay); // a zeroed one is fine

// Letters, digits, '.', '_' and '-', 1 to 64 of them.
bool replay_id_is_valid(const char *id);
void replay_key(const char *id, char out[REPLAY_KEY_BYTES]);
// The id that such a key names, which lies in it; NULL: it is none.
const char *replay_id_of_key(const char *key);
// The group of a replay that is made at created_ms, of the group that workers usually have.
void replay_group(
	const char *usual, const char *id, int64_t created_ms, char out[REPLAY_GROUP_BYTES]
);

// 0, or an error as pack_data: -EMSGSIZE: more partitions than fit.
int replay_pack(
	const struct replay *replay, struct pack *pack, const unsigned char **data, size_t *len
);
// `id` is copied. 0; -EBADMSG: it is none that this version knows; -ENOMEM. Then *out is zeroed.
int replay_unpack(struct replay *out, const char *id, const void *bytes, size_t len);

// Of a partition that was not there when it was made: nothing.
struct replay_span replay_span_of(const struct replay *replay, int32_t partition);
int64_t replay_records(const struct replay *replay); // offsets in all spans
bool replay_has_key(const struct replay *replay, int64_t key);
