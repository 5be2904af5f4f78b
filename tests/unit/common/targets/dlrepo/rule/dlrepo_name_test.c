// SPDX-License-Identifier: MPL-2.0
// dlrepo_name_test: which names dlrepo can find, for it looks for them in lower case.
#include "support/test.h"

#include "common/targets/dlrepo/rule/name.h"

static void a_name_without_capitals_is_found(void **state) {
	static const char *const names[] = {
		"",
		"t1",
		"1.0-rc_2",
		"a b",
		"\xc3\xb6lder",
		"\xd0\xb1",
		"\xe6\x97\xa5",
		"\xff\xfe",
		"x\xc3"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!name_is_reachable(names[i]))
			fail_msg("'%s'", names[i]);
	}
}

static void a_name_with_capitals_of_any_script_is_not(void **state) {
	static const char *const names[] = {
		"T1", "tagZ", "\xc3\x96lder", "t\xc3\x84", "\xd0\x91", "\xff\xc3\x96", "\xce\xa3"};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (name_is_reachable(names[i]))
			fail_msg("'%s'", names[i]);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_without_capitals_is_found),
		cmocka_unit_test(a_name_with_capitals_of_any_script_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
