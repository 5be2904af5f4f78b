// SPDX-License-Identifier: MPL-2.0
// range_test: ranges and the partitions that they go to.
#include "common/kafka/range.h"
#include "support/test.h"

#include <stdint.h>

static void puts_neighbours_into_one_range(void **state) {
	static const struct {
		int64_t key, width, range;
	} cases[] = {
		{0, 4096, 0},
		{4095, 4096, 0},
		{4096, 4096, 1},
		{-1, 4096, -1},
		{-4096, 4096, -1},
		{-4097, 4096, -2},
		{7, 1, 7},
		{-7, 1, -7},
		{INT64_MAX, 4096, INT64_MAX / 4096},
		{INT64_MIN, 4096, INT64_MIN / 4096},
		{INT64_MIN, 4095, INT64_MIN / 4095 - 1},
		{INT64_MIN, 1, INT64_MIN},
		{INT64_MIN, INT64_MAX, -2},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(range_of(cases[i].key, cases[i].width), cases[i].range);
}

static void spreads_ranges_over_all_partitions(void **state) {
	static const struct {
		int64_t range;
		int32_t partitions, partition;
	} cases[] = {
		{0, 8, 0},
		{7, 8, 7},
		{8, 8, 0},
		{-1, 8, 7},
		{-8, 8, 0},
		{-9, 8, 7},
		{12345, 1, 0},
		{INT64_MIN, 7, 6},
		{INT64_MAX, INT32_MAX, 1},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(
			range_partition(cases[i].range, cases[i].partitions), cases[i].partition
		);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(puts_neighbours_into_one_range),
		cmocka_unit_test(spreads_ranges_over_all_partitions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
