// SPDX-License-Identifier: MPL-2.0
// ring_index: what the index at the end of a ring of format 2 says.
//
// The last 16 bytes are two numbers: where the index begins, in what was inflated and in the file.
// The second would save a reader from inflating all, and is wrong in a file that was compressed
// anew.
#include "common/targets/swift/ring/ring_index.h"

#include "common/targets/swift/ring/ring_json.h"
#include "common/targets/swift/ring/ring_span.h"
#include "common/text/hex.h"

#include <errno.h>
#include <jansson.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>

enum { OFFSET_BYTES = 8, TAIL_BYTES = 2 * OFFSET_BYTES };

// What the index has of each section: where it begins and ends in the file, in what was inflated,
// the kind of its digest and the digest.
enum { ENTRY_START = 1, ENTRY_END = 3, ENTRY_KIND, ENTRY_DIGEST, ENTRY_FIELDS };

// Those that Swift takes; it writes sha256.
static const EVP_MD *digest_kind(const char *name) {
	static const char *const names[] = {"md5", "sha1", "sha256", "sha512"};

	for (size_t i = 0; name != NULL && i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i]) == 0)
			return EVP_get_digestbyname(name);
	}
	return NULL;
}

// Is `text` the digest in hexadecimal?
static bool is_digest(const char *text, const unsigned char *digest, size_t len) {
	if (text == NULL || strlen(text) != 2 * len)
		return false;
	for (size_t i = 0; i < len; i++) {
		int high = hex_value(text[2 * i]);
		int low = hex_value(text[2 * i + 1]);

		if (high < 0 || low < 0 || (high << 4 | low) != digest[i])
			return false;
	}
	return true;
}

static int compare_digest(
	const json_t *entry, struct ring_span section, const char *name, const struct words *words
) {
	const char *kind = json_string_value(json_array_get(entry, ENTRY_KIND));
	const EVP_MD *md = digest_kind(kind);
	unsigned char digest[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	if (md == NULL)
		return words_say(words, -EINVAL, "section %s has no known kind of digest", name);
	if (EVP_Digest(section.bytes, section.len, digest, &len, md, NULL) != 1)
		return words_say(words, -EIO, "OpenSSL makes no digest of kind %s here", kind);
	if (!is_digest(json_string_value(json_array_get(entry, ENTRY_DIGEST)), digest, len))
		return words_say(words, -EINVAL, "section %s has another digest", name);
	return 0;
}

// An offset that is no number becomes one that lies nowhere.
static uint64_t offset_of(const json_t *entry, size_t field) {
	const json_t *value = json_array_get(entry, field);

	if (!json_is_integer(value) || json_integer_value(value) < 0)
		return UINT64_MAX;
	return (uint64_t)json_integer_value(value);
}

// The digest is of the length and the data.
static int find_section(
	struct ring_span *out,
	struct ring_span all,
	const json_t *index,
	const char *name,
	const struct words *words
) {
	const json_t *entry = json_object_get(index, name);
	uint64_t start = offset_of(entry, ENTRY_START);

	if (entry == NULL)
		return words_say(words, -EINVAL, "section %s is missing", name);
	if (json_array_size(entry) != ENTRY_FIELDS || ring_span_blob(out, all, start) < 0 ||
	    start + OFFSET_BYTES + out->len != offset_of(entry, ENTRY_END))
		return words_say(words, -EINVAL, "section %s is not where it should be", name);
	return compare_digest(
		entry, (struct ring_span){all.bytes + start, OFFSET_BYTES + out->len}, name, words
	);
}

static int find_index(struct ring_span *out, struct ring_span all, const struct words *words) {
	struct ring_span before = {all.bytes, all.len - TAIL_BYTES};
	uint64_t start;

	if (all.len < TAIL_BYTES)
		return words_say(words, -EINVAL, "it ends before its index");
	start = ring_span_number(all.bytes + before.len, OFFSET_BYTES);
	if (ring_span_blob(out, before, start) < 0 ||
	    out->bytes + out->len != before.bytes + before.len)
		return words_say(words, -EINVAL, "its index is not where it should be");
	return 0;
}

int ring_index_find(
	struct ring_sections *out, struct ring_span inflated, const struct words *words
) {
	struct ring_span text = {.len = 0};
	json_t *index = NULL;
	int err = find_index(&text, inflated, words);

	if (err == 0)
		err = ring_json_load(&index, text, "index", words);
	if (err == 0)
		err = find_section(&out->metadata, inflated, index, "swift/ring/metadata", words);
	if (err == 0)
		err = find_section(&out->devices, inflated, index, "swift/ring/devices", words);
	if (err == 0)
		err = find_section(
			&out->assignments, inflated, index, "swift/ring/assignments", words
		);
	json_decref(index);
	return err;
}
