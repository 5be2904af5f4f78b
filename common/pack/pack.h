// SPDX-License-Identifier: MPL-2.0
// pack: small MessagePack maps with text keys, written and read with bounds. Of a key that stands
// twice, the first one counts; keys that are no text are passed over.
//
// Thread: the owner's.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PACK_BYTES_MAX = 64 * 1024 };

struct pack; // opaque: a map being written

// An empty map, to be begun by pack_reset. NULL: out of memory.
struct pack *pack_new(void);
void pack_free(struct pack *pack); // NULL is fine
// Begins anew a map of exactly so many entries.
void pack_reset(struct pack *pack, uint32_t entries);
void pack_int(struct pack *pack, const char *key, int64_t value);
void pack_bool(struct pack *pack, const char *key, bool value);
void pack_str(struct pack *pack, const char *key, const char *value); // NULL is written as nil
void pack_bin(struct pack *pack, const char *key, const void *bytes, size_t len);
// An encoded value, as it is.
void pack_raw(struct pack *pack, const char *key, const void *map, size_t len);
// What was written; lives until the next write, reset or free. Returns 0, -ENOMEM, -EMSGSIZE,
// -EINVAL (entries not as announced).
int pack_data(const struct pack *pack, const unsigned char **data, size_t *len);

struct unpack; // opaque: a map that was read

// Reads a whole map. -EBADMSG: not one well-formed map within the bounds (size, depth, counts
// against the bytes that remain) or something behind it; -ENOMEM. `bytes` must outlive it.
int unpack_open(struct unpack **out, const void *bytes, size_t len);
void unpack_close(struct unpack *unpack); // NULL is fine

// 0; -ENOENT: no such key, or nil; -EPROTO: another type, or out of range.
int unpack_int(const struct unpack *unpack, const char *key, int64_t *value);
int unpack_bool(const struct unpack *unpack, const char *key, bool *value);
// Text is copied, NUL-terminated; -EPROTO also for text with a NUL inside, -EMSGSIZE when it does
// not fit.
int unpack_str(const struct unpack *unpack, const char *key, char *out, size_t out_bytes);
// Bytes as pack_bin wrote them; they lie in what was opened.
int unpack_bin(
	const struct unpack *unpack, const char *key, const unsigned char **data, size_t *len
);
// The bytes of an inner map as they stand, to be opened by unpack_open.
int unpack_map(
	const struct unpack *unpack, const char *key, const unsigned char **data, size_t *len
);
