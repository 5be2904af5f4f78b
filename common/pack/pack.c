// SPDX-License-Identifier: MPL-2.0
// pack: small MessagePack maps with text keys, written and read with bounds.
#include "common/pack/pack.h"

#include "common/pack/pack_scan.h"

#include <errno.h>
#include <msgpack.h>
#include <stdlib.h>
#include <string.h>

struct pack {
	msgpack_sbuffer buffer;
	uint32_t announced;
	uint32_t written;
	int error;
};

struct pack *pack_new(void) {
	struct pack *pack = calloc(1, sizeof(*pack));

	if (pack == NULL)
		return NULL;
	msgpack_sbuffer_init(&pack->buffer);
	pack_reset(pack, 0);
	return pack;
}

void pack_free(struct pack *pack) {
	if (pack == NULL)
		return;
	msgpack_sbuffer_destroy(&pack->buffer);
	free(pack);
}

static void note(struct pack *pack, int failed) {
	if (pack->error != 0)
		return;
	if (failed != 0)
		pack->error = -ENOMEM;
	else if (pack->buffer.size > PACK_BYTES_MAX)
		pack->error = -EMSGSIZE;
}

void pack_reset(struct pack *pack, uint32_t entries) {
	msgpack_packer packer;

	msgpack_sbuffer_clear(&pack->buffer);
	pack->announced = entries;
	pack->written = 0;
	pack->error = 0;
	msgpack_packer_init(&packer, &pack->buffer, msgpack_sbuffer_write);
	note(pack, msgpack_pack_map(&packer, entries));
}

// Writes a key and makes the packer for its value. False: not worth going on, `len` more bytes
// would not fit either.
static bool begin_entry(struct pack *pack, msgpack_packer *packer, const char *key, size_t len) {
	msgpack_packer_init(packer, &pack->buffer, msgpack_sbuffer_write);
	if (pack->error == 0 && (len > PACK_BYTES_MAX || strlen(key) > PACK_BYTES_MAX))
		pack->error = -EMSGSIZE;
	pack->written++;
	if (pack->error == 0)
		note(pack, msgpack_pack_str_with_body(packer, key, strlen(key)));
	return pack->error == 0;
}

void pack_int(struct pack *pack, const char *key, int64_t value) {
	msgpack_packer packer;

	if (begin_entry(pack, &packer, key, sizeof(value)))
		note(pack, msgpack_pack_int64(&packer, value));
}

void pack_bool(struct pack *pack, const char *key, bool value) {
	msgpack_packer packer;

	if (begin_entry(pack, &packer, key, 1))
		note(pack, value ? msgpack_pack_true(&packer) : msgpack_pack_false(&packer));
}

void pack_str(struct pack *pack, const char *key, const char *value) {
	msgpack_packer packer;
	size_t len = value == NULL ? 0 : strlen(value);

	if (!begin_entry(pack, &packer, key, len))
		return;
	if (value == NULL)
		note(pack, msgpack_pack_nil(&packer));
	else
		note(pack, msgpack_pack_str_with_body(&packer, value, len));
}

void pack_bin(struct pack *pack, const char *key, const void *bytes, size_t len) {
	msgpack_packer packer;

	if (begin_entry(pack, &packer, key, len))
		note(pack, msgpack_pack_bin_with_body(&packer, len > 0 ? bytes : "", len));
}

void pack_raw(struct pack *pack, const char *key, const void *map, size_t len) {
	msgpack_packer packer;

	if (begin_entry(pack, &packer, key, len) && len > 0)
		note(pack, msgpack_sbuffer_write(&pack->buffer, map, len));
}

int pack_data(const struct pack *pack, const unsigned char **data, size_t *len) {
	if (pack->error != 0)
		return pack->error;
	if (pack->written != pack->announced)
		return -EINVAL;
	*data = (const unsigned char *)pack->buffer.data;
	*len = pack->buffer.size;
	return 0;
}

struct unpack {
	msgpack_unpacked unpacked;
	const unsigned char *bytes;
	size_t len;
};

int unpack_open(struct unpack **out, const void *bytes, size_t len) {
	struct unpack *unpack;
	msgpack_unpack_return outcome;
	size_t value_bytes = 0;
	size_t offset = 0;

	if (len > PACK_BYTES_MAX || pack_scan(bytes, len, &value_bytes) < 0 || value_bytes != len)
		return -EBADMSG;
	unpack = malloc(sizeof(*unpack));
	if (unpack == NULL)
		return -ENOMEM;
	msgpack_unpacked_init(&unpack->unpacked);
	unpack->bytes = bytes;
	unpack->len = len;
	outcome = msgpack_unpack_next(&unpack->unpacked, bytes, len, &offset);
	if (outcome == MSGPACK_UNPACK_SUCCESS && offset == len &&
	    unpack->unpacked.data.type == MSGPACK_OBJECT_MAP) {
		*out = unpack;
		return 0;
	}
	unpack_close(unpack);
	return outcome == MSGPACK_UNPACK_NOMEM_ERROR ? -ENOMEM : -EBADMSG;
}

