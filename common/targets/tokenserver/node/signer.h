// SPDX-License-Identifier: MPL-2.0
// signer: the secret that is shared with the storage nodes, and what is computed with it
// (HMAC-SHA256, HKDF of RFC 5869).
//
// Thread: one at a time.
#pragma once

#include <stddef.h>

struct signer; // opaque

enum { SIGNER_BYTES = 32 }; // of every key and signature

// `secret` is copied. NULL: errno is EINVAL (no secret: an empty one would sign, and only for
// nobody) or ENOMEM.
struct signer *signer_new(const void *secret, size_t len);
void signer_free(struct signer *signer); // wipes the secret; NULL is fine

// The key that signs tokens, SIGNER_BYTES long. Owner: the signer.
const unsigned char *signer_key(const struct signer *signer);

// All return 0, or -ENOMEM when the cryptographic library refuses.
// Signs with signer_key.
int signer_sign(
	struct signer *signer, const void *bytes, size_t len, unsigned char out[SIGNER_BYTES]
);
// Derives a key from the secret: `salt` and the text "…/derive/" ‖ `token` make it another one.
int signer_derive(
	struct signer *signer, const char *salt, const char *token, unsigned char out[SIGNER_BYTES]
);
// Signs with another key, which may be of any length.
int signer_sign_with(
	struct signer *signer,
	const char *key,
	const void *bytes,
	size_t len,
	unsigned char out[SIGNER_BYTES]
);
