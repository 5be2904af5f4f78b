// SPDX-License-Identifier: MPL-2.0
// signer: the secret that is shared with the storage nodes, and what is computed with it.
//
// Design notes. HMAC is put together here from SHA-256 alone (RFC 2104): one request takes four of
// them with three new keys, and a digest context that is started again is several times quicker
// than a MAC context with a new key.
#include "common/targets/tokenserver/node/signer.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_BYTES = 64 };

static const char info_signing[] = "services.mozilla.com/tokenlib/v1/signing";
static const char info_derive[] = "services.mozilla.com/tokenlib/v1/derive/";

struct signer {
	EVP_MD_CTX *digest;
	unsigned char key[SIGNER_BYTES];
	size_t len;
	unsigned char secret[];
};

// One piece of what is hashed.
struct piece {
	const void *bytes;
	size_t len;
};

static bool digest_start(struct signer *signer) {
	// No type: the one of before, which need not be looked up again.
	return EVP_DigestInit_ex(signer->digest, NULL, NULL) == 1;
}

static bool digest_add(struct signer *signer, const void *bytes, size_t len) {
	return EVP_DigestUpdate(signer->digest, bytes, len) == 1;
}

static bool digest_end(struct signer *signer, unsigned char out[SIGNER_BYTES]) {
	return EVP_DigestFinal_ex(signer->digest, out, NULL) == 1;
}

static bool add_pad(
	struct signer *signer, const unsigned char block[BLOCK_BYTES], unsigned char with
) {
	unsigned char pad[BLOCK_BYTES];
	for (size_t i = 0; i < BLOCK_BYTES; i++)
		pad[i] = block[i] ^ with;
	bool done = digest_start(signer) && digest_add(signer, pad, sizeof(pad));
	OPENSSL_cleanse(pad, sizeof(pad));
	return done;
}

// `out` may be the key.
static int hmac(
	struct signer *signer,
	struct piece key,
	const struct piece *pieces,
	size_t count,
	unsigned char out[SIGNER_BYTES]
) {
	unsigned char block[BLOCK_BYTES] = {0};
	unsigned char inner[SIGNER_BYTES];
	bool done = true;

	if (key.len > sizeof(block))
		done = digest_start(signer) && digest_add(signer, key.bytes, key.len) &&
			digest_end(signer, block);
	else
		memcpy(block, key.bytes, key.len);
	done = done && add_pad(signer, block, 0x36);
	for (size_t i = 0; i < count && done; i++)
		done = digest_add(signer, pieces[i].bytes, pieces[i].len);
	done = done && digest_end(signer, inner);
	done = done && add_pad(signer, block, 0x5c) && digest_add(signer, inner, sizeof(inner));
	done = done && digest_end(signer, out);
	OPENSSL_cleanse(block, sizeof(block));
	OPENSSL_cleanse(inner, sizeof(inner));
	return done ? 0 : -ENOMEM;
}

// HKDF of the secret. SIGNER_BYTES are one block of its output.
static int derive(
	struct signer *signer,
	struct piece salt,
	struct piece info,
	struct piece more,
	unsigned char out[SIGNER_BYTES]
) {
	static const unsigned char first_block = 1;
	const struct piece secret = {signer->secret, signer->len};
	const struct piece pieces[] = {info, more, {&first_block, 1}};
	unsigned char pseudo[SIGNER_BYTES];

	int err = hmac(signer, salt, &secret, 1, pseudo);
	if (err == 0)
		err = hmac(signer, (struct piece){pseudo, sizeof(pseudo)}, pieces, 3, out);
	OPENSSL_cleanse(pseudo, sizeof(pseudo));
	return err;
}

struct signer *signer_new(const void *secret, size_t len) {
	static const unsigned char no_salt[SIGNER_BYTES];
	if (secret == NULL || len == 0) {
		errno = EINVAL;
		return NULL;
	}
	struct signer *signer = calloc(1, sizeof(*signer) + len);
	if (signer == NULL)
		return NULL;
	memcpy(signer->secret, secret, len);
	signer->len = len;
	signer->digest = EVP_MD_CTX_new();
	if (signer->digest == NULL || EVP_DigestInit_ex(signer->digest, EVP_sha256(), NULL) != 1)
		goto fail;
	const struct piece salt = {no_salt, sizeof(no_salt)};
	const struct piece info = {info_signing, sizeof(info_signing) - 1};
	if (derive(signer, salt, info, (struct piece){"", 0}, signer->key) == 0)
		return signer;
fail:
	signer_free(signer);
	errno = ENOMEM;
	return NULL;
}

void signer_free(struct signer *signer) {
	if (signer == NULL)
		return;
	EVP_MD_CTX_free(signer->digest);
	OPENSSL_cleanse(signer, sizeof(*signer) + signer->len);
	free(signer);
}

const unsigned char *signer_key(const struct signer *signer) {
	return signer->key;
}

int signer_sign(
	struct signer *signer, const void *bytes, size_t len, unsigned char out[SIGNER_BYTES]
) {
	const struct piece piece = {bytes, len};
	return hmac(signer, (struct piece){signer->key, sizeof(signer->key)}, &piece, 1, out);
}

int signer_derive(
	struct signer *signer, const char *salt, const char *token, unsigned char out[SIGNER_BYTES]
) {
	const struct piece info = {info_derive, sizeof(info_derive) - 1};
	const struct piece more = {token, strlen(token)};
	return derive(signer, (struct piece){salt, strlen(salt)}, info, more, out);
}

int signer_sign_with(
	struct signer *signer,
	const char *key,
	const void *bytes,
	size_t len,
	unsigned char out[SIGNER_BYTES]
) {
	const struct piece piece = {bytes, len};
	return hmac(signer, (struct piece){key, strlen(key)}, &piece, 1, out);
}
