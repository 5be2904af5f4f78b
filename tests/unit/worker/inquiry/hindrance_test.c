// SPDX-License-Identifier: MPL-2.0
// hindrance_test: what keeps a worker from its work is told at once, again while it lasts, and when
// it is over.
#include "support/test.h"

#include "worker/inquiry/hindrance.h"

enum { T0 = 1000000, SECOND_MS = 1000 };

static void is_told_at_once_and_once_a_minute(void **state) {
	struct hindrance hindrance = {.is_on = false};

	(void)state;
	assert_int_equal(hindrance_look(&hindrance, false, T0), HINDRANCE_NO_NEWS);
	for (int i = 0; i <= 120; i++)
		assert_int_equal(
			hindrance_look(&hindrance, true, T0 + i * SECOND_MS),
			i % 60 == 0 ? HINDRANCE_TELL : HINDRANCE_NO_NEWS
		);
}

static void is_over_when_it_was_not_seen_for_three_seconds(void **state) {
	struct hindrance hindrance = {.is_on = false};

	(void)state;
	hindrance_look(&hindrance, true, T0);
	assert_int_equal(hindrance_look(&hindrance, false, T0 + 2999), HINDRANCE_NO_NEWS);
	assert_int_equal(hindrance_look(&hindrance, true, T0 + 3000), HINDRANCE_NO_NEWS);
	assert_int_equal(hindrance_look(&hindrance, false, T0 + 5999), HINDRANCE_NO_NEWS);
	assert_int_equal(hindrance_look(&hindrance, false, T0 + 6000), HINDRANCE_OVER);
	assert_int_equal(hindrance_look(&hindrance, false, T0 + 7000), HINDRANCE_NO_NEWS);
	assert_int_equal(hindrance_look(&hindrance, true, T0 + 8000), HINDRANCE_TELL);
}

static void lasts_after_fifteen_seconds_though_it_was_gone_for_one(void **state) {
	struct hindrance hindrance = {.is_on = false};

	(void)state;
	assert_false(hindrance_lasts(&hindrance, true, T0 + 60 * SECOND_MS));
	hindrance_look(&hindrance, true, T0);
	hindrance_look(&hindrance, false, T0 + SECOND_MS);
	hindrance_look(&hindrance, true, T0 + 2 * SECOND_MS);
	assert_false(hindrance_lasts(&hindrance, true, T0 + 15 * SECOND_MS - 1));
	assert_true(hindrance_lasts(&hindrance, true, T0 + 15 * SECOND_MS));
}

// Since the last look the right may have been given, and partitions have come that nothing is known
// of yet.
static void what_is_not_seen_now_does_not_last_though_it_was_at_the_last_look(void **state) {
	struct hindrance hindrance = {.is_on = false};

	(void)state;
	hindrance_look(&hindrance, true, T0);
	hindrance_look(&hindrance, true, T0 + 15 * SECOND_MS);
	assert_false(hindrance_lasts(&hindrance, false, T0 + 15 * SECOND_MS));
	assert_true(hindrance.is_on);
	assert_true(hindrance_lasts(&hindrance, true, T0 + 16 * SECOND_MS));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_told_at_once_and_once_a_minute),
		cmocka_unit_test(is_over_when_it_was_not_seen_for_three_seconds),
		cmocka_unit_test(what_is_not_seen_now_does_not_last_though_it_was_at_the_last_look),
		cmocka_unit_test(lasts_after_fifteen_seconds_though_it_was_gone_for_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
