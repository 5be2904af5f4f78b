// SPDX-License-Identifier: MPL-2.0
// chunk: the rows of one table that one transaction removes.
#include "common/targets/softdelete/deletion/chunk.h"

#include "common/pack/pack.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { KEYS_BYTES_MAX = 60 * 1024, LENGTH_BYTES = 2 };

int chunk_writer_init(struct chunk_writer *writer) {
	*writer = (struct chunk_writer){.pack = pack_new(), .bytes = malloc(KEYS_BYTES_MAX)};
	if (writer->pack != NULL && writer->bytes != NULL)
		return 0;
	chunk_writer_fini(writer);
	return -ENOMEM;
}

void chunk_writer_fini(struct chunk_writer *writer) {
	pack_free(writer->pack);
	free(writer->bytes);
	*writer = (struct chunk_writer){.pack = NULL};
}

void chunk_writer_clear(struct chunk_writer *writer) {
	writer->len = 0;
	writer->count = 0;
}

bool chunk_writer_add(struct chunk_writer *writer, const char *text, size_t len, int64_t at_ms) {
	unsigned char *out = writer->bytes + writer->len;

	if (len > UINT16_MAX || writer->len + LENGTH_BYTES + len > KEYS_BYTES_MAX ||
	    writer->count == CHUNK_KEYS_MAX)
		return false;
	out[0] = (unsigned char)(len >> 8);
	out[1] = (unsigned char)(len & 0xFF);
	memcpy(out + LENGTH_BYTES, text, len);
	writer->len += LENGTH_BYTES + len;
	if (writer->count == 0 || at_ms < writer->oldest_ms)
		writer->oldest_ms = at_ms;
	if (writer->count == 0 || at_ms > writer->newest_ms)
		writer->newest_ms = at_ms;
	writer->count++;
	return true;
}

int chunk_writer_data(
	struct chunk_writer *writer,
	const struct table *table,
	const char *cutoff,
	bool text_keys,
	const unsigned char **data,
	size_t *len
) {
	pack_reset(writer->pack, 6);
	pack_str(writer->pack, "table", table->name);
	pack_str(writer->pack, "before", cutoff);
	pack_bool(writer->pack, "text", text_keys);
	pack_int(writer->pack, "oldest", writer->oldest_ms);
	pack_int(writer->pack, "newest", writer->newest_ms);
	pack_bin(writer->pack, "keys", writer->bytes, writer->len);
	return pack_data(writer->pack, data, len);
}

// What goes into a statement as it stands must be a number.
static bool is_integer(const struct chunk_key *key) {
	size_t digits = key->len > 0 && key->text[0] == '-' ? 1 : 0;

	if (key->len == digits || key->len > 20)
		return false;
	for (; digits < key->len; digits++)
		if (key->text[digits] < '0' || key->text[digits] > '9')
			return false;
	return true;
}

static bool is_cutoff(const char *text) {
	return text[0] != '\0' && text[strspn(text, "0123456789-:. ")] == '\0';
}

static int read_keys(struct chunk *chunk, const unsigned char *bytes, size_t len) {
	while (len > 0) {
		struct chunk_key *key = &chunk->keys[chunk->count];

		if (chunk->count == CHUNK_KEYS_MAX || len < LENGTH_BYTES)
			return -EBADMSG;
		key->len = (size_t)bytes[0] << 8 | bytes[1];
		key->text = (const char *)bytes + LENGTH_BYTES;
		if (len - LENGTH_BYTES < key->len || (!chunk->text_keys && !is_integer(key)))
			return -EBADMSG;
		bytes += LENGTH_BYTES + key->len;
		len -= LENGTH_BYTES + key->len;
		chunk->count++;
	}
	return chunk->count == 0 ? -EBADMSG : 0;
}

// A record of an earlier version has none: the candidate's own time stands for all of its rows.
static int read_time(const struct unpack *unpack, const char *key, int64_t *out) {
	int err = unpack_int(unpack, key, out);

	return err == -ENOENT ? 0 : err;
}

static int read_all(struct chunk *chunk, const struct preset *preset, const struct unpack *unpack) {
	char name[PRESET_NAME_BYTES];
	const unsigned char *keys;
	size_t len;

	if (unpack_str(unpack, "table", name, sizeof(name)) < 0 ||
	    unpack_str(unpack, "before", chunk->cutoff, sizeof(chunk->cutoff)) < 0 ||
	    unpack_bool(unpack, "text", &chunk->text_keys) < 0 ||
	    read_time(unpack, "oldest", &chunk->oldest_ms) < 0 ||
	    read_time(unpack, "newest", &chunk->newest_ms) < 0 ||
	    unpack_bin(unpack, "keys", &keys, &len) < 0)
		return -EBADMSG;
	chunk->table = preset_find(preset, name);
	if (chunk->table == NULL || chunk->table->goes_with[0] != '\0' || !is_cutoff(chunk->cutoff))
		return -EBADMSG;
	return read_keys(chunk, keys, len);
}

int chunk_read(struct chunk **out, const struct preset *preset, const struct candidate *candidate) {
	struct chunk *chunk = calloc(1, sizeof(*chunk) + CHUNK_KEYS_MAX * sizeof(struct chunk_key));
	struct unpack *unpack = NULL;
	int err = -ENOMEM;

	if (chunk != NULL)
		err = unpack_open(&unpack, candidate->data, candidate->data_bytes);
	if (err == 0) {
		chunk->oldest_ms = chunk->newest_ms = candidate->at;
		err = read_all(chunk, preset, unpack);
		unpack_close(unpack);
	}
	if (err < 0) {
		chunk_free(chunk);
		return err;
	}
	*out = chunk;
	return 0;
}

void chunk_free(struct chunk *chunk) {
	if (chunk == NULL)
		return;
	free(chunk->failures);
	free(chunk);
}

bool chunk_is_in_doubt(const struct chunk *chunk) {
	return chunk->lost.count > 0 || chunk->along.lost > 0;
}

void chunk_settle(struct chunk *chunk, const struct chunk_commit *commit) {
	chunk->settled += commit->count;
	chunk->removed.rows += commit->removed.rows;
	chunk->removed.rows_along += commit->removed.rows_along;
	chunk->removed.spared += commit->removed.spared;
	chunk->failure_count += commit->failure_count;
	chunk->lost = (struct chunk_commit){.count = 0};
	if (commit->count > 0)
		chunk->along = (struct chunk_along){.left = 0};
}

int chunk_note_failure(
	struct chunk *chunk, const struct chunk_key *key, enum reason reason, const char *words
) {
	struct chunk_failure *more = realloc(
		chunk->failures, (chunk->failure_count + 1) * sizeof(*more)
	);
	struct chunk_failure *failure;

	if (more == NULL)
		return -ENOMEM;
	chunk->failures = more;
	failure = &more[chunk->failure_count++];
	failure->reason = reason;
	snprintf(
		failure->id,
		sizeof(failure->id),
		"%.*s",
		(int)(key->len < 150 ? key->len : 150),
		key->text
	);
	snprintf(failure->words, sizeof(failure->words), "%s", words);
	return 0;
}
