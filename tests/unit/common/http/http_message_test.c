// SPDX-License-Identifier: MPL-2.0
// http_message_test: building a request.
#include "support/test.h"

#include "common/http/http_message.h"

#include <errno.h>

static void keeps_a_copy_of_url_and_headers(void **state) {
	(void)state;
	struct http_request request = {.method = "DELETE"};
	char url[] = "http://n/1.5/7";
	assert_int_equal(http_request_url(&request, "http://old/"), 0);
	assert_int_equal(http_request_url(&request, url), 0);
	url[0] = '?'; // cppcheck-suppress unreadVariable
	assert_int_equal(http_request_header(&request, "X-Uid: %d", 7), 0);
	assert_string_equal(request.url, "http://n/1.5/7");
	assert_string_equal(request.headers[0], "X-Uid: 7");
	assert_int_equal(request.header_count, 1);

	http_request_fini(&request);
	assert_null(request.url);
	assert_int_equal(request.header_count, 0);
	http_request_fini(&request);
}

static void refuses_what_would_split_a_line(void **state) {
	(void)state;
	static const char *const bad[] = {
		"a: b\r\nc: d", "a: b\n", "a: \x01", "a: \x7f", "no colon"};
	struct http_request request = {0};
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(http_request_header(&request, "%s", bad[i]), -EINVAL);
	assert_int_equal(request.header_count, 0);

	assert_int_equal(http_request_url(&request, "http://n/"), 0);
	assert_int_equal(http_request_url(&request, "http://n/\r\nHost: x"), -EINVAL);
	assert_string_equal(request.url, "http://n/");
	http_request_fini(&request);
}

static void refuses_one_header_too_many(void **state) {
	(void)state;
	struct http_request request = {0};
	for (int i = 0; i < HTTP_HEADERS_MAX; i++)
		assert_int_equal(http_request_header(&request, "X-%d: y", i), 0);
	assert_int_equal(http_request_header(&request, "X: y"), -ENOBUFS);
	assert_int_equal(request.header_count, HTTP_HEADERS_MAX);
	http_request_fini(&request);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keeps_a_copy_of_url_and_headers),
		cmocka_unit_test(refuses_what_would_split_a_line),
		cmocka_unit_test(refuses_one_header_too_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
