// SPDX-License-Identifier: MPL-2.0
// swift_backend_request_test: requests have the address and the headers that Swift's servers want.
#include "support/test.h"

#include "common/base/buf.h"
#include "common/http/http_message.h"
#include "common/targets/swift/backend/backend_answer.h"
#include "common/targets/swift/backend/backend_request.h"

#include <errno.h>
#include <string.h>

#define NAME(text) ((struct name_part){text, sizeof(text) - 1})
#define AT "http://10.1.0.1:6300/sda/9/"

static const struct ring_device device = {
	.ip = "10.0.0.1",
	.port = 6200,
	.replication_ip = "10.1.0.1",
	.replication_port = 6300,
	.device = "sda",
};
static const struct ring_device *const devices[] = {&device};

// All headers, each with a line feed.
static void assert_request(
	struct http_request *request, const char *method, const char *url, const char *headers
) {
	struct buf text;

	assert_string_equal(request->method, method);
	assert_string_equal(request->url, url);
	buf_init(&text, 0);
	for (size_t i = 0; i < request->header_count; i++)
		buf_fmt(&text, "%s\n", request->headers[i]);
	assert_string_equal(buf_text(&text), headers);
	buf_fini(&text);
	http_request_fini(request);
}

#define COMMON "X-Backend-Use-Replication-Network: true\nX-Backend-Allow-Reserved-Names: true\n"

static struct backend_list list_of(struct name_part marker) {
	return (struct backend_list){
		.place = {&device, 9},
		.account = NAME("AUTH_a"),
		.container = NAME("c c"),
		.marker = marker,
		.policy = -1,
		.body_bytes_most = 77,
	};
}

static void an_account_is_asked_for_its_status(void **state) {
	const struct backend_place place = {&device, 9};
	const struct name_part account = NAME("AUTH_\xc3\xa9");
	struct http_request request = {.method = NULL};

	(void)state;
	assert_int_equal(backend_head_account(&request, &place, &account), 0);
	assert_ptr_equal(request.keep, backend_account_headers);
	assert_int_equal(request.body_max_bytes, 0);
	assert_request(&request, "HEAD", AT "AUTH_%C3%A9", COMMON);
}

static void a_first_page_has_neither_marker_nor_limit(void **state) {
	const struct backend_list list = list_of(NAME(""));
	struct http_request request = {.method = NULL};

	(void)state;
	assert_int_equal(backend_list(&request, &list), 0);
	assert_ptr_equal(request.keep, backend_list_headers);
	assert_int_equal(request.body_max_bytes, 77);
	assert_request(&request, "GET", AT "AUTH_a/c%20c?format=json", COMMON);
}

static void a_marker_is_quoted(void **state) {
	const struct backend_list list = list_of(NAME("\0v&x=1#/\xc3\xa9+ %"));
	struct http_request request = {.method = NULL};

	(void)state;
	assert_int_equal(backend_list(&request, &list), 0);
	assert_request(
		&request,
		"GET",
		AT "AUTH_a/c%20c?format=json&marker=%00v%26x%3D1%23/%C3%A9%2B%20%25",
		COMMON
	);
}

static void a_page_may_have_a_limit_and_be_of_a_policy(void **state) {
	struct backend_list list = list_of(NAME("m"));
	struct http_request request = {.method = NULL};

	(void)state;
	list.limit = 250;
	list.policy = 0;
	assert_int_equal(backend_list(&request, &list), 0);
	assert_request(
		&request,
		"GET",
		AT "AUTH_a/c%20c?format=json&marker=m&limit=250",
		COMMON "X-Backend-Storage-Policy-Index: 0\n"
	);
}

static void shards_are_listed_whole(void **state) {
	struct backend_list list = list_of(NAME("m"));
	struct http_request request = {.method = NULL};

	(void)state;
	list.limit = 250;
	list.policy = 3;
	assert_int_equal(backend_list_shards(&request, &list), 0);
	assert_ptr_equal(request.keep, backend_list_headers);
	assert_int_equal(request.body_max_bytes, 77);
	assert_request(
		&request,
		"GET",
		AT "AUTH_a/c%20c?format=json&states=listing",
		COMMON "X-Backend-Record-Type: shard\n"
	);
}

