// SPDX-License-Identifier: MPL-2.0
// record: a candidate as a topic holds it.
#include "common/kafka/record.h"

#include <errno.h>
#include <string.h>

enum { RECORD_ENTRIES = 9 };

// Exact for every reader, and no sum overflows.
static const int64_t time_most = INT64_C(1) << 53;

int record_encode(
	struct pack *pack,
	const char *target,
	const char *run,
	const struct candidate *candidate,
	const unsigned char **data,
	size_t *len
) {
	static const unsigned char empty_map = 0x80;
	size_t data_bytes = candidate->data_bytes;

	if (strlen(target) >= RECORD_NAME_BYTES || strlen(run) >= RECORD_NAME_BYTES ||
	    strlen(candidate->id) >= RECORD_ID_BYTES)
		return -EMSGSIZE;
	pack_reset(pack, RECORD_ENTRIES);
	pack_int(pack, "v", RECORD_VERSION);
	pack_str(pack, "t", target);
	pack_str(pack, "id", candidate->id);
	pack_int(pack, "k", candidate->key);
	pack_int(pack, "at", candidate->at);
	pack_int(pack, "cut", candidate->cutoff);
	pack_int(pack, "seen", candidate->seen_ms);
	pack_str(pack, "run", run);
	pack_raw(
		pack,
		"d",
		data_bytes > 0 ? candidate->data : &empty_map,
		data_bytes > 0 ? data_bytes : sizeof(empty_map)
	);
	return pack_data(pack, data, len);
}

static int fail(struct record *head, const char *fault) {
	head->fault = fault;
	return -EBADMSG;
}

static int read_head(const struct unpack *unpack, struct record *head) {
	if (unpack_int(unpack, "v", &head->version) < 0 || head->version < 1)
		return fail(head, "bad_version");
	if (head->version > RECORD_VERSION)
		return fail(head, "newer_version");
	if (unpack_str(unpack, "t", head->target, sizeof(head->target)) < 0)
		return fail(head, "bad_target");
	if (unpack_str(unpack, "run", head->run, sizeof(head->run)) < 0)
		return fail(head, "bad_run");
	return 0;
}

// A time that we wrote; the row's own time is whatever its table holds.
static int read_time(const struct unpack *unpack, const char *key, int64_t *out) {
	int err = unpack_int(unpack, key, out);

	if (err == 0 && (*out < 0 || *out > time_most))
		err = -EPROTO;
	return err;
}

static int read_numbers(const struct unpack *unpack, struct record *head, struct candidate *like) {
	if (unpack_int(unpack, "k", &like->key) < 0)
		return fail(head, "bad_key");
	if (unpack_int(unpack, "at", &like->at) < 0 ||
	    read_time(unpack, "cut", &like->cutoff) < 0 ||
	    read_time(unpack, "seen", &like->seen_ms) < 0)
		return fail(head, "bad_time");
	return 0;
}

// `d`, which lies in the bytes that were read.
static int read_data(const struct unpack *unpack, struct record *head, struct candidate *like) {
	const unsigned char *data = NULL;
	int err = unpack_map(unpack, "d", &data, &like->data_bytes);

	like->data = (unsigned char *)data; // candidate_new copies it
	return err < 0 ? fail(head, "bad_data") : 0;
}

int record_decode(const void *bytes, size_t len, struct record *head, struct candidate **out) {
	char id[RECORD_ID_BYTES];
	struct candidate like = {.id = id};
	struct candidate *candidate;
	struct unpack *unpack;
	int err;

	*head = (struct record){.version = 0};
	err = unpack_open(&unpack, bytes, len);
	if (err < 0)
		return err == -ENOMEM ? err : fail(head, "not_a_map");
	err = read_head(unpack, head);
	if (err == 0 && (unpack_str(unpack, "id", id, sizeof(id)) < 0 || id[0] == '\0'))
		err = fail(head, "bad_id");
	if (err == 0)
		err = read_numbers(unpack, head, &like);
	if (err == 0)
		err = read_data(unpack, head, &like);
	candidate = err == 0 ? candidate_new(&like) : NULL;
	unpack_close(unpack);
	if (err == 0 && candidate == NULL)
		err = -ENOMEM;
	if (err == 0)
		*out = candidate;
	return err;
}
