// SPDX-License-Identifier: MPL-2.0
// token_test: the text of a token for odd names and times, and what the shared secret makes of it.
#include "common/base/utf8.h"
#include "common/targets/tokenserver/node/signer.h"
#include "common/targets/tokenserver/node/token.h"
#include "support/test.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct token_claims plain = {
	.uid = 7,
	.node = "https://n",
	.fxa_uid = "abc",
	.fxa_kid = "0000000000001-qg",
	.salt = "0a1b2c",
	.now_s = 1700000000.25,
};

static void orders_and_spaces_the_payload_as_python_does(void **state) {
	char *payload = NULL;
	(void)state;
	assert_int_equal(token_payload(&payload, &plain), 0);
	assert_string_equal(
		payload,
		"{\"uid\": 7, \"node\": \"https://n\", \"fxa_uid\": \"abc\", \"fxa_kid\": "
		"\"0000000000001-qg\", \"salt\": \"0a1b2c\", \"expires\": 1700000300.25}"
	);
	free(payload);
}

static void escapes_what_json_and_ascii_want_escaped(void **state) {
	static const struct {
		const char *text;
		const char *json;
	} cases[] = {
		{"", ""},
		{"/'<>&", "/'<>&"},
		{"\"\\", "\\\"\\\\"},
		{"\b\t\n\f\r", "\\b\\t\\n\\f\\r"},
		{"\x01\x0b\x1f", "\\u0001\\u000b\\u001f"},
		{"~\x7f", "~\\u007f"},
		{"\xc2\x80\xc3\xbf", "\\u0080\\u00ff"},
		{"\xdf\xbf\xe0\xa0\x80", "\\u07ff\\u0800"},
		{"\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf", "\\ud7ff\\ue000\\uffff"},
		{"\xf0\x90\x80\x80", "\\ud800\\udc00"},
		{"\xf0\x9f\x92\xa9", "\\ud83d\\udca9"},
		{"\xf4\x8f\xbf\xbf", "\\udbff\\udfff"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct token_claims claims = plain;
		char want[80];
		char *payload = NULL;
		claims.fxa_uid = cases[i].text;
		snprintf(want, sizeof(want), "\"fxa_uid\": \"%s\", \"fxa_kid\"", cases[i].json);
		assert_int_equal(token_payload(&payload, &claims), 0);
		assert_non_null(strstr(payload, want));
		free(payload);
	}
}

static void refuses_text_that_is_not_utf8(void **state) {
	static const char *const cases[] = {
		"\x80",
		"\xbf",
		"\xc3",
		"a\xc3(",
		"\xc0\x80",
		"\xc1\xbf",
		"\xe2\x82",
		"\xe2(\xac",
		"\xe0\x9f\xbf",
		"\xed\xa0\x80",
		"\xed\xbf\xbf",
		"\xf0\x9f\x92",
		"\xf0\x8f\xbf\xbf",
		"\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80",
		"\xf8\x88\x80\x80\x80",
		"\xfe",
		"\xff",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct token_claims claims = plain;
		char *payload = NULL;
		uint32_t rune = 7;
		claims.fxa_uid = cases[i];
		assert_int_equal(token_payload(&payload, &claims), -EILSEQ);
		claims = plain;
		claims.node = cases[i];
		assert_int_equal(token_payload(&payload, &claims), -EILSEQ);
		claims = plain;
		claims.fxa_kid = cases[i];
		assert_int_equal(token_payload(&payload, &claims), -EILSEQ);
		assert_null(payload);
		if (cases[i][0] != 'a')
			assert_int_equal(utf8_read(cases[i], strlen(cases[i]), &rune), 0);
		assert_int_equal(rune, 7);
	}
}

static void writes_the_shortest_time_that_reads_back(void **state) {
	static const struct {
		double now_s;
		const char *expires;
	} cases[] = {
		{0, "300.0"},
		{0.5, "300.5"},
		{0.1, "300.1"},
		{1e9, "1000000300.0"},
		{1700000000, "1700000300.0"},
		{1700000000.1, "1700000300.1"},
		{1712345678.1234567, "1712345978.1234567"},
		{1799999999.999999, "1800000299.999999"},
		{1700000000.0000002, "1700000300.0000002"},
		{2147483347.9999998, "2147483647.9999998"},
		{1e14, "100000000000300.0"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct token_claims claims = plain;
		char want[80];
		char *payload = NULL;
		claims.now_s = cases[i].now_s;
		snprintf(want, sizeof(want), "\"expires\": %s}", cases[i].expires);
		assert_int_equal(token_payload(&payload, &claims), 0);
		assert_string_equal(strstr(payload, "\"expires\""), want);
		free(payload);
	}
}

static void every_time_reads_back(void **state) {
	uint64_t seed = 88172645463325252U;
	(void)state;
	for (int i = 0; i < 2000; i++) {
		struct token_claims claims = plain;
		char *payload = NULL;
		seed ^= seed << 13;
		seed ^= seed >> 7;
		seed ^= seed << 17;
		claims.now_s = (double)(seed >> 11) * 0x1p-53 * 4e9;
		assert_int_equal(token_payload(&payload, &claims), 0);
		const char *colon = strrchr(payload, ':');
		assert_true(colon != NULL && strtod(colon + 1, NULL) == claims.now_s + 300);
		free(payload);
	}
}

static void refuses_what_is_no_time(void **state) {
	static const double cases[] = {
		-1, -0.001, 1e14 + 1, 1e300, (double)INFINITY, -(double)INFINITY, (double)NAN};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct token_claims claims = plain;
		char *payload = NULL;
		claims.now_s = cases[i];
		assert_int_equal(token_payload(&payload, &claims), -EINVAL);
		assert_null(payload);
	}
}

static void refuses_missing_and_absurdly_long_names(void **state) {
	char name[TOKEN_NAME_MAX + 2];
	char *payload = NULL;
	(void)state;
	memset(name, 'x', sizeof(name));
	name[TOKEN_NAME_MAX + 1] = '\0';
	struct token_claims claims = plain;
	claims.fxa_uid = name;
	assert_int_equal(token_payload(&payload, &claims), -EINVAL);
	claims = plain;
	claims.fxa_kid = name;
	assert_int_equal(token_payload(&payload, &claims), -EINVAL);
	claims = plain;
	claims.fxa_uid = NULL;
	assert_int_equal(token_payload(&payload, &claims), -EINVAL);
	claims = plain;
	claims.node = NULL;
	assert_int_equal(token_payload(&payload, &claims), -EINVAL);
	claims = plain;
	claims.fxa_kid = NULL;
	assert_int_equal(token_payload(&payload, &claims), -EINVAL);
	name[TOKEN_NAME_MAX] = '\0';
	claims = plain;
	claims.node = name;
	assert_int_equal(token_payload(&payload, &claims), -EINVAL);
	assert_null(payload);

	claims = plain;
	claims.fxa_uid = name;
	name[TOKEN_NODE_MAX] = '\0';
	claims.node = name;
	assert_int_equal(token_payload(&payload, &claims), 0);
	free(payload);
}

static void writes_a_salt_in_lower_case(void **state) {
	char salt[TOKEN_SALT_TEXT_BYTES];
	(void)state;
	token_salt(salt, (const unsigned char[]){0x0a, 0xbc, 0xff});
	assert_string_equal(salt, "0abcff");
	token_salt(salt, (const unsigned char[]){0, 0, 0});
	assert_string_equal(salt, "000000");
}

static void refuses_an_empty_secret(void **state) {
	(void)state;
	errno = 0;
	assert_null(signer_new("", 0));
	assert_int_equal(errno, EINVAL);
	errno = 0;
	assert_null(signer_new(NULL, 3));
	assert_int_equal(errno, EINVAL);
	signer_free(NULL);
}

// RFC 4231, the cases whose key and data are text, and one with a key that is longer than a block.
static void signs_as_rfc_4231_says(void **state) {
	static const struct {
		const char *key;
		const char *text;
		unsigned char mac[4];
	} cases[] = {
		{"Jefe", "what do ya want for nothing?", {0x5b, 0xdc, 0xc1, 0x46}},
		{"\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b\x0b",
		 "Hi There",
		 {0xb0, 0x34, 0x4c, 0x61}},
		{NULL,
		 "Test Using Larger Than Block-Size Key - Hash Key First",
		 {0x60, 0xe4, 0x31, 0x59}},
	};
	char long_key[132];
	unsigned char mac[SIGNER_BYTES];
	struct signer *signer = signer_new("x", 1);

	(void)state;
	assert_non_null(signer);
	memset(long_key, 0xaa, sizeof(long_key));
	long_key[131] = '\0';
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *key = cases[i].key != NULL ? cases[i].key : long_key;
		assert_int_equal(
			signer_sign_with(signer, key, cases[i].text, strlen(cases[i].text), mac), 0
		);
		assert_memory_equal(mac, cases[i].mac, sizeof(cases[i].mac));
	}
	signer_free(signer);
}

