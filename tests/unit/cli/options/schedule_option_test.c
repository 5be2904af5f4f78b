// SPDX-License-Identifier: MPL-2.0
// schedule_option_test: when runs begin, and what is told of it. Lines are read from a pipe.
#include "support/test.h"

#include "cli/front/front.h"
#include "cli/options/schedule_option.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { HOUR_MS = 3600000 };

static struct schedule_option parse(char *argv[], int argc) {
	static const struct conf_row rows[] = {SCHEDULE_OPTION_ROWS(0)};
	struct schedule_option option = {0};
	const struct conf_group group = {NULL, rows, sizeof(rows) / sizeof(*rows), &option};
	char *none[] = {NULL};
	const struct conf_input input = {.argc = argc, .argv = argv, .envp = none};
	struct conf *conf = NULL;
	char error[256];

	if (conf_parse(&conf, &group, 1, &input, error, sizeof(error)) < 0)
		fail_msg("%s", error);
	conf_free(conf);
	return option;
}

static void without_options_a_run_an_hour_from_now_on(void **state) {
	char *none[] = {NULL};
	struct schedule_option option = parse(none, 0);
	struct schedule_options schedule = schedule_option_wants(&option, false);

	(void)state;
	assert_int_equal(schedule.interval_ms, HOUR_MS);
	assert_true(schedule.jitter > 0.29 && schedule.jitter < 0.31);
	assert_true(schedule.at_start);
}

static void each_option_counts(void **state) {
	char *words[] = {"--purge-interval=0", "--interval-jitter=0.5", "--no-at-start", NULL};
	struct schedule_option option = parse(words, 3);
	struct schedule_options schedule = schedule_option_wants(&option, false);

	(void)state;
	assert_int_equal(schedule.interval_ms, 0);
	assert_true(schedule.jitter > 0.49 && schedule.jitter < 0.51);
	assert_false(schedule.at_start);
}

static void a_single_run_is_due_at_once_in_any_case(void **state) {
	struct schedule_option option = {.purge_interval = HOUR_MS};

	(void)state;
	assert_false(schedule_option_wants(&option, false).at_start);
	assert_true(schedule_option_wants(&option, true).at_start);
	option.at_start = true;
	assert_true(schedule_option_wants(&option, true).at_start);
}

// What the log gets; `text` is "" when that is nothing.
static void tell(const struct schedule_options *schedule, char *text, size_t text_bytes) {
	struct front front = {.conf = NULL};
	int fds[2];
	ssize_t len;

	assert_int_equal(pipe2(fds, O_NONBLOCK), 0);
	front.log = log_new(fds[1], LOG_LEVEL_INFO, false);
	assert_non_null(front.log);
	schedule_option_tell(schedule, &front);
	len = read(fds[0], text, text_bytes - 1);
	text[len < 0 ? 0 : len] = '\0';
	log_free(front.log);
	close(fds[0]);
	close(fds[1]);
}

static void one_that_begins_at_once_needs_no_words(void **state) {
	char text[1024];

	(void)state;
	tell(&(struct schedule_options){.interval_ms = HOUR_MS, .at_start = true},
	     text,
	     sizeof(text));
	assert_string_equal(text, "");
	tell(&(struct schedule_options){.at_start = true}, text, sizeof(text));
	assert_string_equal(text, "");
}

static void the_first_one_by_the_timer_is_told(void **state) {
	char text[1024];

	(void)state;
	tell(&(struct schedule_options){.interval_ms = HOUR_MS}, text, sizeof(text));
	assert_non_null(strstr(text, "\"message\":\"next run\""));
	assert_non_null(strstr(text, "\"in_s\":3600"));
}

static void that_there_is_no_timer_is_told(void **state) {
	char text[1024];

	(void)state;
	tell(&(struct schedule_options){.interval_ms = 0}, text, sizeof(text));
	assert_non_null(strstr(text, "each run is asked for; there is no timer"));
	assert_null(strstr(text, "next run"));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_options_a_run_an_hour_from_now_on),
		cmocka_unit_test(each_option_counts),
		cmocka_unit_test(a_single_run_is_due_at_once_in_any_case),
		cmocka_unit_test(one_that_begins_at_once_needs_no_words),
		cmocka_unit_test(the_first_one_by_the_timer_is_told),
		cmocka_unit_test(that_there_is_no_timer_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
