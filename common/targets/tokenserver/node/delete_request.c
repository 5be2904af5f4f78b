// SPDX-License-Identifier: MPL-2.0
// delete_request: the signed request that removes one user's data from a storage node.
#include "common/targets/tokenserver/node/delete_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int make_token(
	struct signer *signer,
	const struct delete_request_input *input,
	char **token,
	char key[TOKEN_KEY_TEXT_BYTES]
) {
	char *payload = NULL;
	struct token_claims claims = {
		.uid = input->uid,
		.node = input->node,
		.fxa_uid = input->fxa_uid,
		.fxa_kid = input->fxa_kid,
		.now_s = input->now_s,
	};
	token_salt(claims.salt, input->salt);
	int err = token_payload(&payload, &claims);
	if (err == 0)
		err = token_make(token, signer, payload);
	if (err == 0)
		err = token_key(key, signer, *token, claims.salt);
	free(payload);
	return err;
}

static int authorize(
	struct signer *signer,
	const struct endpoint *endpoint,
	const struct delete_request_input *input,
	char **authorization
) {
	char key[TOKEN_KEY_TEXT_BYTES] = "";
	char mac[HAWK_MAC_TEXT_BYTES];
	char *token = NULL, *target = NULL, *normalized = NULL;
	struct hawk_request hawk = {
		.method = "DELETE",
		.host = endpoint->host,
		.port = endpoint->port,
	};

	int err = make_token(signer, input, &token, key);
	if (err == 0)
		err = endpoint_target(&target, endpoint, input->uid);
	if (err < 0)
		goto out;
	hawk.target = target;
	hawk.time_s = (int64_t)input->now_s;
	hawk_nonce(hawk.nonce, input->nonce);
	err = hawk_normalize(&normalized, &hawk);
	if (err == 0)
		err = hawk_mac(mac, signer, key, normalized);
	if (err == 0)
		err = hawk_authorize(authorization, &hawk, token, mac);
out:
	explicit_bzero(key, sizeof(key));
	free(token);
	free(target);
	free(normalized);
	return err;
}

int delete_request_sign(
	struct signer *signer, const struct delete_request_input *input, struct delete_request *out
) {
	struct endpoint endpoint;
	struct delete_request request = {0};

	int err = endpoint_parse(&endpoint, input->node);
	if (err == 0)
		err = endpoint_url(&request.url, &endpoint, input->uid);
	if (err == 0)
		err = authorize(signer, &endpoint, input, &request.authorization);
	if (err < 0) {
		delete_request_fini(&request);
		return err;
	}
	snprintf(request.host, sizeof(request.host), "%s:%u", endpoint.host, endpoint.port);
	*out = request;
	return 0;
}

void delete_request_fini(struct delete_request *request) {
	if (request->authorization != NULL)
		explicit_bzero(request->authorization, strlen(request->authorization));
	free(request->authorization);
	free(request->url);
	*request = (struct delete_request){0};
}
