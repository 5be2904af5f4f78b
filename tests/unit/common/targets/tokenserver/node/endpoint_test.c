// SPDX-License-Identifier: MPL-2.0
// endpoint_test: what is sent for a node, and what is not a node. More in vectors_test.
#include "common/targets/tokenserver/node/delete_request.h"
#include "common/targets/tokenserver/node/endpoint.h"
#include "common/text/requote.h"
#include "support/test.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void names_one_origin_however_it_is_written(void **state) {
	static const char *const same[] = {
		"https://sync.example.com",
		"https://sync.example.com/",
		"HTTPS://SYNC.example.COM",
		"https://sync.example.com:443",
		"https://sync.example.com:0443/a",
		"https://sync.example.com:?x",
		"https://s%79nc.example.com/%zz",
		" https://sync.example.com",
	};
	static const char *const others[] = {
		"http://sync.example.com",
		"http://sync.example.com:443",
		"https://sync.example.com:8443",
		"https://sync.example.com.",
		"https://sync1.example.com",
	};
	struct endpoint endpoint;
	(void)state;
	for (size_t i = 0; i < sizeof(same) / sizeof(same[0]); i++) {
		assert_int_equal(endpoint_parse(&endpoint, same[i]), 0);
		assert_string_equal(endpoint.origin, "https://sync.example.com:443");
	}
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		assert_int_equal(endpoint_parse(&endpoint, others[i]), 0);
		assert_string_not_equal(endpoint.origin, "https://sync.example.com:443");
	}
}

static void keeps_brackets_around_an_ipv6_address(void **state) {
	struct endpoint endpoint;
	(void)state;
	assert_int_equal(endpoint_parse(&endpoint, "http://[2001:DB8::1]/p"), 0);
	assert_string_equal(endpoint.host, "[2001:db8::1]");
	assert_int_equal(endpoint.port, 80);
	assert_string_equal(endpoint.origin, "http://[2001:db8::1]:80");
	assert_string_equal(endpoint.site, "http://[2001:db8::1]");
	assert_string_equal(endpoint.target, "/p/1.5/");
}

static void refuses(const char *node) {
	struct endpoint endpoint = {.port = 7};
	if (endpoint_parse(&endpoint, node) != -EINVAL)
		fail_msg("'%s' is not refused", node);
	assert_int_equal(endpoint.port, 7);
}

