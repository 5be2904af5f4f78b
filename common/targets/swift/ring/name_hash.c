// SPDX-License-Identifier: MPL-2.0
// name_hash: the hash of a name, which tells its place on a ring and on disks.
#include "common/targets/swift/ring/name_hash.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>

static bool add(EVP_MD_CTX *context, struct name_part part) {
	return part.len == 0 || EVP_DigestUpdate(context, part.bytes, part.len) == 1;
}

static bool add_level(EVP_MD_CTX *context, struct name_part part) {
	return part.len == 0 || (EVP_DigestUpdate(context, "/", 1) == 1 && add(context, part));
}

int name_hash(
	const struct name_hash_affixes *affixes,
	const struct name_path *path,
	unsigned char out[NAME_HASH_BYTES]
) {
	EVP_MD_CTX *context;
	bool is_made;

	if (path->account.len == 0 || (path->container.len == 0 && path->object.len > 0))
		return -EINVAL;
	context = EVP_MD_CTX_new();
	if (context == NULL)
		return -ENOMEM;
	is_made = EVP_DigestInit_ex(context, EVP_md5(), NULL) == 1 &&
		add(context, affixes->prefix) && add_level(context, path->account) &&
		add_level(context, path->container) && add_level(context, path->object) &&
		add(context, affixes->suffix) && EVP_DigestFinal_ex(context, out, NULL) == 1;
	EVP_MD_CTX_free(context);
	return is_made ? 0 : -EIO;
}

bool name_is_same(struct name_part one, struct name_part other) {
	return one.len == other.len && memcmp(one.bytes, other.bytes, one.len) == 0;
}

int name_shard(uint32_t *out, struct name_part name, uint32_t nodes) {
	unsigned char digest[NAME_HASH_BYTES];
	uint64_t rest = 0;

	*out = 0;
	if (nodes == 0)
		return -EINVAL;
	if (EVP_Digest(name.bytes, name.len, digest, NULL, EVP_md5(), NULL) != 1)
		return -EIO;
	for (size_t i = 0; i < sizeof(digest); i++)
		rest = (rest << 8 | digest[i]) % nodes;
	*out = (uint32_t)rest;
	return 0;
}
