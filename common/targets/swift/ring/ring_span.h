// SPDX-License-Identifier: MPL-2.0
// ring_span: a part of the bytes of a ring. Pure. Thread: any.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct ring_span {
	const unsigned char *bytes;
	size_t len;
};

// The number that `len` bytes are, at most 8 of them, the highest first.
uint64_t ring_span_number(const unsigned char *bytes, size_t len);

// What lies at `start` of `all`, behind 8 bytes that tell its length. 0, or -EINVAL: it does not
// lie in there.
int ring_span_blob(struct ring_span *out, struct ring_span all, uint64_t start);
