// SPDX-License-Identifier: MPL-2.0
// pack_scan: finds out how long an encoded MessagePack value is, without believing its headers.
//
// Internal to pack. Pure: allocates nothing, recurses nowhere. Thread: any.
#pragma once

#include <stddef.h>

enum { PACK_DEPTH_MAX = 8 };

// How many bytes the one value at `bytes` takes. -EBADMSG: cut short, nested deeper than
// PACK_DEPTH_MAX, a type that does not exist, or a count that the bytes left cannot hold.
int pack_scan(const unsigned char *bytes, size_t len, size_t *value_bytes);

// One header: the bytes it takes itself, the bytes of text or number behind it, the values inside
// it. -EBADMSG: cut short or no such type.
struct pack_head {
	size_t head_bytes;
	size_t body_bytes;
	// A map of n entries has 2 n.
	size_t children;
};
int pack_scan_head(const unsigned char *bytes, size_t len, struct pack_head *out);
