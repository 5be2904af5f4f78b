// SPDX-License-Identifier: MPL-2.0
// ring_text: the bytes of rings made by hand, as they are when inflated.
#include "support/ring_text.h"

#include "common/text/hex.h"
#include "support/test.h"

#include <openssl/evp.h>
#include <string.h>

static void add_number(struct buf *out, uint64_t number, int bytes) {
	for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
		unsigned char byte = (unsigned char)(number >> shift);

		buf_add(out, &byte, 1);
	}
}

void ring_text_v1(struct buf *out, const struct ring_text *text) {
	buf_init(out, 0);
	buf_add(out, "R1NG\0\1", 6);
	add_number(out, strlen(text->metadata), 4);
	buf_str(out, text->metadata);
	buf_add(out, text->assignments, text->assignment_bytes);
	assert_int_equal(out->error, 0);
}

// Adds a section, and what the index has of it.
static void add_section(
	struct buf *out, struct buf *index, const char *name, const void *bytes, size_t len
) {
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned digest_bytes = 0;
	size_t start = out->len;

	add_number(out, len, 8);
	buf_add(out, bytes, len);
	assert_int_equal(
		EVP_Digest(out->data + start, len + 8, digest, &digest_bytes, EVP_sha256(), NULL), 1
	);
	buf_fmt(index,
		"%s\"swift/ring/%s\": [6, %zu, 9, %zu, ",
		index->len == 0 ? "{" : ", ",
		name,
		start,
		out->len);
	buf_str(index, "\"sha256\", \"");
	hex_add(index, digest, digest_bytes);
	buf_str(index, "\"]");
}

void ring_text_v2(struct buf *out, const struct ring_text *text) {
	struct buf index;
	size_t start;

	buf_init(out, 0);
	buf_init(&index, 0);
	buf_add(out, "R1NG\0\2", 6);
	add_section(out, &index, "metadata", text->metadata, strlen(text->metadata));
	add_section(out, &index, "devices", text->devices, strlen(text->devices));
	add_section(out, &index, "assignments", text->assignments, text->assignment_bytes);
	buf_str(&index, "}");
	start = out->len;
	add_number(out, index.len, 8);
	buf_add(out, index.data, index.len);
	add_number(out, start, 8);
	add_number(out, 77, 8);
	assert_int_equal(index.error, 0);
	assert_int_equal(out->error, 0);
	buf_fini(&index);
}
