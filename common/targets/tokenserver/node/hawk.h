// SPDX-License-Identifier: MPL-2.0
// hawk: the header that signs one request (Hawk, version 1, without a body's hash). Pure.
// Thread: the signer's.
#pragma once

#include "common/targets/tokenserver/node/signer.h"

#include <stdint.h>

enum {
	HAWK_NONCE_BYTES = 5,
	HAWK_NONCE_TEXT_BYTES = 9,
	HAWK_MAC_TEXT_BYTES = 45, // 44 characters
};

struct hawk_request {
	const char *method;
	// Path and query as they are sent, in normal form.
	const char *target;
	const char *host; // lower case
	uint16_t port; // explicit
	int64_t time_s; // Unix time
	char nonce[HAWK_NONCE_TEXT_BYTES]; // see hawk_nonce
};

// Random bytes as the text that the header carries.
void hawk_nonce(char out[HAWK_NONCE_TEXT_BYTES], const unsigned char random[HAWK_NONCE_BYTES]);

// What is signed. The path stands in it as the nodes' own library reads it from the request line:
// an escape of a character that a path may hold is resolved (%2F is signed as /). That makes a
// difference only for a node whose path holds one. 0, -ENOMEM. Owner: the caller.
int hawk_normalize(char **out, const struct hawk_request *request);

// 0, -ENOMEM. `key` is used as the text that it is.
int hawk_mac(
	char out[HAWK_MAC_TEXT_BYTES],
	struct signer *signer,
	const char *key,
	const char *normalized
);

// The value of the Authorization header. 0, -ENOMEM. Owner: the caller.
int hawk_authorize(char **out, const struct hawk_request *request, const char *id, const char *mac);
