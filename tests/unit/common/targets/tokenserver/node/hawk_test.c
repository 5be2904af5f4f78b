// SPDX-License-Identifier: MPL-2.0
// hawk_test: what is signed of a request, and how the header and the precondition are written.
#include "common/targets/tokenserver/node/hawk.h"
#include "common/targets/tokenserver/node/precondition.h"
#include "support/test.h"

#include <stdlib.h>
#include <string.h>

static const struct hawk_request plain = {
	.method = "DELETE",
	.target = "/1.5/7",
	.host = "n",
	.port = 443,
	.time_s = 1700000000,
	.nonce = "AAECAwQ=",
};

static void ends_each_of_nine_lines(void **state) {
	char *text = NULL;
	(void)state;
	assert_int_equal(hawk_normalize(&text, &plain), 0);
	assert_string_equal(
		text, "hawk.1.header\n1700000000\nAAECAwQ=\nDELETE\n/1.5/7\nn\n443\n\n\n"
	);
	free(text);
}

static void resolves_escapes_of_path_characters_only(void **state) {
	static const struct {
		const char *target;
		const char *is_signed;
	} cases[] = {
		{"/a%2Fb/1.5/7", "/a/b/1.5/7"},
		{"/%21%24%26%27%28%29%2A%2B%2C%3A%3B%3D%40", "/!$&'()*+,:;=@"},
		{"/%20%22%23%25%3C%3E%3F%5B%5C%5D%5E%60%7B%7C%7D",
		 "/%20%22%23%25%3C%3E%3F%5B%5C%5D%5E%60%7B%7C%7D"},
		{"/%00%01%7F%C3%BC%FF", "/%00%01%7F%C3%BC%FF"},
		{"/%252F", "/%252F"},
		{"/p?x=%2F&y=%3F", "/p?x=%2F&y=%3F"},
		{"/%2F?", "//?"},
		{"/%2F?%2F?%2F", "//?%2F?%2F"},
		{"//1.5/7", "//1.5/7"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hawk_request request = plain;
		char *text = NULL;
		char want[128] = "\nDELETE\n";
		request.target = cases[i].target;
		strncat(want, cases[i].is_signed, sizeof(want) - strlen(want) - 1);
		strncat(want, "\nn\n", sizeof(want) - strlen(want) - 1);
		assert_int_equal(hawk_normalize(&text, &request), 0);
		assert_non_null(strstr(text, want));
		free(text);
	}
}

static void signs_with_the_key_as_text(void **state) {
	char mac[HAWK_MAC_TEXT_BYTES];
	struct signer *signer = signer_new("x", 1);
	(void)state;
	assert_non_null(signer);
	assert_int_equal(hawk_mac(mac, signer, "Jefe", "what do ya want for nothing?"), 0);
	assert_string_equal(mac, "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=");
	signer_free(signer);
}

static void writes_the_header_in_its_usual_order(void **state) {
	char *header = NULL;
	(void)state;
	assert_int_equal(hawk_authorize(&header, &plain, "token==", "mac="), 0);
	assert_string_equal(
		header, "Hawk id=\"token==\", ts=\"1700000000\", nonce=\"AAECAwQ=\", mac=\"mac=\""
	);
	free(header);
}

static void writes_a_nonce_in_standard_base64(void **state) {
	char nonce[HAWK_NONCE_TEXT_BYTES];
	(void)state;
	hawk_nonce(nonce, (const unsigned char[]){0xfb, 0xff, 0xfe, 0, 1});
	assert_string_equal(nonce, "+//+AAE=");
}

static void asks_for_no_change_since_check_or_grace(void **state) {
	static const struct {
		int64_t checked_ms, replaced_at_ms, grace_ms;
		const char *since;
	} cases[] = {
		{1700000000999, 1600000000000, 86400000, "1600086400.00"},
		{1700000000999, 1600000000009, 86400000, "1600086400.00"},
		{1700000000999, 1600000000010, 86400000, "1600086400.01"},
		// Two hours at least.
		{1700000000999, 1600000000000, 0, "1600007200.00"},
		{1700000000999, 1600000000000, -5, "1600007200.00"},
		{1700000000999, 1600000000000, 7200000, "1600007200.00"},
		{1700000000999, 1600000000000, 7200010, "1600007200.01"},
		// The check comes first.
		{1700000000999, 1700000000000, 0, "1700000000.99"},
		{1700000000000, 1699992800000, 0, "1700000000.00"},
		{1700000000000, 1699992799999, 0, "1699999999.99"},
		{1700000000999, INT64_MAX, INT64_MAX, "1700000000.99"},
		{INT64_MAX, INT64_MAX, 0, "9223372036854775.80"},
		// Nothing is older than time.
		{1700000000000, INT64_MIN, 0, "0.00"},
		{1700000000000, -7200000, 0, "0.00"},
		{1700000000000, -7199991, 0, "0.00"},
		{1700000000000, -7199990, 0, "0.01"},
		{-1, 0, 0, "0.00"},
		{0, 0, 0, "0.00"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char since[PRECONDITION_BYTES];
		precondition_format(
			since, cases[i].checked_ms, cases[i].replaced_at_ms, cases[i].grace_ms
		);
		assert_string_equal(since, cases[i].since);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_for_no_change_since_check_or_grace),
		cmocka_unit_test(ends_each_of_nine_lines),
		cmocka_unit_test(resolves_escapes_of_path_characters_only),
		cmocka_unit_test(signs_with_the_key_as_text),
		cmocka_unit_test(writes_a_nonce_in_standard_base64),
		cmocka_unit_test(writes_the_header_in_its_usual_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
