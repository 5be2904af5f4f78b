// SPDX-License-Identifier: MPL-2.0
// identity_test: under which user and key a node keeps data, for odd records, too.
#include "common/targets/tokenserver/node/identity.h"
#include "common/text/base64.h"
#include "support/test.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static void takes_the_email_up_to_its_first_at_sign(void **state) {
	static const struct {
		const char *email;
		const char *uid;
	} cases[] = {
		{"abc@example.com", "abc"},
		{"a@b@c", "a"},
		{"nobody", "nobody"},
		{"", ""},
		{"@", ""},
		{"@example.com", ""},
		{" a b @x", " a b "},
		{"J\xc3\xbcrgen@x", "J\xc3\xbcrgen"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *uid = NULL;
		assert_int_equal(identity_uid(&uid, cases[i].email), 0);
		assert_string_equal(uid, cases[i].uid);
		free(uid);
	}
	char *untouched = NULL;
	assert_int_equal(identity_uid(&untouched, NULL), -EINVAL);
	assert_null(untouched);
}

static void counts_a_minus_sign_in_the_thirteen(void **state) {
	static const struct {
		int64_t generation;
		int64_t keys_changed_at;
		const char *kid;
	} cases[] = {
		{123, 0, "0000000000123-"},
		{123, 45, "0000000000045-"},
		{123, -5, "-000000000005-"},
		{-5, 0, "-000000000005-"},
		{0, 0, "0000000000000-"},
		{1, 1234567890123, "1234567890123-"},
		{1, 12345678901234, "12345678901234-"},
		{1, -123456789012, "-123456789012-"},
		{1, -1234567890123, "-1234567890123-"},
		{INT64_MAX, 0, "9223372036854775807-"},
		{INT64_MIN, 0, "-9223372036854775808-"},
		{0, INT64_MIN, "-9223372036854775808-"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char kid[IDENTITY_KID_BYTES];
		int err = identity_kid(kid, cases[i].generation, cases[i].keys_changed_at, "");
		assert_int_equal(err, 0);
		assert_string_equal(kid, cases[i].kid);
	}
}

static void reads_hex_of_either_case(void **state) {
	char kid[IDENTITY_KID_BYTES];
	(void)state;
	assert_int_equal(identity_kid(kid, 1, 0, "aa"), 0);
	assert_string_equal(kid, "0000000000001-qg");
	assert_int_equal(identity_kid(kid, 1, 0, "AABb"), 0);
	assert_string_equal(kid, "0000000000001-qrs");
	assert_int_equal(identity_kid(kid, 1, 0, "fbFFbf"), 0);
	assert_string_equal(kid, "0000000000001--_-_");
	assert_int_equal(identity_kid(kid, 1, 0, "0000"), 0);
	assert_string_equal(kid, "0000000000001-AAA");
}

static void refuses_a_client_state_that_is_not_hex(void **state) {
	static const char *const cases[] = {
		"a",    "abc",   "zz",       "0x", "0xaa", "+1", "-1", " a", "a ", "aa bb",
		"aa\n", "a\xc3", "\xc3\xbc", "ag", "ga",   "a:", "a/", "a@", "a`",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char kid[IDENTITY_KID_BYTES] = "as it was";
		assert_int_equal(identity_kid(kid, 1, 0, cases[i]), -EINVAL);
		assert_string_equal(kid, "as it was");
	}
	char kid[IDENTITY_KID_BYTES];
	assert_int_equal(identity_kid(kid, 1, 0, NULL), -EINVAL);
}

static void refuses_an_absurdly_long_client_state(void **state) {
	char hex[4 * IDENTITY_STATE_MAX + 1];
	char kid[IDENTITY_KID_BYTES];
	(void)state;
	memset(hex, 'f', sizeof(hex));
	hex[sizeof(hex) - 1] = '\0';
	assert_int_equal(identity_kid(kid, INT64_MIN, 0, hex), -EMSGSIZE);
	hex[IDENTITY_STATE_MAX + 1] = '\0';
	assert_int_equal(identity_kid(kid, INT64_MIN, 0, hex), -EMSGSIZE);
	hex[IDENTITY_STATE_MAX] = '\0';
	assert_int_equal(identity_kid(kid, INT64_MIN, 0, hex), 0);
	assert_int_equal(strlen(kid), 21 + (IDENTITY_STATE_MAX / 2 * 8 + 5) / 6);
}

// The examples of RFC 4648, and what differs between the forms.
static void writes_base64_in_three_forms(void **state) {
	static const struct {
		const char *bytes;
		size_t len;
		const char *text[3];
	} cases[] = {
		{"", 0, {"", "", ""}},
		{"f", 1, {"Zg==", "Zg==", "Zg"}},
		{"fo", 2, {"Zm8=", "Zm8=", "Zm8"}},
		{"foo", 3, {"Zm9v", "Zm9v", "Zm9v"}},
		{"foob", 4, {"Zm9vYg==", "Zm9vYg==", "Zm9vYg"}},
		{"fooba", 5, {"Zm9vYmE=", "Zm9vYmE=", "Zm9vYmE"}},
		{"foobar", 6, {"Zm9vYmFy", "Zm9vYmFy", "Zm9vYmFy"}},
		{"\xfb\xff\xfe\xff", 4, {"+//+/w==", "-__-_w==", "-__-_w"}},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (int form = BASE64_STANDARD; form <= BASE64_URL_BARE; form++) {
			char text[BASE64_BYTES(6)];
			size_t len = base64_encode(
				text, cases[i].bytes, cases[i].len, (enum base64_form)form
			);
			assert_string_equal(text, cases[i].text[form]);
			assert_int_equal(len, strlen(text));
		}
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_a_minus_sign_in_the_thirteen),
		cmocka_unit_test(reads_hex_of_either_case),
		cmocka_unit_test(refuses_a_client_state_that_is_not_hex),
		cmocka_unit_test(refuses_an_absurdly_long_client_state),
		cmocka_unit_test(takes_the_email_up_to_its_first_at_sign),
		cmocka_unit_test(writes_base64_in_three_forms),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
