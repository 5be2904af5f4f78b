// SPDX-License-Identifier: MPL-2.0
// retention_test: how long records are kept, and when that is told to be too short.
#include "common/kafka/topics/retention.h"
#include "common/kafka/topics/topics.h"
#include "support/test.h"

#include <string.h>

static const int64_t hour_ms = (int64_t)60 * 60 * 1000;

static void reads_a_time_and_takes_all_else_for_unknown(void **state) {
	(void)state;
	assert_int_equal(retention_read("604800000"), 168 * hour_ms);
	// Kept for no time, which is not for ever.
	assert_int_equal(retention_read("0"), 1);
	assert_int_equal(retention_read("9223372036854775807"), INT64_MAX);
	assert_int_equal(retention_read("-1"), 0);
	assert_int_equal(retention_read(""), 0);
	assert_int_equal(retention_read("7d"), 0);
	assert_int_equal(retention_read("week"), 0);
}

static void wants_a_day_or_four_times_the_delay(void **state) {
	(void)state;
	assert_int_equal(retention_least_ms(0), 24 * hour_ms);
	assert_int_equal(retention_least_ms(hour_ms), 24 * hour_ms);
	assert_int_equal(retention_least_ms(10 * hour_ms), 40 * hour_ms);
	assert_int_equal(retention_least_ms(INT64_MAX), INT64_MAX);
}

static void retries_are_kept_a_week_or_as_long_as_candidates(void **state) {
	(void)state;
	assert_int_equal(retention_of_retries_ms(24 * hour_ms, hour_ms), 168 * hour_ms);
	assert_int_equal(retention_of_retries_ms(200 * hour_ms, hour_ms), 200 * hour_ms);
	assert_int_equal(retention_of_retries_ms(24 * hour_ms, 24 * hour_ms), 168 * hour_ms);
	assert_int_equal(retention_of_retries_ms(24 * hour_ms, 50 * hour_ms), 200 * hour_ms);
}

static void is_near_from_half_of_the_time_on(void **state) {
	(void)state;
	assert_false(retention_is_near(100, 49));
	assert_true(retention_is_near(100, 50));
	assert_true(retention_is_near(1, 1));
	assert_false(retention_is_near(1, 0));
	assert_false(retention_is_near(100, -7)); // written in the future
	assert_false(retention_is_near(0, INT64_MAX)); // kept for ever
	assert_int_equal(retention_near_before_ms(100, 1000), 950);
	assert_int_equal(retention_near_before_ms(0, 1000), -1);
	assert_int_equal(retention_near_before_ms(INT64_MAX, 1000), -1);
}

static const char *wished(const char *command) {
	return strrchr(command, '=') + 1;
}

static void tells_the_command_that_keeps_records_for_longer(void **state) {
	char command[TOPIC_SET_COMMAND_BYTES];

	(void)state;
	retention_command("purge.fruit", hour_ms, 0, command, sizeof(command));
	assert_non_null(strstr(command, "--entity-name purge.fruit --add-config retention.ms="));
	assert_string_equal(wished(command), "604800000");
	retention_command("purge.fruit", 168 * hour_ms, 0, command, sizeof(command));
	assert_string_equal(wished(command), "1209600000");
	retention_command("purge.fruit", INT64_MAX, 0, command, sizeof(command));
	assert_string_equal(wished(command), "-1");
	retention_command("purge.fruit", hour_ms, 100 * hour_ms, command, sizeof(command));
	assert_string_equal(wished(command), "1440000000");
}

static void tells_a_thing_once_an_hour(void **state) {
	struct retention_notice notice = {0};

	(void)state;
	assert_true(retention_notice_take(&notice, 5));
	assert_false(retention_notice_take(&notice, 5));
	assert_false(retention_notice_take(&notice, 4 + hour_ms));
	assert_true(retention_notice_take(&notice, 5 + hour_ms));
	assert_false(retention_notice_take(&notice, 6 + hour_ms));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_a_time_and_takes_all_else_for_unknown),
		cmocka_unit_test(wants_a_day_or_four_times_the_delay),
		cmocka_unit_test(retries_are_kept_a_week_or_as_long_as_candidates),
		cmocka_unit_test(is_near_from_half_of_the_time_on),
		cmocka_unit_test(tells_the_command_that_keeps_records_for_longer),
		cmocka_unit_test(tells_a_thing_once_an_hour),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
