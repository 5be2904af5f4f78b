// SPDX-License-Identifier: MPL-2.0
// letter_return: the record that a letter is put back as. Pure. Thread: the owner's.
#pragma once

#include "cli/dead/letter.h"
#include "common/pack/pack.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Where records go.
struct letter_goal {
	int64_t range_width;
	int32_t partitions;
};

struct letter_return {
	const unsigned char *value; // lives until the pack's next write
	size_t value_bytes;
	int64_t range; // its key
	int32_t partition;
};

// Is it whole, and can it be decoded?
bool letter_can_return(const struct letter *letter);
// Of one that can. It counts as seen now_ms (Unix time): the life of a candidate begins anew, or it
// would be dropped the first time that it is put off. 0 or an error as record_encode.
int letter_return_make(
	struct letter_return *out,
	struct pack *pack,
	const struct letter *letter,
	const struct letter_goal *goal,
	int64_t now_ms
);
// Its headers: the replay that it is of, and when it was put back. No failure is in them, so its
// tries begin anew. NULL: out of memory. Owner: the caller.
rd_kafka_headers_t *letter_return_headers(const struct letter *letter, int64_t now_ms);
