// SPDX-License-Identifier: MPL-2.0
// swift_local_ips_test: the addresses of this machine, as rings have them.
#include "support/test.h"

#include "common/targets/swift/scan/local_ips.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

// A host with two addresses, and no other one that a name server knows.
static struct sockaddr_in four = {.sin_family = AF_INET};
static struct sockaddr_in6 six = {.sin6_family = AF_INET6};
static struct addrinfo answers[2];

WRAPS(getaddrinfo);
int __wrap_getaddrinfo(
	const char *host, const char *service, const struct addrinfo *hints, struct addrinfo **out
) {
	(void)service, (void)hints;
	if (strcmp(host, "node.example") != 0)
		return EAI_NONAME;
	assert_int_equal(inet_pton(AF_INET, "10.9.8.7", &four.sin_addr), 1);
	assert_int_equal(inet_pton(AF_INET6, "2001:db8::7", &six.sin6_addr), 1);
	answers[0] = (struct addrinfo){
		.ai_addr = (struct sockaddr *)(void *)&six, .ai_next = &answers[1]};
	answers[1] = (struct addrinfo){.ai_addr = (struct sockaddr *)(void *)&four};
	*out = answers;
	return 0;
}

WRAPS(freeaddrinfo);
void __wrap_freeaddrinfo(struct addrinfo *list) {
	assert_ptr_equal(list, answers);
}

static bool have(const char *bind_ip, const char *host) {
	struct local_ips ips = {.count = 0};
	bool is_ours;

	assert_int_equal(local_ips_read(&ips, bind_ip), 0);
	is_ours = local_ips_have(&ips, host);
	local_ips_free(&ips);
	assert_int_equal(ips.count, 0);
	local_ips_free(&ips);
	return is_ours;
}

static void an_address_that_is_bound_to_is_the_only_one(void **state) {
	(void)state;
	assert_true(have("10.0.0.1", "10.0.0.1"));
	assert_false(have("10.0.0.1", "10.0.0.10"));
	assert_false(have("10.0.0.1", "127.0.0.1"));
	assert_true(have("2001:db8::1", "2001:db8::1"));
	assert_false(have("2001:db8::1", "2001:db8::2"));
	assert_false(have("2001:db8::1", "::1"));
}

static void an_address_is_the_same_in_other_letters(void **state) {
	(void)state;
	assert_true(have("2001:db8::a", "2001:DB8:0:0:0:0:0:A"));
	assert_true(have("2001:0db8:0::000a", "2001:db8::a"));
}

static void bound_to_any_address_all_of_the_machine_are_ours(void **state) {
	static const char *const any[] = {"0.0.0.0", "::", "::0", "0:0:0:0:0:0:0:0"};

	(void)state;
	for (size_t i = 0; i < sizeof(any) / sizeof(any[0]); i++) {
		assert_true(have(any[i], "127.0.0.1"));
		assert_false(have(any[i], "192.0.2.1"));
		assert_false(have(any[i], "2001:db8::1"));
	}
}

static void what_is_no_address_cannot_be_bound_to(void **state) {
	static const char *const texts[] = {
		"", "node.example", "10.0.0", "10.0.0.1:6202", "[::1]", "10.0.0.256", " 10.0.0.1"};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct local_ips ips = {.count = 0};

		assert_int_equal(local_ips_read(&ips, texts[i]), -EINVAL);
		assert_int_equal(ips.count, 0);
		assert_null(ips.rows);
	}
}

static void a_name_is_ours_when_one_of_its_addresses_is(void **state) {
	(void)state;
	assert_true(have("10.9.8.7", "node.example"));
	assert_true(have("2001:db8::7", "node.example"));
	assert_false(have("10.9.8.6", "node.example"));
	assert_false(have("0.0.0.0", "node.example"));
	assert_false(have("10.9.8.7", "other.example"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_address_that_is_bound_to_is_the_only_one),
		cmocka_unit_test(an_address_is_the_same_in_other_letters),
		cmocka_unit_test(bound_to_any_address_all_of_the_machine_are_ours),
		cmocka_unit_test(what_is_no_address_cannot_be_bound_to),
		cmocka_unit_test(a_name_is_ours_when_one_of_its_addresses_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
