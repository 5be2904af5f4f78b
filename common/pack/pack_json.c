// SPDX-License-Identifier: MPL-2.0
// pack_json: shows an encoded MessagePack value as JSON.
#include "common/pack/pack_json.h"

#include "common/pack/pack.h"
#include "common/pack/pack_scan.h"
#include "common/text/hex.h"

#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <string.h>

enum { FLOAT32 = 0xca, FLOAT64 = 0xcb, INT8 = 0xd0, INT16 = 0xd1, INT32 = 0xd2, INT64 = 0xd3 };

static uint64_t read_number(const unsigned char *bytes, size_t len) {
	uint64_t number = 0;

	for (size_t i = 0; i < len; i++)
		number = (number << 8) | bytes[i];
	return number;
}

static void add_double(struct buf *out, double number) {
	if (isfinite(number))
		buf_fmt(out, "%.17g", number);
	else
		buf_str(out, "null");
}

static void add_hex(struct buf *out, const unsigned char *bytes, size_t len) {
	buf_str(out, "\"");
	hex_add(out, bytes, len);
	buf_str(out, "\"");
}

static void add_text(struct buf *out, const unsigned char *bytes, size_t len) {
	buf_str(out, "\"");
	if (len > 0)
		buf_json(out, (const char *)bytes, len);
	buf_str(out, "\"");
}

// A number of a fixed width behind its type.
static void add_number(struct buf *out, unsigned char type, const unsigned char *body, size_t len) {
	uint64_t number = read_number(body, len);
	uint32_t bits32 = (uint32_t)number;
	float single;
	double dbl;

	switch (type) {
	case FLOAT32:
		memcpy(&single, &bits32, sizeof(single));
		add_double(out, (double)single);
		break;
	case FLOAT64:
		memcpy(&dbl, &number, sizeof(dbl));
		add_double(out, dbl);
		break;
	case INT8:
		buf_fmt(out, "%d", (int8_t)number);
		break;
	case INT16:
		buf_fmt(out, "%d", (int16_t)number);
		break;
	case INT32:
		buf_fmt(out, "%" PRId32, (int32_t)number);
		break;
	case INT64:
		buf_fmt(out, "%" PRId64, (int64_t)number);
		break;
	default:
		buf_fmt(out, "%" PRIu64, number);
		break;
	}
}

static bool is_text(unsigned char type) {
	return (type >= 0xa0 && type <= 0xbf) || (type >= 0xd9 && type <= 0xdb);
}

static bool is_map(unsigned char type) {
	return (type >= 0x80 && type <= 0x8f) || type == 0xde || type == 0xdf;
}

static bool is_array(unsigned char type) {
	return (type >= 0x90 && type <= 0x9f) || type == 0xdc || type == 0xdd;
}

// A value that holds no other.
static void add_leaf(struct buf *out, const unsigned char *bytes, const struct pack_head *head) {
	const unsigned char *body = bytes + head->head_bytes;
	unsigned char type = bytes[0];

	if (type <= 0x7f)
		buf_fmt(out, "%d", type);
	else if (type >= 0xe0)
		buf_fmt(out, "%d", (int)type - 256);
	else if (type == 0xc0)
		buf_str(out, "null");
	else if (type == 0xc2 || type == 0xc3)
		buf_str(out, type == 0xc3 ? "true" : "false");
	else if (is_text(type))
		add_text(out, body, head->body_bytes);
	else if (type >= FLOAT32 && type <= INT64)
		add_number(out, type, body, head->body_bytes);
	else
		add_hex(out, body, head->body_bytes);
}

// A map or an array under way.
struct level {
	size_t left; // values still to come
	bool is_map;
	bool is_first;
};

// What stands between two values, and before the first.
static void add_separator(struct buf *out, struct level *level) {
	if (level->is_map && level->left % 2 == 1)
		buf_str(out, ":");
	else if (!level->is_first)
		buf_str(out, ",");
	level->is_first = false;
	level->left--;
}

static size_t add_key(struct buf *out, const unsigned char *bytes, size_t len) {
	struct pack_head head;
	size_t used = 0;

	if (is_text(bytes[0]) && pack_scan_head(bytes, len, &head) == 0) {
		add_leaf(out, bytes, &head);
		return head.head_bytes + head.body_bytes;
	}
	if (pack_scan(bytes, len, &used) == 0)
		add_hex(out, bytes, used);
	return used;
}

struct walk {
	struct buf *out;
	const unsigned char *bytes;
	size_t len;
	size_t at;
	struct level levels[PACK_DEPTH_MAX + 1];
	size_t depth;
};

static void open_level(struct walk *walk, const struct pack_head *head) {
	bool map = is_map(walk->bytes[walk->at]);

	buf_str(walk->out, map ? "{" : "[");
	if (head->children == 0)
		buf_str(walk->out, map ? "}" : "]");
	else
		walk->levels[walk->depth++] = (struct level){head->children, map, true};
}

static void close_levels(struct walk *walk) {
	for (; walk->depth > 0 && walk->levels[walk->depth - 1].left == 0; walk->depth--)
		buf_str(walk->out, walk->levels[walk->depth - 1].is_map ? "}" : "]");
}

// True: it was a key.
static bool begin_value(struct walk *walk) {
	struct level *level = walk->depth > 0 ? &walk->levels[walk->depth - 1] : NULL;
	bool is_key = level != NULL && level->is_map && level->left % 2 == 0;

	if (level != NULL)
		add_separator(walk->out, level);
	if (is_key)
		walk->at += add_key(walk->out, walk->bytes + walk->at, walk->len - walk->at);
	return is_key;
}

// Well-formed, as pack_scan has said.
static void add_value(struct buf *out, const unsigned char *bytes, size_t len) {
	struct walk walk = {.out = out, .bytes = bytes, .len = len};

	do {
		const unsigned char *here;
		struct pack_head head;

		if (begin_value(&walk))
			continue;
		here = bytes + walk.at;
		if (pack_scan_head(here, len - walk.at, &head) < 0)
			return;
		if (is_map(*here) || is_array(*here))
			open_level(&walk, &head);
		else
			add_leaf(out, here, &head);
		walk.at += head.head_bytes + head.body_bytes;
		close_levels(&walk);
	} while (walk.depth > 0);
}

int pack_json(struct buf *out, const unsigned char *bytes, size_t len, size_t *value_bytes) {
	int err = pack_scan(bytes, len, value_bytes);

	if (err < 0)
		return err;
	add_value(out, bytes, *value_bytes);
	return out->error;
}
