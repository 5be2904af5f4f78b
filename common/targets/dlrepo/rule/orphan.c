// SPDX-License-Identifier: MPL-2.0
// orphan: which files below .blobs and .uploads nothing needs any more.
#include "common/targets/dlrepo/rule/orphan.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

enum { ALGORITHM_BYTES = 32, SHARD_DIGITS = 2 };

bool orphan_is_due(const struct stat *file, const struct timespec *now, int64_t lifetime_ms) {
	int64_t age_ms = ((int64_t)now->tv_sec - (int64_t)file->st_mtim.tv_sec) * 1000;
	int64_t age_ns = (int64_t)now->tv_nsec - (int64_t)file->st_mtim.tv_nsec;

	age_ms += age_ns / 1000000;
	if (age_ns % 1000000 < 0)
		age_ms--;
	return S_ISREG(file->st_mode) && file->st_nlink == 1 && age_ms >= lifetime_ms;
}

bool orphan_is_silly(const char *name) {
	return strncmp(name, ".nfs", 4) == 0;
}

// hashlib's names, as the digests that a server accepts begin.
static const EVP_MD *algorithm_of(const char *dir) {
	static const char *const names[][2] = {
		{"blake2b", "BLAKE2b512"},
		{"blake2s", "BLAKE2s256"},
		{"sha3_224", "SHA3-224"},
		{"sha3_256", "SHA3-256"},
		{"sha3_384", "SHA3-384"},
		{"sha3_512", "SHA3-512"},
	};
	size_t len = strcspn(dir, "/");
	char name[ALGORITHM_BYTES];

	if (len >= sizeof(name))
		return NULL;
	snprintf(name, sizeof(name), "%.*s", (int)len, dir);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strcmp(name, names[i][0]) == 0)
			return EVP_get_digestbyname(names[i][1]);
	}
	return EVP_get_digestbyname(name);
}

static bool is_digest_of_nothing(const EVP_MD *algorithm, const char *name) {
	unsigned char digest[EVP_MAX_MD_SIZE];
	char text[2 * EVP_MAX_MD_SIZE + 1];
	unsigned int len = 0;

	if (EVP_Digest("", 0, digest, &len, algorithm, NULL) != 1)
		return true;
	for (unsigned int i = 0; i < len; i++)
		snprintf(text + (size_t)2 * i, 3, "%02x", digest[i]);
	return strcmp(text, name) == 0;
}

static bool is_digest(const EVP_MD *algorithm, const char *dir, const char *name) {
	const char *shard = strchr(dir, '/');
	size_t len = strlen(name);

	return shard != NULL && len == (size_t)2 * (size_t)EVP_MD_size(algorithm) &&
		strspn(name, "0123456789abcdef") == len && strlen(shard + 1) == SHARD_DIGITS &&
		strncmp(shard + 1, name, SHARD_DIGITS) == 0;
}

bool orphan_is_damaged(const char *dir, const char *name, const struct stat *file) {
	const EVP_MD *algorithm;

	if (file->st_size > 0 || !S_ISREG(file->st_mode))
		return false;
	algorithm = algorithm_of(dir);
	return algorithm != NULL && is_digest(algorithm, dir, name) &&
		!is_digest_of_nothing(algorithm, name);
}