static void refuses_a_node_without_a_scheme(void **state) {
	static const char *const cases[] = {
		"",
		" ",
		"h",
		"h:80",
		"//h",
		"/h",
		":",
		"://h",
		"sync.example.com",
		"http",
		"http:",
		"http:/",
		"http:h",
		"http:/h",
		"http//h",
		"http: //h",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refuses(cases[i]);
	refuses(NULL);
}

static void refuses_other_schemes(void **state) {
	static const char *const cases[] = {
		"ftp://h",
		"file:///h",
		"httpx://h",
		"https+unix://h",
		"xhttp://h",
		"ws://h",
		"javascript://h"};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refuses(cases[i]);
}

static void refuses_user_names(void **state) {
	static const char *const cases[] = {
		"http://u@h",
		"http://u:p@h",
		"http://@h",
		"http://:@h",
		"http://h@",
		"http://a@b@h",
		"http://u@[::1]",
		"http://[::1]@h"};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refuses(cases[i]);
}

static void refuses_wrong_ports(void **state) {
	static const char *const cases[] = {
		"http://h:0",
		"http://h:00",
		"http://h:65536",
		"http://h:99999",
		"http://h:4294967376",
		"http://h:18446744073709551696",
		"http://h:-1",
		"http://h:+1",
		"http://h:0x50",
		"http://h:8a",
		"http://h: 80",
		"http://h:80 ",
		"http://h::80",
		"http://h:80:80",
		"http://[::1]80",
		"http://[::1]:0",
		"http://:80",
		"http://h:%38%30",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refuses(cases[i]);
}

static void refuses_a_fragment_that_would_swallow_the_uid(void **state) {
	(void)state;
	refuses("http://h#");
	refuses("http://h/p#f");
	refuses("http://h?x#");
	refuses("http://h#@x");
}

static void refuses_control_characters_and_broken_text(void **state) {
	char node[] = "http://h/?";
	(void)state;
	for (int c = 1; c < 0x20; c++) {
		node[9] = (char)c;
		refuses(node);
	}
	refuses("http://h/\x7f");
	refuses("http://h\r\nX-Evil: 1");
	refuses("\thttp://h");
	refuses("http://h/\xff");
	refuses("http://h/\xc3");
	refuses("http://\xed\xa0\x80");
}

static void refuses_what_is_no_host(void **state) {
	static const char *const cases[] = {
		"http://",
		"http:///p",
		"http://?x",
		"http://\\h",
		"http://h h",
		"http://h ",
		"http:// h",
		"http://.h",
		"http://.",
		"http://a..b",
		"http://h..",
		"http://*.h",
		"http://h%",
		"http://h%2",
		"http://h%zz",
		"http://h%20",
		"http://h%2F",
		"http://h%00",
		"http://h%40x",
		"http://b%C3%BCcher",
		"http://a,b",
		"http://a+b",
		"http://a$b",
		"http://a\"b",
		"http://a<b",
		"http://a{b}",
		"http://a|b",
		"http://a^b",
		"http://a`b",
		"http://[",
		"http://[]",
		"http://[::1",
		"http://::1",
		"http://[::1]]",
		"http://[[::1]]",
		"http://[g::]",
		"http://[1.2.3.4]",
		"http://[v1.a]",
		"http://[fe80::1%25eth0]",
		"http://[fe80::1%eth0]",
		"http://[::1 ]",
		"http://[:::1]",
		"http://-\xc3\xbc",
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		refuses(cases[i]);
}

static void bounds_labels_and_names(void **state) {
	char node[400];
	struct endpoint endpoint;
	char label[65];
	(void)state;
	memset(label, 'a', sizeof(label));
	label[64] = '\0';
	snprintf(node, sizeof(node), "http://%s", label);
	refuses(node);
	label[63] = '\0';
	snprintf(node, sizeof(node), "http://%s", label);
	assert_int_equal(endpoint_parse(&endpoint, node), 0);
	snprintf(node, sizeof(node), "http://%s.%s.%s.%.61s", label, label, label, label);
	assert_int_equal(endpoint_parse(&endpoint, node), 0);
	snprintf(node, sizeof(node), "http://%s.%s.%s.%.61s.:65535", label, label, label, label);
	assert_int_equal(endpoint_parse(&endpoint, node), 0);
	assert_int_equal(strlen(endpoint.host), 254);
	assert_string_equal(endpoint.origin + 7 + 254, ":65535");
	snprintf(node, sizeof(node), "http://%s.%s.%s.%.62s", label, label, label, label);
	refuses(node);
}

static void bounds_the_node(void **state) {
	char node[TOKEN_NODE_MAX + 2];
	struct endpoint endpoint;
	char *url = NULL;
	(void)state;
	memset(node, '<', sizeof(node));
	memcpy(node, "http://h/", 9);
	node[TOKEN_NODE_MAX + 1] = '\0';
	refuses(node);
	// Each byte becomes three.
	node[TOKEN_NODE_MAX] = '\0';
	assert_int_equal(endpoint_parse(&endpoint, node), 0);
	assert_int_equal(strlen(endpoint.target), 3 * (TOKEN_NODE_MAX - 9) + 6);
	assert_int_equal(endpoint_url(&url, &endpoint, INT64_MIN), 0);
	assert_string_equal(strrchr(url, '/'), "/-9223372036854775808");
	free(url);
	node[8] = '?';
	assert_int_equal(endpoint_parse(&endpoint, node), 0);
	assert_int_equal(strlen(endpoint.target), 2 + 3 * (TOKEN_NODE_MAX - 9) + 5);
	node[8] = '\\';
	assert_int_equal(endpoint_parse(&endpoint, node), 0);
	assert_int_equal(strlen(endpoint.target), 1 + 3 * (TOKEN_NODE_MAX - 8) + 5);
}

static void resolves_dots_and_keeps_empty_segments(void **state) {
	static const struct {
		const char *path;
		const char *want;
	} cases[] = {
		{"", "/"},
		{"/", "/"},
		{"//", "//"},
		{"/.", "/"},
		{"/..", "/"},
		{"/./", "/"},
		{"/../", "/"},
		{"/a/.", "/a/"},
		{"/a/..", "/"},
		{"/a/b/..", "/a/"},
		{"/a/b/../", "/a/"},
		{"/a/b/../..", "/"},
		{"/a/b/../../..", "/"},
		{"/../../a", "/a"},
		{"/a/./b", "/a/b"},
		{"/a//b", "/a//b"},
		{"/a//../b", "/a/b"},
		{"/a/...", "/a/..."},
		{"/.a/a./..a/a..", "/.a/a./..a/a.."},
		{"/%2e%2e/a", "/a"},
		{"/a/%2E", "/a/"},
		{"/%2e%2e", "/"},
		{"/%2e%2e/", "/"},
		{"/%2e/", "/"},
		{"/a/%2e%2e/%2e./b", "/b"},
		{"/a/.%2e/b", "/b"},
		{"/a%2f../b", "/a%2F../b"},
		{"/a%2f/../b", "/b"},
		{"a", "/a"},
		{"a/..", "/"},
		{"..", "/"},
		{"\\..\\a", "/%5C..%5Ca"},
	};
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char path[64];
		requote_path(path, sizeof(path), cases[i].path);
		assert_string_equal(path, cases[i].want);
	}
}

static void takes_a_percent_sign_for_itself_when_one_begins_no_escape(void **state) {
	static const struct {
		const char *text;
		const char *want;
	} cases[] = {
		{"%", "%25"},
		{"%2", "%252"},
		{"%4g", "%254g"},
		{"%%41", "%25%2541"},
		{"%7e", "~"},
		{"%7e%", "%257E%25"},
		{"%25", "%25"},
		{"%2541", "%2541"},
		{"%c3%bc\xc3\xbc", "%C3%BC%C3%BC"},
	};
	char text[64];
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		requote_query(text, sizeof(text), cases[i].text);
		assert_string_equal(text, cases[i].want);
	}
	assert_int_equal(requote_escape("%41"), 0x41);
	assert_int_equal(requote_escape("%fF"), 0xff);
	assert_int_equal(requote_escape("%"), -1);
	assert_int_equal(requote_escape("%4"), -1);
	assert_int_equal(requote_escape("41"), -1);
	assert_int_equal(requote_escape("% 4"), -1);
}

static void leaves_nothing_when_it_refuses(void **state) {
	struct signer *signer = signer_new("SECRET", 6);
	struct delete_request request = {0};
	const struct delete_request_input good = {
		.uid = 7,
		.node = "http://h",
		.fxa_uid = "a",
		.fxa_kid = "b",
		.now_s = 1e9,
	};
	struct delete_request_input input = good;
	(void)state;
	assert_non_null(signer);
	input.node = "h";
	assert_int_equal(delete_request_sign(signer, &input, &request), -EINVAL);
	input = good;
	input.fxa_uid = "\xff";
	assert_int_equal(delete_request_sign(signer, &input, &request), -EILSEQ);
	input = good;
	input.now_s = -1;
	assert_int_equal(delete_request_sign(signer, &input, &request), -EINVAL);
	input = good;
	input.fxa_kid = NULL;
	assert_int_equal(delete_request_sign(signer, &input, &request), -EINVAL);
	assert_null(request.url);
	assert_null(request.authorization);
	assert_int_equal(delete_request_sign(signer, &good, &request), 0);
	assert_string_equal(request.url, "http://h/1.5/7");
	assert_string_equal(request.host, "h:80");
	delete_request_fini(&request);
	assert_null(request.url);
	delete_request_fini(&request);
	signer_free(signer);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bounds_labels_and_names),
		cmocka_unit_test(bounds_the_node),
		cmocka_unit_test(keeps_brackets_around_an_ipv6_address),
		cmocka_unit_test(leaves_nothing_when_it_refuses),
		cmocka_unit_test(names_one_origin_however_it_is_written),
		cmocka_unit_test(refuses_a_fragment_that_would_swallow_the_uid),
		cmocka_unit_test(refuses_a_node_without_a_scheme),
		cmocka_unit_test(refuses_control_characters_and_broken_text),
		cmocka_unit_test(refuses_other_schemes),
		cmocka_unit_test(refuses_user_names),
		cmocka_unit_test(refuses_what_is_no_host),
		cmocka_unit_test(refuses_wrong_ports),
		cmocka_unit_test(resolves_dots_and_keeps_empty_segments),
		cmocka_unit_test(takes_a_percent_sign_for_itself_when_one_begins_no_escape),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
