// SPDX-License-Identifier: MPL-2.0
// quota_test: the log is bounded, but never silent for good where a process lives on.
#include "support/test.h"

#include "common/base/quota.h"

enum { T0 = 1000000, MINUTE_MS = 60 * 1000, MANY = 1000 };

// How many of many lines are written at this moment.
static int take_many(struct quota *quota, int64_t renew_ms, int64_t now_ms) {
	int written = 0;

	for (int i = 0; i < MANY; i++)
		written += quota_take(quota, renew_ms, now_ms) == QUOTA_WRITE;
	return written;
}

static void says_once_that_there_are_more(void **state) {
	struct quota quota = {0};
	int last = 0;

	(void)state;
	for (int i = 0; i < MANY; i++) {
		enum quota_answer wanted = i < 199 ? QUOTA_WRITE
			: i == 199                 ? QUOTA_LAST
						   : QUOTA_SILENT;

		assert_int_equal(quota_take(&quota, 0, T0), wanted);
		last += wanted == QUOTA_LAST;
	}
	assert_int_equal(last, 1);
}

static void is_renewed_when_its_time_is_over(void **state) {
	struct quota quota = {0};

	(void)state;
	assert_int_equal(take_many(&quota, MINUTE_MS, T0), 199);
	assert_int_equal(take_many(&quota, MINUTE_MS, T0 + MINUTE_MS - 1), 0);
	assert_int_equal(take_many(&quota, MINUTE_MS, T0 + MINUTE_MS), 199);
	assert_int_equal(take_many(&quota, MINUTE_MS, T0 + 2 * MINUTE_MS - 1), 0);
}

static void is_not_renewed_without_a_time(void **state) {
	struct quota quota = {0};

	(void)state;
	assert_int_equal(take_many(&quota, 0, T0), 199);
	assert_int_equal(take_many(&quota, 0, T0 + 1000 * MINUTE_MS), 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(says_once_that_there_are_more),
		cmocka_unit_test(is_renewed_when_its_time_is_over),
		cmocka_unit_test(is_not_renewed_without_a_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
