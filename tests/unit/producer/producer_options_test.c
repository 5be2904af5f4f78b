// SPDX-License-Identifier: MPL-2.0
// producer_options_test: what a pass is asked for.
#include "producer/producer_options.h"
#include "support/test.h"

static void a_pass_is_asked_for_what_the_operator_wants(void **state) {
	const struct producer_options options = {
		.page_rows = 500,
		.has_range_start = true,
		.range_start = 7,
		.has_range_end = true,
		.range_end = 70,
		.max_records = 9,
		.dryrun = true,
		.will_defer = true,
		.scan_only = true,
		.margin_ms = 60000,
		.warn_after_ms = 86400000,
	};
	struct pass_wish wish = producer_options_wish(&options, 1000);

	(void)state;
	assert_int_equal(wish.page_rows, 500);
	assert_true(wish.has_range_start && wish.has_range_end);
	assert_int_equal(wish.range_start, 7);
	assert_int_equal(wish.range_end, 70);
	assert_int_equal(wish.max_records, 9);
	assert_true(wish.dryrun && wish.will_defer && wish.scan_only);
	assert_int_equal(wish.margin_ms, 60000);
	assert_int_equal(wish.warn_after_ms, 86400000);
}

static void a_pass_begins_where_nobody_says_otherwise(void **state) {
	struct pass_wish wish = producer_options_wish(&(struct producer_options){0}, 1000);

	(void)state;
	assert_false(wish.has_range_start || wish.has_range_end);
	assert_null(wish.resume);
	assert_int_equal(wish.removed, 0);
}

static void a_pass_is_named_by_the_time_it_began(void **state) {
	struct producer_options options = {0};
	struct pass_wish wish = producer_options_wish(&options, 0x18f3a2b4c5d);

	(void)state;
	assert_int_equal(wish.started_wall_ms, 0x18f3a2b4c5d);
	assert_string_equal(wish.id, "18f3a2b4c5d");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pass_is_asked_for_what_the_operator_wants),
		cmocka_unit_test(a_pass_begins_where_nobody_says_otherwise),
		cmocka_unit_test(a_pass_is_named_by_the_time_it_began),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
