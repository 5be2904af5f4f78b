// SPDX-License-Identifier: MPL-2.0
// run_options_test: defaults that operators and other documents rely on.
#include "support/test.h"

#include "cli/options/run_options.h"
#include "cli/options/schedule_option.h"

#include <string.h>

static void parse_nothing(struct run_options *options, struct conf **conf) {
	const struct conf_group group = {NULL, run_option_rows, run_option_count, options};
	char *none[] = {NULL};
	const struct conf_input input = {.argv = none, .envp = none};
	char error[256];

	memset(options, 0, sizeof(*options));
	if (conf_parse(conf, &group, 1, &input, error, sizeof(error)) < 0)
		fail_msg("%s", error);
}

static void a_lost_database_is_waited_for_thirty_seconds(void **state) {
	struct run_options options;
	struct conf *conf = NULL;

	(void)state;
	parse_nothing(&options, &conf);
	assert_int_equal(run_options_worker(&options).reconnect_ms, 30000);
	assert_int_equal(run_options_producer(&options, conf).reconnect_ms, 30000);
	conf_free(conf);
}

static void a_failed_request_is_tried_six_times_within_twenty_seconds(void **state) {
	struct run_options options;
	struct conf *conf = NULL;
	struct worker_options worker;

	(void)state;
	parse_nothing(&options, &conf);
	worker = run_options_worker(&options);
	assert_int_equal(worker.retry.attempts, 6);
	assert_int_equal(worker.retry.base_ms, 100);
	assert_int_equal(worker.retry.ceiling_ms, 5000);
	assert_int_equal(worker.retry.time_ms, 20000);
	assert_int_equal(worker.retry.hold_time_ms, 60000);
	assert_int_equal(worker.check_ttl_ms, 10000);
	conf_free(conf);
}

static void the_interval_is_an_hour_and_thirty_percent_more_or_less(void **state) {
	struct run_options options;
	struct conf *conf = NULL;
	struct schedule_options schedule;

	(void)state;
	parse_nothing(&options, &conf);
	schedule = schedule_option_wants(&options.schedule, false);
	assert_int_equal(schedule.interval_ms, 3600 * 1000);
	assert_float_equal(schedule.jitter, 0.3, 0.0001);
	assert_true(schedule.at_start);
	conf_free(conf);
}

static void the_only_pass_begins_at_once(void **state) {
	struct run_options options = {.schedule.purge_interval = 1000};

	(void)state;
	assert_false(schedule_option_wants(&options.schedule, false).at_start);
	assert_true(schedule_option_wants(&options.schedule, true).at_start);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lost_database_is_waited_for_thirty_seconds),
		cmocka_unit_test(a_failed_request_is_tried_six_times_within_twenty_seconds),
		cmocka_unit_test(the_interval_is_an_hour_and_thirty_percent_more_or_less),
		cmocka_unit_test(the_only_pass_begins_at_once),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
