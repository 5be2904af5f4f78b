// SPDX-License-Identifier: MPL-2.0
// log_unread_test: what becomes of lines when nobody reads them, or somebody does too slowly.
#include "common/base/log.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "support/test.h"

#define WHEN "2026-01-02T03:04:05.678Z"

WRAPS(clock_wall_ms);
int64_t __wrap_clock_wall_ms(void) {
	return 1767323045678;
}

// A pipe with room for two pages, and what was read from it.
struct narrow {
	int fds[2];
	struct log *log;
	char text[16384];
};

static int open_narrow(void **state) {
	struct narrow *narrow = calloc(1, sizeof(*narrow));

	assert_non_null(narrow);
	assert_int_equal(pipe(narrow->fds), 0);
	assert_true(fcntl(narrow->fds[1], F_SETPIPE_SZ, 8192) > 0);
	narrow->log = log_new(narrow->fds[1], LOG_LEVEL_INFO, false);
	*state = narrow;
	return 0;
}

static int close_narrow(void **state) {
	struct narrow *narrow = *state;

	log_free(narrow->log);
	close(narrow->fds[0]);
	close(narrow->fds[1]);
	free(narrow);
	return 0;
}

static const char *read_narrow(struct narrow *narrow) {
	ssize_t n = read(narrow->fds[0], narrow->text, sizeof(narrow->text) - 1);

	assert_true(n > 0);
	narrow->text[n] = '\0';
	return narrow->text;
}

static void lines_that_nobody_reads_are_lost_and_counted(void **state) {
	struct narrow *narrow = *state;
	int64_t began_ms = clock_mono_ms();
	int taken = 0;

	for (int i = 0; i < 500; i++)
		LOG(narrow->log, LOG_LEVEL_WARNING, "row failed");
	assert_int_in_range(clock_mono_ms() - began_ms, 900, 3000);
	for (const char *p = read_narrow(narrow); (p = strstr(p, "row failed")) != NULL; p++)
		taken++;
	LOG(narrow->log, LOG_LEVEL_INFO, "next");
	read_narrow(narrow);
	char wanted[256];
	snprintf(
		wanted,
		sizeof(wanted),
		"{\"severity\":\"WARNING\",\"message\":\"log lines lost: nobody read them\","
		"\"timestamp\":\"" WHEN "\",\"lines\":%d}\n"
		"{\"severity\":\"INFO\",\"message\":\"next\",\"timestamp\":\"" WHEN "\"}\n",
		500 - taken
	);
	assert_string_equal(narrow->text, wanted);
	LOG(narrow->log, LOG_LEVEL_INFO, "more");
	assert_null(strstr(read_narrow(narrow), "lost"));
}

static void *read_after_a_while(void *ctx) {
	struct narrow *narrow = ctx;

	poll(NULL, 0, 300); // how slow the reader is
	read_narrow(narrow);
	return NULL;
}

// Fills the pipe until lines are lost; then somebody reads after a while.
static pthread_t lose_lines(struct narrow *narrow) {
	pthread_t thread;

	for (int i = 0; i < 500; i++)
		LOG(narrow->log, LOG_LEVEL_WARNING, "row failed");
	assert_int_equal(pthread_create(&thread, NULL, read_after_a_while, narrow), 0);
	return thread;
}

static void an_error_waits_for_a_slow_reader_once_more(void **state) {
	struct narrow *narrow = *state;
	pthread_t thread = lose_lines(narrow);

	LOG(narrow->log, LOG_LEVEL_ERROR, "node refuses");
	pthread_join(thread, NULL);
	assert_non_null(strstr(read_narrow(narrow), "node refuses"));
}

static void the_last_line_waits_for_a_slow_reader_once_more(void **state) {
	struct narrow *narrow = *state;
	pthread_t thread = lose_lines(narrow);

	log_insist(narrow->log);
	LOG(narrow->log, LOG_LEVEL_INFO, "run ended");
	pthread_join(thread, NULL);
	assert_non_null(strstr(read_narrow(narrow), "run ended"));
}

#define NARROW_TEST(test) cmocka_unit_test_setup_teardown(test, open_narrow, close_narrow)

int main(void) {
	const struct CMUnitTest tests[] = {
		NARROW_TEST(lines_that_nobody_reads_are_lost_and_counted),
		NARROW_TEST(an_error_waits_for_a_slow_reader_once_more),
		NARROW_TEST(the_last_line_waits_for_a_slow_reader_once_more),
	};

	return cmocka_run_group_tests_name("log_unread", tests, NULL, NULL);
}
