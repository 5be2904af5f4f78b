// SPDX-License-Identifier: MPL-2.0
// record: a candidate as a topic holds it: a MessagePack map with text keys, described in
// docs/protocol.md. Pure.
// Thread: the owner's.
#pragma once

#include "common/candidate.h"
#include "common/pack/pack.h"

#include <stddef.h>
#include <stdint.h>

enum { RECORD_VERSION = 1, RECORD_NAME_BYTES = 32, RECORD_ID_BYTES = 512 };

// What a record says besides the candidate.
struct record {
	int64_t version;
	char target[RECORD_NAME_BYTES];
	char run[RECORD_NAME_BYTES]; // the pass that found it
	// When it cannot be decoded: a word of a small fixed set; else NULL.
	const char *fault;
};

// *data lives until the next write to the pack. 0 or an error as pack_data; -EMSGSIZE also for a
// name, a run or an id that could not be read back.
int record_encode(
	struct pack *pack,
	const char *target,
	const char *run,
	const struct candidate *candidate,
	const unsigned char **data,
	size_t *len
);

// Reads a record within the bounds of pack. Unknown keys are passed over. The candidate counts as
// not judged by this process. -EBADMSG with head->fault, -ENOMEM; then *out is not touched. Owner
// of *out: the caller.
int record_decode(const void *bytes, size_t len, struct record *head, struct candidate **out);
