// SPDX-License-Identifier: MPL-2.0
// name_hash: the hash of a name, which tells its place on a ring and on disks. Pure. Thread: any.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { NAME_HASH_BYTES = 16 };

// Any bytes, NUL too.
struct name_part {
	const char *bytes;
	size_t len; // 0: there is none
};

bool name_is_same(struct name_part one, struct name_part other);

// What an operator keeps secret, so that nobody makes names of one place.
struct name_hash_affixes {
	struct name_part prefix;
	struct name_part suffix;
};

struct name_path {
	struct name_part account;
	struct name_part container; // none: the account itself
	struct name_part object; // none: the container itself
};

// The MD5 of prefix/account/container/object and the suffix, with '/' before each part. 0; -EINVAL:
// a part before one that is there is missing; -ENOMEM; -EIO: OpenSSL makes none.
int name_hash(
	const struct name_hash_affixes *affixes,
	const struct name_path *path,
	unsigned char out[NAME_HASH_BYTES]
);

// Which of the `nodes` of an account looks after a container: the MD5 of its name alone, as a
// number of 128 bits, modulo `nodes`. 0; -EINVAL: `nodes` is 0; -EIO: OpenSSL makes none.
int name_shard(uint32_t *out, struct name_part name, uint32_t nodes);
