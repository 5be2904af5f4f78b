// SPDX-License-Identifier: MPL-2.0
// dlrepo_policy_test: what a branch's file says of how many tags stay.
#include "support/test.h"

#include "common/targets/dlrepo/rule/policy.h"

#include <errno.h>
#include <string.h>

#define TEXT(text) text, sizeof(text) - 1
#define DAILY(value) TEXT("{\"max_daily_tags\": " value ", \"max_released_tags\": 3}")

struct row {
	const char *text;
	size_t len;
	int64_t daily_max;
	int64_t released_max;
};

static void assert_policies(const struct row *rows, size_t count, int err) {
	for (size_t i = 0; i < count; i++) {
		struct policy policy = {.daily_max = 77, .released_max = 77};
		int got = policy_parse(rows[i].text, rows[i].len, &policy);

		if (got != err || policy.daily_max != rows[i].daily_max ||
		    policy.released_max != rows[i].released_max)
			fail_msg(
				"policy %zu: %d, %lld and %lld",
				i,
				got,
				(long long)policy.daily_max,
				(long long)policy.released_max
			);
	}
}

static void only_a_whole_number_above_zero_and_true_act(void **state) {
	static const struct row rows[] = {
		{TEXT("{}"), 0, 0},
		{TEXT("{\"max_daily_tags\": 8, \"max_released_tags\": 20}"), 8, 20},
		{TEXT(" \t\r\n{\"max_daily_tags\": 8}\n"), 8, 0},
		{TEXT("{\"max_released_tags\": 1, \"other\": [1, {}]}"), 0, 1},
		{TEXT("{\"other\": \"nul \\u0000 inside\", \"max_daily_tags\": 2}"), 2, 0},
		{TEXT("{\"Max_daily_tags\": 8}"), 0, 0},
		{DAILY("true"), 1, 3},
		{DAILY("9223372036854775807"), INT64_MAX, 3},
		{DAILY("false"), 0, 3},
		{DAILY("1.0"), 0, 3},
		{DAILY("1e0"), 0, 3},
		{DAILY("\"1\""), 0, 3},
		{DAILY("null"), 0, 3},
		{DAILY("-1"), 0, 3},
		{DAILY("0"), 0, 3},
		{DAILY("-0"), 0, 3},
		{DAILY("[1]"), 0, 3},
		{DAILY("{\"max_daily_tags\": 1}"), 0, 3},
	};

	(void)state;
	assert_policies(rows, sizeof(rows) / sizeof(rows[0]), 0);
}

static void of_two_equal_keys_the_last_counts(void **state) {
	static const struct row rows[] = {
		{TEXT("{\"max_daily_tags\": 1, \"max_daily_tags\": 5}"), 5, 0},
		{TEXT("{\"max_daily_tags\": 5, \"max_daily_tags\": \"5\"}"), 0, 0},
	};

	(void)state;
	assert_policies(rows, sizeof(rows) / sizeof(rows[0]), 0);
}

static void what_is_no_object_keeps_all(void **state) {
	static const struct row rows[] = {
		{TEXT(""), 0, 0},
		{TEXT(" \n"), 0, 0},
		{TEXT("[]"), 0, 0},
		{TEXT("[{\"max_daily_tags\": 1}]"), 0, 0},
		{TEXT("8"), 0, 0},
		{TEXT("true"), 0, 0},
		{TEXT("null"), 0, 0},
		{TEXT("\"max_daily_tags\""), 0, 0},
		{TEXT("max_daily_tags=1"), 0, 0},
		{TEXT("{\"max_daily_tags\": 1"), 0, 0},
		{TEXT("{\"max_daily_tags\": 1,}"), 0, 0},
		{TEXT("\xef\xbb\xbf{\"max_daily_tags\": 1}"), 0, 0},
		{TEXT("{\"max_daily_tags\": 1} x"), 0, 0},
		{TEXT("{\"max_daily_tags\": 1}{}"), 0, 0},
		{TEXT("{\"max_daily_tags\": 1}\0"), 0, 0},
		{TEXT("{\"max_daily_tags\": 1, \"note\": \"\xff\"}"), 0, 0},
		{TEXT("{\"max_daily_tags\": 1, \"note\": \"\xc3\"}"), 0, 0},
		{DAILY("01"), 0, 0},
		{DAILY("0x1"), 0, 0},
	};

	(void)state;
	assert_policies(rows, sizeof(rows) / sizeof(rows[0]), -EINVAL);
}

// dlrepo reads both, and keeps all for them; here the whole file counts for nothing.
static void a_number_that_no_integer_holds_keeps_all(void **state) {
	static const struct row rows[] = {
		{TEXT("{\"max_daily_tags\": 100000000000000000000000}"), 0, 0},
		{TEXT("{\"max_daily_tags\": -100000000000000000000000}"), 0, 0},
		{TEXT("{\"max_daily_tags\": 1e999}"), 0, 0},
		{TEXT("{\"max_daily_tags\": NaN}"), 0, 0},
		{TEXT("{\"max_daily_tags\": Infinity}"), 0, 0},
	};

	(void)state;
	assert_policies(rows, sizeof(rows) / sizeof(rows[0]), -EINVAL);
}

static void a_text_that_is_cut_anywhere_keeps_all(void **state) {
	static const char whole[] = "{\"max_daily_tags\": 1234, \"max_released_tags\": true}";

	(void)state;
	for (size_t len = 0; len < strlen(whole); len++)
		assert_policies(&(struct row){.text = whole, .len = len}, 1, -EINVAL);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_a_whole_number_above_zero_and_true_act),
		cmocka_unit_test(of_two_equal_keys_the_last_counts),
		cmocka_unit_test(what_is_no_object_keeps_all),
		cmocka_unit_test(a_number_that_no_integer_holds_keeps_all),
		cmocka_unit_test(a_text_that_is_cut_anywhere_keeps_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
