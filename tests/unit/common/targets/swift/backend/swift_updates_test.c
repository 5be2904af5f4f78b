// SPDX-License-Identifier: MPL-2.0
// swift_updates_test: each server that is to be told is named once.
#include "support/test.h"

#include "common/http/http_message.h"
#include "common/targets/swift/backend/updates.h"

#include <errno.h>
#include <string.h>

static const struct ring_device rows[] = {
	{.ip = "10.0.0.1", .port = 6201, .replication_port = 6301, .device = "sda"},
	{.ip = "10.0.0.2", .port = 6211, .replication_port = 6311, .device = "sdb"},
	{.ip = "fd00::3", .port = 6201, .replication_port = 6301, .device = "sdc"},
};
static const struct ring_device *const devices[] = {&rows[0], &rows[1], &rows[2]};

static void assert_named(
	size_t count, size_t index, size_t requests, const char *hosts, const char *names
) {
	const struct updates updates = {
		.kind = "Container", .partition = 17, .devices = devices, .count = count};
	struct http_request request = {.method = NULL};

	assert_int_equal(updates_name(&updates, index, requests, &request), 0);
	if (hosts == NULL) {
		assert_int_equal(request.header_count, 0);
	} else {
		assert_int_equal(request.header_count, 3);
		assert_string_equal(request.headers[0], hosts);
		assert_string_equal(request.headers[1], "X-Container-Partition: 17");
		assert_string_equal(request.headers[2], names);
	}
	http_request_fini(&request);
}

static void as_many_requests_name_one_server_each(void **state) {
	(void)state;
	assert_named(3, 0, 3, "X-Container-Host: 10.0.0.1:6201", "X-Container-Device: sda");
	assert_named(3, 1, 3, "X-Container-Host: 10.0.0.2:6211", "X-Container-Device: sdb");
}

static void an_ipv6_address_has_no_brackets(void **state) {
	(void)state;
	assert_named(3, 2, 3, "X-Container-Host: fd00::3:6201", "X-Container-Device: sdc");
}

static void fewer_requests_name_several_servers_with_commas(void **state) {
	(void)state;
	assert_named(
		3,
		0,
		2,
		"X-Container-Host: 10.0.0.1:6201,fd00::3:6201",
		"X-Container-Device: sda,sdc"
	);
	assert_named(3, 1, 2, "X-Container-Host: 10.0.0.2:6211", "X-Container-Device: sdb");
	assert_named(
		3,
		0,
		1,
		"X-Container-Host: 10.0.0.1:6201,10.0.0.2:6211,fd00::3:6201",
		"X-Container-Device: sda,sdb,sdc"
	);
}

static void of_more_requests_the_last_name_none(void **state) {
	(void)state;
	assert_named(2, 0, 3, "X-Container-Host: 10.0.0.1:6201", "X-Container-Device: sda");
	assert_named(2, 1, 3, "X-Container-Host: 10.0.0.2:6211", "X-Container-Device: sdb");
	assert_named(2, 2, 3, NULL, NULL);
	assert_named(0, 0, 1, NULL, NULL);
}

static void the_kind_is_in_the_names_of_the_headers(void **state) {
	const struct updates updates = {
		.kind = "Account", .partition = 0, .devices = devices, .count = 1};
	struct http_request request = {.method = NULL};

	(void)state;
	assert_int_equal(updates_name(&updates, 0, 1, &request), 0);
	assert_string_equal(request.headers[0], "X-Account-Host: 10.0.0.1:6201");
	assert_string_equal(request.headers[1], "X-Account-Partition: 0");
	assert_string_equal(request.headers[2], "X-Account-Device: sda");
	http_request_fini(&request);
}

static void a_device_with_a_control_character_is_refused(void **state) {
	const struct ring_device odd = {.ip = "10.0.0.1", .port = 1, .device = "a\r\nX: y"};
	const struct ring_device *const list[] = {&odd};
	const struct updates updates = {.kind = "Account", .devices = list, .count = 1};
	struct http_request request = {.method = NULL};

	(void)state;
	assert_int_equal(updates_name(&updates, 0, 1, &request), -EINVAL);
	http_request_fini(&request);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_many_requests_name_one_server_each),
		cmocka_unit_test(an_ipv6_address_has_no_brackets),
		cmocka_unit_test(fewer_requests_name_several_servers_with_commas),
		cmocka_unit_test(of_more_requests_the_last_name_none),
		cmocka_unit_test(the_kind_is_in_the_names_of_the_headers),
		cmocka_unit_test(a_device_with_a_control_character_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
