// SPDX-License-Identifier: MPL-2.0
// share_test: the shares of all workers together are no more than the limit, but for those who
// would have nothing.
#include "support/test.h"

#include "worker/member/share.h"

static void a_worker_has_the_share_that_it_has_of_the_partitions(void **state) {
	(void)state;
	assert_int_equal(share_of(64, 12, 12), 64);
	assert_int_equal(share_of(64, 6, 12), 32);
	assert_int_equal(share_of(64, 5, 12), 26);
	assert_int_equal(share_of(INT64_MAX, 1, 2), INT64_MAX / 2);
}

static void it_may_do_something_however_small_its_share(void **state) {
	(void)state;
	assert_int_equal(share_of(6, 1, 12), 1);
	assert_int_equal(share_of(6, 0, 12), 1);
}

static void as_long_as_nothing_is_known_its_share_is_the_smallest(void **state) {
	(void)state;
	assert_int_equal(share_of(64, 0, 0), 1);
	assert_int_equal(share_of(64, 12, 0), 1);
}

static void more_partitions_than_there_were_are_not_more_than_all(void **state) {
	(void)state;
	assert_int_equal(share_of(64, 13, 12), 64);
}

static void all_shares_together_are_within_the_limit(void **state) {
	(void)state;
	for (int32_t first = 0; first <= 48; first++)
		for (int32_t second = 0; first + second <= 48; second++) {
			int64_t sum = share_of(64, first, 48) + share_of(64, second, 48) +
				share_of(64, 48 - first - second, 48);

			assert_int_in_range(sum, 62, 64 + 2);
		}
}

static void a_rate_is_shared_in_the_same_way(void **state) {
	(void)state;
	assert_float_equal(share_of_rate(60, 6, 12), 30, 1e-9);
	assert_float_equal(share_of_rate(60, 12, 12), 60, 1e-9);
	assert_float_equal(share_of_rate(60, 13, 12), 60, 1e-9);
	assert_float_equal(share_of_rate(60, 0, 12), 5, 1e-9);
	assert_float_equal(share_of_rate(60, 12, 0), 1, 1e-9);
	assert_float_equal(share_of_rate(0.5, 12, 0), 0.5, 1e-9);
}

static void no_limit_is_shared_as_none(void **state) {
	(void)state;
	assert_float_equal(share_of_rate(0, 6, 12), 0, 1e-9);
	assert_float_equal(share_of_rate(0, 0, 0), 0, 1e-9);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_worker_has_the_share_that_it_has_of_the_partitions),
		cmocka_unit_test(it_may_do_something_however_small_its_share),
		cmocka_unit_test(as_long_as_nothing_is_known_its_share_is_the_smallest),
		cmocka_unit_test(more_partitions_than_there_were_are_not_more_than_all),
		cmocka_unit_test(a_rate_is_shared_in_the_same_way),
		cmocka_unit_test(no_limit_is_shared_as_none),
		cmocka_unit_test(all_shares_together_are_within_the_limit),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
