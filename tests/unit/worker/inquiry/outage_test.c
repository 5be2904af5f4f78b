// SPDX-License-Identifier: MPL-2.0
// outage_test: trouble with the brokers is told once, and so is its end.
#include "support/test.h"

#include "worker/inquiry/outage.h"

enum { T0 = 1000000, SECOND_MS = 1000 };

static void is_told_once_and_so_is_its_end(void **state) {
	struct outage outage = {.is_on = false};

	(void)state;
	assert_false(outage_tell(&outage, T0));
	for (int i = 0; i < 10; i++) {
		outage_note(&outage, T0 + 100 * i);
		assert_int_equal(outage_tell(&outage, T0 + 100 * i), i == 0);
		assert_false(outage_ask(&outage, T0 + 100 * i));
	}
	assert_true(outage_ask(&outage, T0 + 900 + SECOND_MS));
	assert_false(outage_ask(&outage, T0 + 900 + 2 * SECOND_MS));
	assert_true(outage_answered(&outage));
	assert_false(outage_answered(&outage));
	assert_false(outage_tell(&outage, T0 + 100 * SECOND_MS));
}

static void an_answer_from_before_is_none(void **state) {
	struct outage outage = {.is_on = false};

	(void)state;
	outage_note(&outage, T0);
	assert_false(outage_answered(&outage));
	assert_true(outage_tell(&outage, T0));
	assert_true(outage_ask(&outage, T0 + SECOND_MS));
	outage_note(&outage, T0 + SECOND_MS);
	assert_false(outage_answered(&outage));
	assert_true(outage_ask(&outage, T0 + 2 * SECOND_MS));
	assert_true(outage_answered(&outage));
}

static void many_short_ones_are_told_once_a_minute(void **state) {
	struct outage outage = {.is_on = false};
	int told = 0, ended = 0;

	(void)state;
	for (int now_ms = T0; now_ms < T0 + 59 * SECOND_MS; now_ms += 2 * SECOND_MS) {
		outage_note(&outage, now_ms);
		told += outage_tell(&outage, now_ms);
		assert_true(outage_ask(&outage, now_ms + SECOND_MS));
		ended += outage_answered(&outage);
	}
	assert_int_equal(told, 1);
	assert_int_equal(ended, 1);
	outage_note(&outage, T0 + 60 * SECOND_MS);
	assert_true(outage_tell(&outage, T0 + 60 * SECOND_MS));
}

static void one_that_lasts_is_told_though_another_one_was(void **state) {
	struct outage outage = {.is_on = false};

	(void)state;
	outage_note(&outage, T0);
	assert_true(outage_tell(&outage, T0));
	assert_true(outage_ask(&outage, T0 + SECOND_MS));
	assert_true(outage_answered(&outage));
	outage_note(&outage, T0 + 2 * SECOND_MS);
	assert_false(outage_tell(&outage, T0 + 6 * SECOND_MS));
	assert_true(outage_tell(&outage, T0 + 7 * SECOND_MS));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(is_told_once_and_so_is_its_end),
		cmocka_unit_test(an_answer_from_before_is_none),
		cmocka_unit_test(many_short_ones_are_told_once_a_minute),
		cmocka_unit_test(one_that_lasts_is_told_though_another_one_was),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
