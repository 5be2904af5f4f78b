// SPDX-License-Identifier: MPL-2.0
// replay: which records a replay does again.
#include "common/kafka/topics/replay.h"

#include "common/base/buf.h"
#include "common/text/number.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { REPLAY_VERSION = 1, ENTRIES = 12 };

void replay_fini(struct replay *replay) {
	free(replay->spans);
	*replay = (struct replay){.count = 0};
}

bool replay_id_is_valid(const char *id) {
	static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789._-";
	size_t len = strlen(id);

	return len > 0 && len < REPLAY_ID_BYTES && strspn(id, letters) == len;
}

void replay_key(const char *id, char out[REPLAY_KEY_BYTES]) {
	snprintf(out, REPLAY_KEY_BYTES, REPLAY_KEY "%s", id);
}

const char *replay_id_of_key(const char *key) {
	const size_t len = strlen(REPLAY_KEY);

	return strncmp(key, REPLAY_KEY, len) == 0 && replay_id_is_valid(key + len) ? key + len
										   : NULL;
}

void replay_group(
	const char *usual, const char *id, int64_t created_ms, char out[REPLAY_GROUP_BYTES]
) {
	snprintf(out, REPLAY_GROUP_BYTES, "%.120s.replay.%.64s.%" PRId64, usual, id, created_ms);
}

// --- pack

// "START-END,START-END"
static void write_spans(const struct replay *replay, struct buf *text) {
	for (size_t i = 0; i < replay->count; i++)
		buf_fmt(text,
			"%s%" PRId64 "-%" PRId64,
			i == 0 ? "" : ",",
			replay->spans[i].start,
			replay->spans[i].end);
}

static void pack_limit(struct pack *pack, const char *key, bool has_limit, int64_t limit) {
	if (has_limit)
		pack_int(pack, key, limit);
	else
		pack_str(pack, key, NULL);
}

int replay_pack(
	const struct replay *replay, struct pack *pack, const unsigned char **data, size_t *len
) {
	struct buf spans;
	int err;

	buf_init(&spans, PACK_BYTES_MAX);
	write_spans(replay, &spans);
	pack_reset(pack, ENTRIES);
	pack_int(pack, "v", REPLAY_VERSION);
	pack_str(pack, "group", replay->group);
	pack_str(pack, "scope", replay->scope);
	pack_int(pack, "created", replay->created_ms);
	pack_str(pack, "from", replay->from);
	pack_str(pack, "to", replay->to);
	pack_int(pack, "deleted", replay->deleted);
	pack_limit(pack, "range_start", replay->has_range_start, replay->range_start);
	pack_limit(pack, "range_end", replay->has_range_end, replay->range_end);
	pack_str(pack, "node", replay->node[0] == '\0' ? NULL : replay->node);
	pack_int(pack, "node_id", replay->node_id);
	pack_str(pack, "spans", buf_text(&spans));
	err = spans.error < 0 ? spans.error : pack_data(pack, data, len);
	buf_fini(&spans);
	return err;
}

// --- unpack

// Steps over one offset and the `end` behind it (the last one has none). False: it is none.
static bool read_offset(const char **at, char end, int64_t *out) {
	size_t len = strcspn(*at, "-,");

	if ((*at)[len] != end && !(end == ',' && (*at)[len] == '\0'))
		return false;
	if (number_parse(*at, len, 0, INT64_MAX, out) < 0)
		return false;
	*at += len + ((*at)[len] == '\0' ? 0 : 1);
	return true;
}

static size_t count_spans(const char *text) {
	size_t count = 1;

	for (; *text != '\0'; text++)
		count += *text == ',';
	return count;
}

static int read_spans(struct replay *out, const char *text) {
	size_t count = count_spans(text);
	int64_t records = 0;

	out->spans = calloc(count, sizeof(*out->spans));
	if (out->spans == NULL)
		return -ENOMEM;
	for (; out->count < count; out->count++) {
		struct replay_span *span = &out->spans[out->count];

		if (!read_offset(&text, '-', &span->start) ||
		    !read_offset(&text, ',', &span->end) || span->end < span->start ||
		    __builtin_add_overflow(records, span->end - span->start, &records))
			return -EBADMSG;
	}
	return 0;
}

static int unpack_spans(const struct unpack *unpack, struct replay *out) {
	char *text = malloc(PACK_BYTES_MAX);
	int err = text == NULL ? -ENOMEM : 0;

	if (err == 0 && unpack_str(unpack, "spans", text, PACK_BYTES_MAX) < 0)
		err = -EBADMSG;
	if (err == 0)
		err = read_spans(out, text);
	free(text);
	return err;
}

// Absent or nil: there is none.
static int unpack_limit(
	const struct unpack *unpack, const char *key, bool *has_limit, int64_t *limit
) {
	int err = unpack_int(unpack, key, limit);

	*has_limit = err == 0;
	return err == -ENOENT ? 0 : err;
}

static int unpack_filters(const struct unpack *unpack, struct replay *out) {
	int err = unpack_limit(unpack, "range_start", &out->has_range_start, &out->range_start);

	if (err == 0)
		err = unpack_limit(unpack, "range_end", &out->has_range_end, &out->range_end);
	if (err == 0)
		err = unpack_str(unpack, "node", out->node, sizeof(out->node));
	if (err == 0 || err == -ENOENT)
		err = unpack_int(unpack, "node_id", &out->node_id);
	return err == -ENOENT ? 0 : err;
}

static int unpack_all(const struct unpack *unpack, struct replay *out) {
	int64_t version = 0;
	int err = unpack_int(unpack, "v", &version);

	if (err == 0 && version != REPLAY_VERSION)
		err = -EPROTO;
	if (err == 0)
		err = unpack_str(unpack, "group", out->group, sizeof(out->group));
	if (err == 0)
		err = unpack_str(unpack, "scope", out->scope, sizeof(out->scope));
	if (err == 0)
		err = unpack_int(unpack, "created", &out->created_ms);
	if (err == 0)
		err = unpack_str(unpack, "from", out->from, sizeof(out->from));
	if (err == 0)
		err = unpack_str(unpack, "to", out->to, sizeof(out->to));
	if (err == 0)
		err = unpack_int(unpack, "deleted", &out->deleted);
	if (err == 0)
		err = unpack_filters(unpack, out);
	return err < 0 ? -EBADMSG : unpack_spans(unpack, out);
}

int replay_unpack(struct replay *out, const char *id, const void *bytes, size_t len) {
	struct unpack *unpack = NULL;
	int err;

	*out = (struct replay){.count = 0};
	err = unpack_open(&unpack, bytes, len);
	if (err < 0)
		return err;
	snprintf(out->id, sizeof(out->id), "%s", id);
	err = unpack_all(unpack, out);
	unpack_close(unpack);
	if (err < 0)
		replay_fini(out);
	return err;
}

// --- what it is about

struct replay_span replay_span_of(const struct replay *replay, int32_t partition) {
	if (partition < 0 || (size_t)partition >= replay->count)
		return (struct replay_span){0, 0};
	return replay->spans[partition];
}

int64_t replay_records(const struct replay *replay) {
	int64_t records = 0;

	for (size_t i = 0; i < replay->count; i++)
		records += replay->spans[i].end - replay->spans[i].start;
	return records;
}

bool replay_has_key(const struct replay *replay, int64_t key) {
	return (!replay->has_range_start || key > replay->range_start) &&
		(!replay->has_range_end || key < replay->range_end);
}
