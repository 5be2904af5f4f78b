// SPDX-License-Identifier: MPL-2.0
// container_record: a container of a deleted account, as the queue carries it.
#include "common/targets/swift/record/container_record.h"

#include "common/base/buf.h"
#include "common/candidate.h"
#include "common/pack/pack.h"
#include "common/page.h"
#include "common/targets/swift/ring/name_hash.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define KEY_ACCOUNT "account"
#define KEY_CONTAINER "container"
#define KEY_MARKER "marker"
#define KEY_SOURCE_ACCOUNT "source_account"
#define KEY_SOURCE_CONTAINER "source_container"
#define KEY_SOURCE_SERVER "source_server"
#define KEY_SOURCE_POLICY "source_policy"

enum {
	ACCOUNT_BYTES_MOST = 256 * 4,
	CONTAINER_BYTES_MOST = 256 * 4,
	MARKER_BYTES_MOST = 8192,
	ID_BYTES_MOST = 400,
	KEY_BITS = 62,
};

// --- reading

static int read_name(
	const struct unpack *unpack, const char *key, size_t most, struct name_part *out
) {
	const unsigned char *bytes;

	if (unpack_bin(unpack, key, &bytes, &out->len) < 0 || out->len > most)
		return -EBADMSG;
	out->bytes = (const char *)bytes;
	return 0;
}

// An account or a container has no slash in its name: with one, a request would go elsewhere.
static bool is_part(const struct name_part *name) {
	return name->len > 0 && memchr(name->bytes, '/', name->len) == NULL;
}

// It need not be there.
static int read_source(struct record_source *out, const struct unpack *unpack) {
	int err = read_name(unpack, KEY_SOURCE_ACCOUNT, ACCOUNT_BYTES_MOST, &out->account);

	if (err < 0) {
		*out = (struct record_source){.account = {"", 0}, .container = {"", 0}};
		return 0;
	}
	err = read_name(unpack, KEY_SOURCE_CONTAINER, CONTAINER_BYTES_MOST, &out->container);
	if (err == 0 && (!is_part(&out->account) || !is_part(&out->container)))
		err = -EBADMSG;
	if (err == 0 &&
	    (unpack_int(unpack, KEY_SOURCE_SERVER, &out->server) < 0 ||
	     unpack_int(unpack, KEY_SOURCE_POLICY, &out->policy) < 0))
		err = -EBADMSG;
	return err;
}

static int read_names(struct container_record *out, const struct unpack *unpack) {
	int err = read_name(unpack, KEY_ACCOUNT, ACCOUNT_BYTES_MOST, &out->account);

	if (err == 0)
		err = read_name(unpack, KEY_CONTAINER, CONTAINER_BYTES_MOST, &out->container);
	if (err == 0)
		err = read_name(unpack, KEY_MARKER, MARKER_BYTES_MOST, &out->marker);
	if (err == 0 && (!is_part(&out->account) || !is_part(&out->container)))
		err = -EBADMSG;
	return err == 0 ? read_source(&out->source, unpack) : err;
}

static void move(struct name_part *name, const unsigned char *from, const char *to) {
	if (name->len > 0)
		name->bytes = to + (name->bytes - (const char *)from);
}

int container_record_read(struct container_record *out, const struct candidate *candidate) {
	struct unpack *unpack;
	int err = unpack_open(&unpack, candidate->data, candidate->data_bytes);

	*out = (struct container_record){.bytes = NULL};
	if (err < 0)
		return err;
	err = read_names(out, unpack);
	unpack_close(unpack);
	if (err == 0) {
		out->bytes = malloc(candidate->data_bytes);
		err = out->bytes == NULL ? -ENOMEM : 0;
	}
	if (err < 0) {
		*out = (struct container_record){.bytes = NULL};
		return err;
	}
	memcpy(out->bytes, candidate->data, candidate->data_bytes);
	move(&out->account, candidate->data, out->bytes);
	move(&out->container, candidate->data, out->bytes);
	move(&out->marker, candidate->data, out->bytes);
	move(&out->source.account, candidate->data, out->bytes);
	move(&out->source.container, candidate->data, out->bytes);
	return 0;
}

void container_record_fini(struct container_record *record) {
	free(record->bytes);
	*record = (struct container_record){.bytes = NULL};
}

// --- writing

static void write_names(struct pack *pack, const struct container_record *record) {
	const struct record_source *source = &record->source;
	bool has_source = source->account.len > 0;

	pack_reset(pack, has_source ? 7 : 3);
	pack_bin(pack, KEY_ACCOUNT, record->account.bytes, record->account.len);
	pack_bin(pack, KEY_CONTAINER, record->container.bytes, record->container.len);
	pack_bin(pack, KEY_MARKER, record->marker.bytes, record->marker.len);
	if (!has_source)
		return;
	pack_bin(pack, KEY_SOURCE_ACCOUNT, source->account.bytes, source->account.len);
	pack_bin(pack, KEY_SOURCE_CONTAINER, source->container.bytes, source->container.len);
	pack_int(pack, KEY_SOURCE_SERVER, source->server);
	pack_int(pack, KEY_SOURCE_POLICY, source->policy);
}

int container_record_pack(
	const struct container_record *record, unsigned char **data, size_t *data_bytes
) {
	struct pack *pack = pack_new();
	const unsigned char *packed;
	int err;

	if (pack == NULL)
		return -ENOMEM;
	write_names(pack, record);
	err = pack_data(pack, &packed, data_bytes);
	if (err == 0) {
		*data = malloc(*data_bytes);
		err = *data == NULL ? -ENOMEM : 0;
	}
	if (err == 0)
		memcpy(*data, packed, *data_bytes);
	pack_free(pack);
	return err;
}

// "ACCOUNT/CONTAINER", as it is quoted in an address: an id is text, and names are bytes.
static int name_it(const struct container_record *record, struct buf *id) {
	backend_quote(id, &record->account);
	buf_str(id, "/");
	backend_quote(id, &record->container);
	return id->error;
}

// The same for all who find the container, so that it is always in the same range.
static int key_of(const struct container_record *record, int64_t *key) {
	const struct name_hash_affixes none = {.prefix = {"", 0}, .suffix = {"", 0}};
	const struct name_path path = {.account = record->account, .container = record->container};
	unsigned char hash[NAME_HASH_BYTES];
	uint64_t number = 0;
	int err = name_hash(&none, &path, hash);

	for (size_t i = 0; err == 0 && i < sizeof(number); i++)
		number = number << 8 | hash[i];
	*key = (int64_t)(number >> (64 - KEY_BITS));
	return err;
}

int container_record_put(
	struct page *page,
	const struct container_moment *moment,
	const struct name_part *account,
	const struct name_part *container
) {
	const struct container_record record = {
		.account = *account, .container = *container, .marker = {"", 0}};
	struct candidate like = {.at = moment->deleted_ms, .seen_ms = moment->seen_ms};
	struct buf id;
	int err;

	buf_init(&id, 0);
	err = name_it(&record, &id);
	if (err == 0)
		err = key_of(&record, &like.key);
	if (err == 0)
		err = container_record_pack(&record, &like.data, &like.data_bytes);
	if (err == 0) {
		if (id.len > ID_BYTES_MOST)
			snprintf(
				id.data + ID_BYTES_MOST - 20,
				21,
				"~%016llx",
				(unsigned long long)like.key
			);
		like.id = id.data;
		err = page_add(page, &like);
	}
	free(like.data);
	buf_fini(&id);
	return err;
}
