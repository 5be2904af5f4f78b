// SPDX-License-Identifier: MPL-2.0
// retry_test: when there is another attempt.
#include "support/test.h"

#include "worker/park/retry.h"

static const struct retry_limits limits = {
	.attempts = 6,
	.base_ms = 100,
	.ceiling_ms = 5000,
	.time_ms = 20000,
	.hold_time_ms = 60000,
};

static void delay_doubles_up_to_the_ceiling(void **state) {
	(void)state;
	static const int64_t most_ms[] = {100, 200, 400, 800, 1600, 3200, 5000, 5000};
	for (int made = 1; made <= 8; made++) {
		assert_int_equal(retry_delay_ms(&limits, made, 0.0), 0);
		assert_int_equal(retry_delay_ms(&limits, made, 0.999999999), most_ms[made - 1]);
	}
	assert_int_equal(retry_delay_ms(&limits, 1000000, 0.999999999), 5000);
}

static void jitter_is_spread_over_the_whole_delay(void **state) {
	(void)state;
	assert_int_equal(retry_delay_ms(&limits, 3, 0.25), 100);
	assert_int_equal(retry_delay_ms(&limits, 3, 0.5), 200);
}

struct row {
	const char *name;
	int made;
	int64_t first_ms, now_ms, hold_ms;
	double random;
	int64_t want;
};

static const struct row rows[] = {
	{"first retry at once", 1, 1000, 1010, 0, 0.0, 1010},
	{"half of the delay", 2, 1000, 1010, 0, 0.5, 1110},
	{"the last attempt", 5, 1000, 2000, 0, 0.0, 2000},
	{"no attempt left", 6, 1000, 2000, 0, 0.0, -1},
	{"no attempt left though asked to wait", 6, 1000, 2000, 5000, 0.0, -1},
	{"at the very end of the time", 2, 0, 20000, 0, 0.0, 20000},
	{"just after the time", 2, 0, 20001, 0, 0.0, -1},
	{"the delay would pass the time", 5, 0, 19000, 0, 0.9, -1},
	{"the node's wait counts", 1, 0, 100, 7000, 0.9, 7100},
	{"our delay when it is longer", 5, 0, 100, 1, 0.5, 900},
	{"a wait extends the time", 2, 0, 19000, 30000, 0.0, 49000},
	{"up to its own end", 2, 0, 30000, 30000, 0.0, 60000},
	{"and no further", 2, 0, 30000, 30001, 0.0, -1},
	{"a hostile wait", 1, 0, 100, INT64_MAX, 0.0, -1},
	{"a negative wait is none", 1, 0, 100, -5, 0.0, 100},
};

static void tries_again_as_the_table_says(void **state) {
	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const struct row *row = &rows[i];
		int64_t got = retry_again(
			&limits, row->made, row->first_ms, row->now_ms, row->hold_ms, row->random
		);
		if (got != row->want)
			fail_msg("%s: %lld", row->name, (long long)got);
	}
}

static void a_longer_retry_time_is_not_cut_by_a_hold(void **state) {
	(void)state;
	struct retry_limits patient = limits;
	patient.time_ms = 100000;
	assert_int_equal(retry_again(&patient, 1, 0, 70000, 1000, 0.0), 71000);
}

static void is_over_when_no_attempt_may_be_made_any_more(void **state) {
	(void)state;
	assert_false(retry_is_over(&limits, 1000, 21000, false));
	assert_true(retry_is_over(&limits, 1000, 21001, false));
	assert_false(retry_is_over(&limits, 1000, 61000, true));
	assert_true(retry_is_over(&limits, 1000, 61001, true));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(delay_doubles_up_to_the_ceiling),
		cmocka_unit_test(jitter_is_spread_over_the_whole_delay),
		cmocka_unit_test(tries_again_as_the_table_says),
		cmocka_unit_test(is_over_when_no_attempt_may_be_made_any_more),
		cmocka_unit_test(a_longer_retry_time_is_not_cut_by_a_hold),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
