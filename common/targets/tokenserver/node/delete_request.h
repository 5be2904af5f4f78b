// SPDX-License-Identifier: MPL-2.0
// delete_request: the signed request that removes one user's data from a storage node.
//
// Pure: time and randomness are arguments. A request is good once and for TOKEN_LIFE_S, so it is
// made right before it is sent. Thread: the signer's.
#pragma once

#include "common/targets/tokenserver/node/endpoint.h"
#include "common/targets/tokenserver/node/hawk.h"
#include "common/targets/tokenserver/node/signer.h"
#include "common/targets/tokenserver/node/token.h"

#include <stdint.h>

struct delete_request_input {
	int64_t uid;
	// As the database has it, or the override.
	const char *node;
	const char *fxa_uid;
	const char *fxa_kid;
	double now_s; // Unix time
	unsigned char salt[TOKEN_SALT_BYTES]; // random
	unsigned char nonce[HAWK_NONCE_BYTES]; // random
};

struct delete_request { // zero it before use
	// To be sent as it is. Owner: this.
	char *url;
	// Value of the Authorization header. Owner: this.
	char *authorization;
	// Value of the Host header: host and port as they are signed. To be sent, because by itself
	// libcurl leaves a default port out, and a node behind a proxy that ends TLS would then
	// take 80 for it.
	char host[ENDPOINT_AUTHORITY_BYTES];
};

// 0, -EINVAL or -EILSEQ (no such request can be made: see endpoint_parse and token_payload),
// -ENOMEM. `out` is untouched unless it is 0.
int delete_request_sign(
	struct signer *signer, const struct delete_request_input *input, struct delete_request *out
);
void delete_request_fini(struct delete_request *request); // wipes the signature
