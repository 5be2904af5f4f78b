// SPDX-License-Identifier: MPL-2.0
// vectors_test: every value on the way to a signed DELETE, compared with what other programs make
// of the same input.
#include "common/targets/tokenserver/node/delete_request.h"
#include "common/targets/tokenserver/node/identity.h"
#include "support/test.h"
#include "support/vectors.h"

#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int failures;

// Says which vector it is, which a plain assert would not.
static void want_text(
	const struct vector *vector, const char *what, const char *got, const char *want
) {
	if (got != NULL && want != NULL && strcmp(got, want) == 0)
		return;
	print_error(
		"%s: %s is\n\t%s, expected\n\t%s\n",
		vector->name,
		what,
		got ? got : "-",
		want ? want : "-"
	);
	failures++;
}

static void want(const struct vector *vector, const char *what, bool is_so) {
	if (is_so)
		return;
	print_error("%s: %s\n", vector->name, what);
	failures++;
}

static void each_vector(void (*check)(const struct vector *vector, struct signer *signer)) {
	failures = 0;
	for (size_t i = 0; i < vector_count; i++) {
		struct signer *signer = signer_new(vectors[i].secret, vectors[i].secret_bytes);
		assert_non_null(signer);
		check(&vectors[i], signer);
		signer_free(signer);
	}
	assert_int_equal(failures, 0);
}

static void check_kid(const struct vector *vector, struct signer *signer) {
	char kid[IDENTITY_KID_BYTES];
	(void)signer;
	int err = identity_kid(
		kid, vector->generation, vector->keys_changed_at, vector->client_state
	);
	if (!vector->is_refused && err == 0)
		want_text(vector, "fxa_kid", kid, vector->fxa_kid);
	else
		want(vector, "should have an fxa_kid", vector->is_refused);
}

static void check_token(const struct vector *vector, struct signer *signer) {
	char *fxa_uid = NULL, *payload = NULL, *token = NULL;
	char derived[TOKEN_KEY_TEXT_BYTES];
	struct token_claims claims = {
		.uid = vector->uid,
		.node = vector->node,
		.fxa_kid = vector->fxa_kid,
		.now_s = vector->now_s,
	};

	if (vector->is_refused)
		return;
	want(vector, "sig_secret", memcmp(signer_key(signer), vector->key, sizeof(vector->key)) == 0
	);
	assert_int_equal(identity_uid(&fxa_uid, vector->email), 0);
	claims.fxa_uid = fxa_uid;
	token_salt(claims.salt, vector->salt);
	assert_int_equal(token_payload(&payload, &claims), 0);
	want_text(vector, "payload", payload, vector->payload);
	assert_int_equal(token_make(&token, signer, payload), 0);
	want_text(vector, "token", token, vector->token);
	assert_int_equal(token_key(derived, signer, token, claims.salt), 0);
	want_text(vector, "derived_secret", derived, vector->derived);
	free(fxa_uid);
	free(payload);
	free(token);
}

static void check_hawk(const struct vector *vector, struct signer *signer) {
	struct endpoint endpoint;
	char *target = NULL, *url = NULL, *normalized = NULL, *header = NULL;
	char mac[HAWK_MAC_TEXT_BYTES];

	if (vector->is_refused)
		return;
	if (endpoint_parse(&endpoint, vector->node) < 0) {
		want(vector, "the node should be accepted", false);
		return;
	}
	assert_int_equal(endpoint_target(&target, &endpoint, vector->uid), 0);
	assert_int_equal(endpoint_url(&url, &endpoint, vector->uid), 0);
	want_text(vector, "request_target", target, vector->target);
	want_text(vector, "url", url, vector->url);
	struct hawk_request hawk = {
		.method = "DELETE",
		.target = target,
		.host = endpoint.host,
		.port = endpoint.port,
		.time_s = (int64_t)vector->now_s,
	};
	hawk_nonce(hawk.nonce, vector->nonce);
	assert_int_equal(hawk_normalize(&normalized, &hawk), 0);
	assert_int_equal(hawk_mac(mac, signer, vector->derived, normalized), 0);
	assert_int_equal(hawk_authorize(&header, &hawk, vector->token, mac), 0);
	if (vector->normalized != NULL) {
		want_text(vector, "normalized", normalized, vector->normalized);
		want_text(vector, "mac", mac, vector->mac);
		want_text(vector, "authorization", header, vector->authorization);
	}
	free(target);
	free(url);
	free(normalized);
	free(header);
}

