// SPDX-License-Identifier: MPL-2.0
// dlrepo_origin_test: the servers that released tags are published to.
#include "support/test.h"

#include "common/targets/dlrepo/publish/origin.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void an_address_is_what_stands_before_its_path(void **state) {
	static const char *const rows[][2] = {
		{"http://h", "http://h:80"},
		{"http://h/", "http://h:80"},
		{"https://dlrepo.example/", "https://dlrepo.example:443"},
		{"http://h:8080", "http://h:8080"},
		{"https://h:80/", "https://h:80"},
		{"http://192.0.2.7:65535", "http://192.0.2.7:65535"},
		{"http://[2001:db8::7]", "http://[2001:db8::7]:80"},
		{"https://[::1]:8443/", "https://[::1]:8443"},
		{"HTTP://h", "http://h:80"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char origin[ORIGIN_BYTES] = "", error[200] = "";

		if (origin_parse(rows[i][0], origin, error, sizeof(error)) != 0 ||
		    strcmp(origin, rows[i][1]) != 0)
			fail_msg("'%s': '%s' (%s)", rows[i][0], origin, error);
		assert_string_equal(error, "");
	}
}

static void assert_refused(const char *url, const char *words) {
	char origin[ORIGIN_BYTES], error[200] = "";

	if (origin_parse(url, origin, error, sizeof(error)) != -EINVAL ||
	    strstr(error, words) == NULL)
		fail_msg("'%s': '%s'", url, error);
}

static void more_than_that_is_refused(void **state) {
	(void)state;
	assert_refused("http://h/pre", "it has a path");
	assert_refused("http://h/pre/", "it has a path");
	assert_refused("http://h//", "it has a path");
	assert_refused("http://me@h", "it has a user");
	assert_refused("http://me:secret@h/", "it has a user");
	assert_refused("http://:secret@h/", "it has a user");
	assert_refused("http://h/?a=b", "it has a query");
	assert_refused("http://h?a=b", "it has a query");
	assert_refused("http://h#part", "a fragment");
}

static void what_is_no_address_is_refused(void **state) {
	static const char *const rows[] = {
		"",
		" ",
		"/",
		"h",
		"h:8080",
		"//h",
		"http:",
		"http://",
		"http://h:99999",
		"http://h:x",
		"http://a b",
		"http://h\n",
		"http://[::1",
		"ftp://h",
		"file:///etc/passwd",
		"gopher://h",
		"javascript:alert(1)",
		"http+unix://h",
	};
	char url[500] = "http://";

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_refused(rows[i], "it is no address like");
	memset(url + strlen(url), 'a', ORIGIN_BYTES);
	assert_refused(url, "it is no address like");
}

static void what_is_wrong_never_says_the_password(void **state) {
	char origin[ORIGIN_BYTES], error[200] = "";

	(void)state;
	assert_int_equal(
		origin_parse("http://me:hunter2@h/x", origin, error, sizeof(error)), -EINVAL
	);
	assert_null(strstr(error, "hunter2"));
}

static void a_login_is_all_but_the_blanks_around_it(void **state) {
	static const struct {
		const char *text;
		size_t len;
		const char *value;
	} rows[] = {
		{"me:pa:ss", 8, "Basic bWU6cGE6c3M="},
		{"me:pa:ss\n", 9, "Basic bWU6cGE6c3M="},
		{" \t\r\nme:pa:ss \v\f\r\n", 16, "Basic bWU6cGE6c3M="},
		{"me:pa:ssXXX", 8, "Basic bWU6cGE6c3M="},
		{":", 1, "Basic Og=="},
		{"me:", 3, "Basic bWU6"},
		{"a b:c d", 7, "Basic YSBiOmMgZA=="},
		{"\xc3\xa9:\xff", 4, "Basic w6k6/w=="},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *value = NULL;

		assert_int_equal(origin_authorization(rows[i].text, rows[i].len, &value), 0);
		assert_string_equal(value, rows[i].value);
		free(value);
	}
}

static void what_is_no_login_is_refused(void **state) {
	static const struct {
		const char *text;
		size_t len;
	} rows[] = {
		{"", 0},
		{" \n", 2},
		{"me", 2},
		{"me:pass", 2}, // its colon is behind the end
		{"me:pass\nyou:pass", 16},
		{"me:pa\rss", 8},
		{"me:pa\tss", 8},
		{"me:pa\0ss", 8},
		{"me:pass\0", 8},
		{"me:pa\x7fss", 8},
		{"\x1bme:pass", 8},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char *value = NULL;

		if (origin_authorization(rows[i].text, rows[i].len, &value) != -EINVAL)
			fail_msg("row %zu: '%s'", i, value);
		assert_null(value);
	}
}

static void assert_path(const char *branch, const char *tag, const char *expected) {
	char *path = origin_tag_path(branch, tag);

	assert_non_null(path);
	assert_string_equal(path, expected);
	free(path);
}

static void every_byte_of_a_name_gets_there(void **state) {
	(void)state;
	assert_path("main", "t1", "/branches/main/t1/");
	assert_path("a-._~Z", "09azAZ", "/branches/a-._~Z/09azAZ/");
	assert_path("b c", "100%", "/branches/b%20c/100%25/");
	assert_path("a/b", "t", "/branches/a%2Fb/t/");
	assert_path("?q", "#f", "/branches/%3Fq/%23f/");
	assert_path("\xc3\xa9", "\x01\x7f\xff\n", "/branches/%C3%A9/%01%7F%FF%0A/");
	assert_path("+&=;:@", "*'()!", "/branches/%2B%26%3D%3B%3A%40/%2A%27%28%29%21/");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_is_what_stands_before_its_path),
		cmocka_unit_test(more_than_that_is_refused),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(what_is_wrong_never_says_the_password),
		cmocka_unit_test(a_login_is_all_but_the_blanks_around_it),
		cmocka_unit_test(what_is_no_login_is_refused),
		cmocka_unit_test(every_byte_of_a_name_gets_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
