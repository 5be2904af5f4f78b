// SPDX-License-Identifier: MPL-2.0
// tiers_test: which delays --retry-delay means, and how delays are written.
#include "common/kafka/topics/tiers.h"
#include "support/test.h"

static void assert_tiers(int64_t delay_s, size_t count, const int64_t *seconds) {
	struct topic_tiers tiers = topic_tiers_of(delay_s * 1000);

	assert_int_equal(tiers.count, count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(tiers.delay_ms[i], seconds[i] * 1000);
}

static void a_delay_has_tiers_of_ten_and_sixty_times_up_to_an_hour(void **state) {
	(void)state;
	assert_tiers(60, 3, (const int64_t[]){60, 600, 3600});
	assert_tiers(1, 3, (const int64_t[]){1, 10, 60});
	assert_tiers(90, 3, (const int64_t[]){90, 900, 3600});
	assert_tiers(360, 2, (const int64_t[]){360, 3600});
	assert_tiers(1800, 2, (const int64_t[]){1800, 3600});
	assert_tiers(3600, 1, (const int64_t[]){3600});
}

static void knows_which_delays_are_tiers(void **state) {
	const struct topic_tiers tiers = {.delay_ms = {1000, 2000, 9000}, .count = 2};

	(void)state;
	assert_true(topic_tiers_have(&tiers, 1000));
	assert_true(topic_tiers_have(&tiers, 2000));
	assert_false(topic_tiers_have(&tiers, 9000));
	assert_false(topic_tiers_have(&tiers, 1001));
}

static void writes_them_as_the_option_takes_them(void **state) {
	static const struct topic_tiers tiers = {
		.delay_ms = {1500, 60000, 5400000, 21600000, 86400000}, .count = 5};
	char text[TOPIC_TIERS_BYTES];

	(void)state;
	topic_tiers_write(&tiers, text, sizeof(text));
	assert_string_equal(text, "1500ms,1m,90m,6h,24h");
	topic_tiers_write(&(struct topic_tiers){{1000}, 1}, text, sizeof(text));
	assert_string_equal(text, "1s");
	topic_tiers_write(&tiers, text, 8); // cut, and ended
	assert_string_equal(text, "1500ms,");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_delay_has_tiers_of_ten_and_sixty_times_up_to_an_hour),
		cmocka_unit_test(knows_which_delays_are_tiers),
		cmocka_unit_test(writes_them_as_the_option_takes_them),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
