// SPDX-License-Identifier: MPL-2.0
// token: what tells a storage node whose data it may touch, signed with the shared secret. Pure.
// Thread: the signer's.
#pragma once

#include "common/targets/tokenserver/node/signer.h"

#include <stddef.h>
#include <stdint.h>

enum {
	TOKEN_LIFE_S = 300,
	TOKEN_SALT_BYTES = 3,
	TOKEN_SALT_TEXT_BYTES = 2 * TOKEN_SALT_BYTES + 1,
	TOKEN_KEY_TEXT_BYTES = 45, // 44 characters
	TOKEN_NODE_MAX = 2048, // bytes of a node
	TOKEN_NAME_MAX = 4096, // bytes of an fxa_uid or fxa_kid
};

struct token_claims {
	int64_t uid;
	// As the database or the operator wrote it.
	const char *node;
	const char *fxa_uid;
	const char *fxa_kid;
	char salt[TOKEN_SALT_TEXT_BYTES]; // see token_salt
	// Unix time; the token holds for TOKEN_LIFE_S from then.
	double now_s;
};

// Random bytes as the hex text that a token carries.
void token_salt(char out[TOKEN_SALT_TEXT_BYTES], const unsigned char random[TOKEN_SALT_BYTES]);

// The JSON text to sign, all ASCII. 0, -EILSEQ (a text is not UTF-8), -EINVAL (a text is missing or
// too long, now_s is not a time), -ENOMEM. Owner: the caller.
int token_payload(char **out, const struct token_claims *claims);

// Payload and signature as one text. 0, -ENOMEM. Owner: the caller.
int token_make(char **out, struct signer *signer, const char *payload);

// The key that goes with a token, as text: a request is signed with these characters. 0, -ENOMEM.
int token_key(
	char out[TOKEN_KEY_TEXT_BYTES], struct signer *signer, const char *token, const char *salt
);
