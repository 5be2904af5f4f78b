// SPDX-License-Identifier: MPL-2.0
// address_test: which addresses are taken, and who reaches them.
#include "support/test.h"

#include "cli/admin/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>

static void assert_ipv4(const char *text, const char *host, in_port_t port, bool is_loopback) {
	struct address address;
	const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)&address.socket;
	char found[INET_ADDRSTRLEN];

	assert_int_equal(address_parse(text, &address), 0);
	assert_int_equal(in->sin_family, AF_INET);
	assert_int_equal(address.bytes, sizeof(*in));
	assert_string_equal(inet_ntop(AF_INET, &in->sin_addr, found, sizeof(found)), host);
	assert_int_equal(ntohs(in->sin_port), port);
	assert_int_equal(address.is_loopback, is_loopback);
}

static void a_port_alone_is_of_this_machine(void **state) {
	(void)state;
	assert_ipv4(":9100", "127.0.0.1", 9100, true);
	assert_ipv4("localhost:1", "127.0.0.1", 1, true);
}

static void who_reaches_an_address_is_known(void **state) {
	struct address address;
	(void)state;
	assert_ipv4("127.9.9.9:65535", "127.9.9.9", 65535, true);
	assert_ipv4("0.0.0.0:9100", "0.0.0.0", 9100, false);
	assert_ipv4("10.1.2.3:9100", "10.1.2.3", 9100, false);
	assert_int_equal(address_parse("[::1]:9100", &address), 0);
	assert_int_equal(address.socket.ss_family, AF_INET6);
	assert_true(address.is_loopback);
	assert_int_equal(address_parse("[::]:9100", &address), 0);
	assert_false(address.is_loopback);
}

static void all_else_is_refused(void **state) {
	static const char *const texts[] = {
		"",
		":",
		":0",
		":65536",
		":65537",
		":99999999999999999999",
		":+1",
		": 1",
		":1 ",
		"9100",
		"127.0.0.1",
		"127.0.0.1:",
		"127.1:9100",
		"::1:9100",
		"[]:9100",
		"[::1:9100",
		"[127.0.0.1]:9100",
		"example.com:9100",
		"[1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb]:1",
	};
	struct address address;
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (address_parse(texts[i], &address) != -EINVAL)
			fail_msg("'%s' is taken", texts[i]);
		assert_non_null(address_wants(texts[i]));
	}
	assert_null(address_wants(":9100"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_port_alone_is_of_this_machine),
		cmocka_unit_test(who_reaches_an_address_is_known),
		cmocka_unit_test(all_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
