// SPDX-License-Identifier: MPL-2.0
// pack_scan: finds out how long an encoded MessagePack value is.
#include "common/pack/pack_scan.h"

#include <errno.h>
#include <stdint.h>

enum shape { SHAPE_BAD, SHAPE_PLAIN, SHAPE_BYTES, SHAPE_ARRAY, SHAPE_MAP };

// The types from 0xc0 to 0xdf: how many bytes of length follow the first byte, and how many bytes
// come in any case.
static const struct {
	enum shape shape;
	unsigned char length_bytes;
	unsigned char fixed_bytes;
} types[32] = {
	{SHAPE_PLAIN, 0, 0}, // c0 nil
	{SHAPE_BAD, 0, 0}, // c1
	{SHAPE_PLAIN, 0, 0}, // c2 false
	{SHAPE_PLAIN, 0, 0}, // c3 true
	{SHAPE_BYTES, 1, 0}, // c4 bin
	{SHAPE_BYTES, 2, 0}, // c5
	{SHAPE_BYTES, 4, 0}, // c6
	{SHAPE_BYTES, 1, 1}, // c7 ext
	{SHAPE_BYTES, 2, 1}, // c8
	{SHAPE_BYTES, 4, 1}, // c9
	{SHAPE_PLAIN, 0, 4}, // ca float
	{SHAPE_PLAIN, 0, 8}, // cb
	{SHAPE_PLAIN, 0, 1}, // cc uint
	{SHAPE_PLAIN, 0, 2}, // cd
	{SHAPE_PLAIN, 0, 4}, // ce
	{SHAPE_PLAIN, 0, 8}, // cf
	{SHAPE_PLAIN, 0, 1}, // d0 int
	{SHAPE_PLAIN, 0, 2}, // d1
	{SHAPE_PLAIN, 0, 4}, // d2
	{SHAPE_PLAIN, 0, 8}, // d3
	{SHAPE_PLAIN, 0, 2}, // d4 fixext
	{SHAPE_PLAIN, 0, 3}, // d5
	{SHAPE_PLAIN, 0, 5}, // d6
	{SHAPE_PLAIN, 0, 9}, // d7
	{SHAPE_PLAIN, 0, 17}, // d8
	{SHAPE_BYTES, 1, 0}, // d9 str
	{SHAPE_BYTES, 2, 0}, // da
	{SHAPE_BYTES, 4, 0}, // db
	{SHAPE_ARRAY, 2, 0}, // dc
	{SHAPE_ARRAY, 4, 0}, // dd
	{SHAPE_MAP, 2, 0}, // de
	{SHAPE_MAP, 4, 0}, // df
};

static void set_counted(enum shape shape, size_t number, struct pack_head *out) {
	if (shape == SHAPE_BYTES)
		out->body_bytes += number;
	else if (shape == SHAPE_ARRAY)
		out->children = number;
	else if (shape == SHAPE_MAP)
		out->children = number * 2;
}

int pack_scan_head(const unsigned char *bytes, size_t len, struct pack_head *out) {
	struct pack_head head = {.head_bytes = 1};
	size_t number = 0;
	unsigned index;

	if (len == 0)
		return -EBADMSG;
	if (bytes[0] <= 0x7f || bytes[0] >= 0xe0) {
		// A small number is its own header.
	} else if (bytes[0] <= 0x8f) {
		set_counted(SHAPE_MAP, bytes[0] & 0x0fu, &head);
	} else if (bytes[0] <= 0x9f) {
		set_counted(SHAPE_ARRAY, bytes[0] & 0x0fu, &head);
	} else if (bytes[0] <= 0xbf) {
		set_counted(SHAPE_BYTES, bytes[0] & 0x1fu, &head);
	} else {
		index = bytes[0] - 0xc0u;
		head.head_bytes += types[index].length_bytes;
		head.body_bytes = types[index].fixed_bytes;
		if (types[index].shape == SHAPE_BAD || head.head_bytes > len)
			return -EBADMSG;
		for (size_t i = 1; i < head.head_bytes; i++)
			number = (number << 8) | bytes[i];
		set_counted(types[index].shape, number, &head);
	}
	*out = head;
	return 0;
}

int pack_scan(const unsigned char *bytes, size_t len, size_t *value_bytes) {
	// Values still to come in each container.
	size_t open[PACK_DEPTH_MAX];
	size_t depth = 0;
	size_t at = 0;

	for (;;) {
		struct pack_head head;

		if (pack_scan_head(bytes + at, len - at, &head) < 0)
			return -EBADMSG;
		at += head.head_bytes;
		if (head.body_bytes > len - at)
			return -EBADMSG;
		at += head.body_bytes;
		if (head.children > len - at) // each takes a byte at least
			return -EBADMSG;
		if (head.children > 0) {
			if (depth == PACK_DEPTH_MAX)
				return -EBADMSG;
			open[depth++] = head.children;
			continue;
		}
		while (depth > 0 && --open[depth - 1] == 0)
			depth--;
		if (depth == 0)
			break;
	}
	*value_bytes = at;
	return 0;
}