static void signs_the_same_again(void **state) {
	unsigned char first[SIGNER_BYTES], second[SIGNER_BYTES], other[SIGNER_BYTES];
	struct signer *signer = signer_new("SECRET", 6);
	(void)state;
	assert_non_null(signer);
	assert_int_equal(signer_sign(signer, "a", 1, first), 0);
	assert_int_equal(signer_derive(signer, "0a1b2c", "token", other), 0);
	assert_int_equal(signer_sign(signer, "a", 1, second), 0);
	assert_memory_equal(first, second, sizeof(first));
	assert_memory_not_equal(first, other, sizeof(first));
	signer_free(signer);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(escapes_what_json_and_ascii_want_escaped),
		cmocka_unit_test(every_time_reads_back),
		cmocka_unit_test(orders_and_spaces_the_payload_as_python_does),
		cmocka_unit_test(refuses_an_empty_secret),
		cmocka_unit_test(refuses_missing_and_absurdly_long_names),
		cmocka_unit_test(refuses_text_that_is_not_utf8),
		cmocka_unit_test(refuses_what_is_no_time),
		cmocka_unit_test(signs_as_rfc_4231_says),
		cmocka_unit_test(signs_the_same_again),
		cmocka_unit_test(writes_a_salt_in_lower_case),
		cmocka_unit_test(writes_the_shortest_time_that_reads_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