static int sign(const struct vector *vector, struct signer *signer, struct delete_request *out) {
	char kid[IDENTITY_KID_BYTES];
	char *fxa_uid = NULL;
	struct delete_request_input input = {
		.uid = vector->uid,
		.node = vector->node,
		.fxa_kid = kid,
		.now_s = vector->now_s,
	};

	memcpy(input.salt, vector->salt, sizeof(input.salt));
	memcpy(input.nonce, vector->nonce, sizeof(input.nonce));
	int err = identity_kid(
		kid, vector->generation, vector->keys_changed_at, vector->client_state
	);
	if (err < 0)
		return err;
	assert_int_equal(identity_uid(&fxa_uid, vector->email), 0);
	input.fxa_uid = fxa_uid;
	err = delete_request_sign(signer, &input, out);
	free(fxa_uid);
	return err;
}

static void check_request(const struct vector *vector, struct signer *signer) {
	struct delete_request request = {0};
	int err = sign(vector, signer, &request);

	want(vector,
	     vector->is_refused ? "is not refused" : "is refused",
	     (err < 0) == vector->is_refused);
	if (vector->is_refused)
		want(vector,
		     "is refused, but leaves something",
		     request.url == NULL && request.authorization == NULL);
	else
		want_text(vector, "url", request.url, vector->url);
	if (vector->authorization != NULL) {
		want_text(vector, "authorization", request.authorization, vector->authorization);
		want_text(vector, "Host", request.host, vector->host_header);
	}
	delete_request_fini(&request);
}

// What libcurl reads out of the URL is what was signed.
static void check_libcurl(const struct vector *vector, struct signer *signer) {
	struct delete_request request = {0};
	char *path = NULL, *query = NULL;
	char both[8192];

	if (vector->is_refused || sign(vector, signer, &request) < 0)
		return;
	CURLU *url = curl_url();
	assert_non_null(url);
	assert_int_equal(
		curl_url_set(url, CURLUPART_URL, request.url, CURLU_PATH_AS_IS), CURLUE_OK
	);
	assert_int_equal(curl_url_get(url, CURLUPART_PATH, &path, 0), CURLUE_OK);
	bool has_query = curl_url_get(url, CURLUPART_QUERY, &query, 0) == CURLUE_OK;
	snprintf(both, sizeof(both), "%s%s%s", path, has_query ? "?" : "", has_query ? query : "");
	want_text(vector, "what libcurl sends", both, vector->target);
	// It would not change a thing if it resolved dots by itself.
	curl_free(path);
	assert_int_equal(curl_url_set(url, CURLUPART_URL, request.url, 0), CURLUE_OK);
	assert_int_equal(curl_url_get(url, CURLUPART_PATH, &path, 0), CURLUE_OK);
	snprintf(both, sizeof(both), "%s%s%s", path, has_query ? "?" : "", has_query ? query : "");
	want_text(vector, "what libcurl sends without PATH_AS_IS", both, vector->target);
	curl_free(path);
	curl_free(query);
	curl_url_cleanup(url);
	delete_request_fini(&request);
}

static void computes_the_key_id_of_every_vector(void **state) {
	(void)state;
	each_vector(check_kid);
}

static void makes_the_token_of_every_vector(void **state) {
	(void)state;
	each_vector(check_token);
}

static void signs_as_every_vector_says(void **state) {
	(void)state;
	each_vector(check_hawk);
}

static void builds_the_request_of_every_vector(void **state) {
	(void)state;
	each_vector(check_request);
}

static void signs_what_libcurl_sends(void **state) {
	(void)state;
	each_vector(check_libcurl);
}

static const char *mac_of(const struct delete_request *request) {
	static const char name[] = ", mac=\"";
	const char *mac = request->authorization != NULL ? strstr(request->authorization, name)
							 : NULL;
	return mac != NULL ? mac + sizeof(name) - 1 : "";
}

static void signs_ipv6_without_a_port(void **state) {
	struct signer *signer = signer_new("SECRET", 6);
	struct delete_request request = {0};
	bool found = false;

	(void)state;
	assert_non_null(signer);
	for (size_t i = 0; i < vector_count; i++) {
		if (vectors[i].is_refused || vectors[i].normalized != NULL)
			continue;
		assert_string_equal(vectors[i].node, "http://[2001:db8::1]");
		assert_int_equal(sign(&vectors[i], signer, &request), 0);
		assert_string_equal(request.host, "[2001:db8::1]:80");
		assert_string_equal(request.url, "http://[2001:db8::1]/1.5/29");
		// Of the Python packages, given the host [2001:db8::1] and the port 80.
		assert_string_equal(
			mac_of(&request), "wBU07jcNCHlXvXPhSRrxqpUkIrEvMm9QPT4MCeJX8S8=\""
		);
		delete_request_fini(&request);
		found = true;
	}
	assert_true(found);
	signer_free(signer);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(builds_the_request_of_every_vector),
		cmocka_unit_test(computes_the_key_id_of_every_vector),
		cmocka_unit_test(makes_the_token_of_every_vector),
		cmocka_unit_test(signs_as_every_vector_says),
		cmocka_unit_test(signs_ipv6_without_a_port),
		cmocka_unit_test(signs_what_libcurl_sends),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
