// SPDX-License-Identifier: MPL-2.0
// swift_backend_url_test: addresses of Swift's servers, with any name.
#include "support/test.h"

#include "common/base/buf.h"
#include "common/targets/swift/backend/backend_url.h"

#include <errno.h>
#include <string.h>

#define NAME(text) ((struct name_part){text, sizeof(text) - 1})

static const struct ring_device device = {
	.ip = "10.0.0.1",
	.port = 6200,
	.replication_ip = "10.1.0.1",
	.replication_port = 6300,
	.device = "sd a?",
};

static void assert_quoted(struct name_part name, const char *quoted) {
	struct buf out;

	buf_init(&out, 0);
	backend_quote(&out, &name);
	assert_int_equal(out.error, 0);
	assert_string_equal(buf_text(&out), quoted);
	buf_fini(&out);
}

static void assert_origin(const char *ip, const char *origin) {
	struct ring_device other = device;
	char out[300];

	other.replication_ip = ip;
	assert_int_equal(backend_origin(&other, out, sizeof(out)), 0);
	assert_string_equal(out, origin);
}

static void a_name_is_quoted_as_urllib_quotes_it(void **state) {
	(void)state;
	assert_quoted(NAME("azAZ09_.-~"), "azAZ09_.-~");
	assert_quoted(NAME("x?y%41 z"), "x%3Fy%2541%20z");
	assert_quoted(
		NAME("!\"#$&'()*+,:;<=>@[\\]^`{|}"),
		"%21%22%23%24%26%27%28%29%2A%2B%2C%3A%3B%3C%3D%3E%40%5B%5C%5D%5E%60%7B%7C%7D"
	);
	assert_quoted(NAME(""), "");
}

static void a_name_may_hold_any_bytes(void **state) {
	(void)state;
	assert_quoted(NAME("\0versions\0c"), "%00versions%00c");
	assert_quoted(NAME("\xc3\xa9\xf0\x9f\x98\x80"), "%C3%A9%F0%9F%98%80");
	assert_quoted(NAME("\r\n\x7f\xff"), "%0D%0A%7F%FF");
}

static void slashes_and_dots_of_a_name_stay_where_they_are(void **state) {
	(void)state;
	assert_quoted(NAME("a/../b"), "a/../b");
	assert_quoted(NAME("/a//./"), "/a//./");
}

static void a_server_is_that_of_the_replication_network(void **state) {
	(void)state;
	assert_origin("10.1.0.1", "http://10.1.0.1:6300");
	assert_origin("storage-1.example", "http://storage-1.example:6300");
}

static void an_ipv6_address_has_brackets_once(void **state) {
	(void)state;
	assert_origin("::1", "http://[::1]:6300");
	assert_origin("fd00::3", "http://[fd00::3]:6300");
	assert_origin("[fd00::3]", "http://[fd00::3]:6300");
}

static void an_origin_fits_with_its_nul_or_is_refused(void **state) {
	char out[21];

	(void)state;
	assert_int_equal(backend_origin(&device, out, sizeof(out)), 0);
	assert_int_equal(backend_origin(&device, out, sizeof(out) - 1), -ENAMETOOLONG);
}

static void an_address_has_device_partition_and_names(void **state) {
	const struct backend_place place = {&device, 4294967295};
	const struct name_part names[] = {NAME("AUTH_a"), NAME("\0versions\0c"), NAME("a/ b")};
	struct buf out;

	(void)state;
	buf_init(&out, 0);
	backend_url(&out, &place, names, 3);
	assert_int_equal(out.error, 0);
	assert_string_equal(
		buf_text(&out),
		"http://10.1.0.1:6300/sd%20a%3F/4294967295/AUTH_a/%00versions%00c/a/%20b"
	);
	buf_clear(&out);
	backend_url(&out, &place, names, 1);
	assert_string_equal(buf_text(&out), "http://10.1.0.1:6300/sd%20a%3F/4294967295/AUTH_a");
	buf_fini(&out);
}

static void a_host_that_is_too_long_is_an_error_of_the_address(void **state) {
	char host[301];
	const struct ring_device other = {.replication_ip = host, .device = "sda"};
	const struct backend_place place = {&other, 1};
	const struct name_part name = NAME("AUTH_a");
	struct buf out;

	(void)state;
	memset(host, 'h', 300);
	host[300] = '\0';
	buf_init(&out, 0);
	backend_url(&out, &place, &name, 1);
	assert_int_equal(out.error, -EMSGSIZE);
	buf_fini(&out);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_is_quoted_as_urllib_quotes_it),
		cmocka_unit_test(a_name_may_hold_any_bytes),
		cmocka_unit_test(slashes_and_dots_of_a_name_stay_where_they_are),
		cmocka_unit_test(a_server_is_that_of_the_replication_network),
		cmocka_unit_test(an_ipv6_address_has_brackets_once),
		cmocka_unit_test(an_origin_fits_with_its_nul_or_is_refused),
		cmocka_unit_test(an_address_has_device_partition_and_names),
		cmocka_unit_test(a_host_that_is_too_long_is_an_error_of_the_address),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
