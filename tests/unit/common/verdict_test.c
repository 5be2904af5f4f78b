// SPDX-License-Identifier: MPL-2.0
// verdict_test: the names of verdicts and reasons.
#include "support/test.h"

#include "common/verdict.h"

#include <string.h>

static void names_every_verdict(void **state) {
	(void)state;
	assert_string_equal(verdict_name(VERDICT_GO), "go");
	assert_string_equal(verdict_name(VERDICT_LEFT), "left");
	assert_string_equal(verdict_name(VERDICT_POSTPONED), "postponed");
	assert_string_equal(verdict_name((enum verdict)99), "invalid");
}

static void names_every_reason_once(void **state) {
	(void)state;
	for (int i = 0; i < REASON_COUNT; i++) {
		assert_string_not_equal(reason_name((enum reason)i), "invalid");
		for (int j = 0; j < i; j++)
			assert_string_not_equal(
				reason_name((enum reason)i), reason_name((enum reason)j)
			);
	}
	assert_string_equal(reason_name(REASON_NODE_DOWN), "node_down");
	assert_string_equal(reason_name(REASON_COUNT), "invalid");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_every_verdict),
		cmocka_unit_test(names_every_reason_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