void unpack_close(struct unpack *unpack) {
	if (unpack == NULL)
		return;
	msgpack_unpacked_destroy(&unpack->unpacked);
	free(unpack);
}

// The entry's place in the map, counted from 0; its size when there is none.
static uint32_t find_index(const msgpack_object_map *map, const char *key) {
	size_t len = strlen(key);
	uint32_t i;

	for (i = 0; i < map->size; i++) {
		const msgpack_object *name = &map->ptr[i].key;

		if (name->type == MSGPACK_OBJECT_STR && name->via.str.size == len &&
		    (len == 0 || memcmp(name->via.str.ptr, key, len) == 0))
			break;
	}
	return i;
}

// The key's value, NULL when there is none or it is nil.
static const msgpack_object *find_value(const struct unpack *unpack, const char *key) {
	const msgpack_object_map *map = &unpack->unpacked.data.via.map;
	uint32_t index = find_index(map, key);

	if (index == map->size || map->ptr[index].val.type == MSGPACK_OBJECT_NIL)
		return NULL;
	return &map->ptr[index].val;
}

int unpack_int(const struct unpack *unpack, const char *key, int64_t *value) {
	const msgpack_object *object = find_value(unpack, key);

	if (object == NULL)
		return -ENOENT;
	if (object->type == MSGPACK_OBJECT_NEGATIVE_INTEGER) {
		*value = object->via.i64;
		return 0;
	}
	if (object->type != MSGPACK_OBJECT_POSITIVE_INTEGER || object->via.u64 > INT64_MAX)
		return -EPROTO;
	*value = (int64_t)object->via.u64;
	return 0;
}

int unpack_bool(const struct unpack *unpack, const char *key, bool *value) {
	const msgpack_object *object = find_value(unpack, key);

	if (object == NULL)
		return -ENOENT;
	if (object->type != MSGPACK_OBJECT_BOOLEAN)
		return -EPROTO;
	*value = object->via.boolean;
	return 0;
}

int unpack_str(const struct unpack *unpack, const char *key, char *out, size_t out_bytes) {
	const msgpack_object *object = find_value(unpack, key);
	size_t len;

	if (object == NULL)
		return -ENOENT;
	if (object->type != MSGPACK_OBJECT_STR)
		return -EPROTO;
	len = object->via.str.size;
	if (len > 0 && memchr(object->via.str.ptr, '\0', len) != NULL)
		return -EPROTO;
	if (len >= out_bytes)
		return -EMSGSIZE;
	if (len > 0)
		memcpy(out, object->via.str.ptr, len);
	out[len] = '\0';
	return 0;
}

int unpack_bin(
	const struct unpack *unpack, const char *key, const unsigned char **data, size_t *len
) {
	const msgpack_object *object = find_value(unpack, key);

	if (object == NULL)
		return -ENOENT;
	if (object->type != MSGPACK_OBJECT_BIN)
		return -EPROTO;
	*data = (const unsigned char *)object->via.bin.ptr;
	*len = object->via.bin.size;
	return 0;
}

int unpack_map(
	const struct unpack *unpack, const char *key, const unsigned char **data, size_t *len
) {
	const msgpack_object_map *map = &unpack->unpacked.data.via.map;
	const msgpack_object *object = find_value(unpack, key);
	const unsigned char *at = unpack->bytes;
	size_t left = unpack->len;
	struct pack_head head;
	size_t value_bytes;

	if (object == NULL)
		return -ENOENT;
	if (object->type != MSGPACK_OBJECT_MAP)
		return -EPROTO;
	// msgpack-c does not say where a value stood, so walk there again: 2 values an entry, and
	// the key.
	if (pack_scan_head(at, left, &head) < 0)
		return -EBADMSG;
	value_bytes = head.head_bytes;
	for (uint64_t skip = (uint64_t)find_index(map, key) * 2 + 1;; skip--) {
		at += value_bytes;
		left -= value_bytes;
		if (pack_scan(at, left, &value_bytes) < 0)
			return -EBADMSG;
		if (skip == 0)
			break;
	}
	*data = at;
	*len = value_bytes;
	return 0;
}