static struct backend_delete delete_at(int64_t stamp_us) {
	return (struct backend_delete){
		.place = {&device, 9},
		.names = {NAME("AUTH_a"), NAME("c"), NAME("x?y%41 z")},
		.stamp_us = stamp_us,
		.requests = 1,
		.tells = {.kind = "Container", .partition = 5, .devices = devices, .count = 1},
	};
}

static void an_object_is_deleted_with_time_policy_and_whom_to_tell(void **state) {
	const struct backend_delete what = delete_at(INT64_C(1700000100123456));
	struct http_request request = {.method = NULL};

	(void)state;
	assert_int_equal(backend_delete_object(&request, &what, 1), 0);
	assert_null(request.keep);
	assert_request(
		&request,
		"DELETE",
		AT "AUTH_a/c/x%3Fy%2541%20z",
		COMMON "X-Timestamp: 1700000100.12345\n"
		       "X-Container-Host: 10.0.0.1:6200\n"
		       "X-Container-Partition: 5\n"
		       "X-Container-Device: sda\n"
		       "X-Backend-Storage-Policy-Index: 1\n"
	);
}

static void a_time_has_ten_digits_and_five(void **state) {
	static const struct {
		int64_t us;
		const char *header;
	} cases[] = {
		{0, "X-Timestamp: 0000000000.00000"},
		{19, "X-Timestamp: 0000000000.00001"},
		{INT64_C(999999999000010), "X-Timestamp: 0999999999.00001"},
		{INT64_C(1700000000999999), "X-Timestamp: 1700000000.99999"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct backend_delete what = delete_at(cases[i].us);
		struct http_request request = {.method = NULL};

		assert_int_equal(backend_delete_object(&request, &what, 0), 0);
		assert_string_equal(request.headers[2], cases[i].header);
		http_request_fini(&request);
	}
}

static void of_a_shard_its_path_is_said_quoted(void **state) {
	struct backend_delete what = delete_at(INT64_C(1700000100000000));
	struct http_request request = {.method = NULL};

	(void)state;
	what.tells.count = 0;
	what.told[0] = NAME(".shards_AUTH_\xc3\xa9");
	what.told[1] = NAME("c c-0");
	assert_int_equal(backend_delete_object(&request, &what, 0), 0);
	assert_request(
		&request,
		"DELETE",
		AT "AUTH_a/c/x%3Fy%2541%20z",
		COMMON "X-Timestamp: 1700000100.00000\n"
		       "X-Backend-Quoted-Container-Path: .shards_AUTH_%C3%A9/c%20c-0\n"
		       "X-Backend-Storage-Policy-Index: 0\n"
	);
}

static void a_container_is_deleted_though_its_account_is(void **state) {
	struct backend_delete what = delete_at(INT64_C(1700000100000000));
	struct http_request request = {.method = NULL};

	(void)state;
	what.tells.kind = "Account";
	assert_int_equal(backend_delete_container(&request, &what), 0);
	assert_request(
		&request,
		"DELETE",
		AT "AUTH_a/c",
		COMMON "X-Timestamp: 1700000100.00000\n"
		       "X-Account-Host: 10.0.0.1:6200\n"
		       "X-Account-Partition: 5\n"
		       "X-Account-Device: sda\n"
		       "X-Account-Override-Deleted: yes\n"
	);
}

static void a_server_without_an_address_is_an_error(void **state) {
	struct ring_device other = device;
	struct backend_delete what = delete_at(0);
	struct http_request request = {.method = NULL};
	char host[301];

	(void)state;
	memset(host, 'h', 300);
	host[300] = '\0';
	other.replication_ip = host;
	what.place.device = &other;
	assert_int_equal(backend_delete_object(&request, &what, 0), -EMSGSIZE);
	http_request_fini(&request);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_account_is_asked_for_its_status),
		cmocka_unit_test(a_first_page_has_neither_marker_nor_limit),
		cmocka_unit_test(a_marker_is_quoted),
		cmocka_unit_test(a_page_may_have_a_limit_and_be_of_a_policy),
		cmocka_unit_test(shards_are_listed_whole),
		cmocka_unit_test(an_object_is_deleted_with_time_policy_and_whom_to_tell),
		cmocka_unit_test(a_time_has_ten_digits_and_five),
		cmocka_unit_test(of_a_shard_its_path_is_said_quoted),
		cmocka_unit_test(a_container_is_deleted_though_its_account_is),
		cmocka_unit_test(a_server_without_an_address_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
