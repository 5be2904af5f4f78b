// SPDX-License-Identifier: MPL-2.0
// watchdog_test: who moves is left alone, who stands still for too long is found.
#include "support/test.h"

#include "worker/watchdog.h"

#include "common/base/clock.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STATUS = 42 };

static const struct watch_limits limits = {.still_ms = 1000, .stuck_ms = 3000};

static void fires_when_the_loop_makes_no_step_for_too_long(void **state) {
	(void)state;
	struct watch watch = {.steps = 0};
	assert_int_equal(watch_tick(&watch, &limits, 7, 7, 100), WATCH_FINE);
	for (int i = 0; i < 10; i++)
		assert_int_equal(watch_tick(&watch, &limits, 7, 7, 100), WATCH_FINE);
	assert_int_equal(watch_tick(&watch, &limits, 7, 7, 100), WATCH_STILL);
}

static void fires_when_nothing_comes_to_its_end_for_too_long(void **state) {
	(void)state;
	struct watch watch = {.steps = 0};
	uint64_t steps = 0;
	assert_int_equal(watch_tick(&watch, &limits, ++steps, 7, 100), WATCH_FINE);
	for (int i = 0; i < 30; i++)
		assert_int_equal(watch_tick(&watch, &limits, ++steps, 7, 100), WATCH_FINE);
	assert_int_equal(watch_tick(&watch, &limits, ++steps, 7, 100), WATCH_STUCK);
}

static void one_step_in_time_is_enough(void **state) {
	(void)state;
	struct watch watch = {.steps = 0};
	for (uint64_t i = 0; i < 1000; i++)
		assert_int_equal(watch_tick(&watch, &limits, i / 10, i / 30, 100), WATCH_FINE);
}

static void a_process_that_was_frozen_as_a_whole_is_not_stuck(void **state) {
	(void)state;
	struct watch watch = {.steps = 0};
	// However long that was, it made one tick late.
	assert_int_equal(watch_tick(&watch, &limits, 7, 7, 100), WATCH_FINE);
	assert_int_equal(watch_tick(&watch, &limits, 7, 7, 100), WATCH_FINE);
}

// Runs in a child: a loop that stops noting, or notes that nothing ends.
static int run_loop(bool makes_steps, size_t in_work, int64_t ended_per_step, int64_t for_ms) {
	static const struct watch_limits quick = {.still_ms = 1000, .stuck_ms = 1500};
	struct watchdog *watchdog;
	int64_t began_ms = clock_mono_ms(), ended = 0;
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		if (watchdog_open(&watchdog, &quick, NULL, STATUS) < 0)
			_exit(1);
		while (clock_mono_ms() - began_ms < for_ms) {
			if (makes_steps)
				watchdog_note(watchdog, in_work, ended += ended_per_step);
			poll(NULL, 0, 20);
		}
		watchdog_close(watchdog);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void ends_a_process_that_makes_no_progress(void **state) {
	(void)state;
	assert_int_equal(run_loop(false, 0, 0, 20000), STATUS);
	assert_int_equal(run_loop(true, 5, 0, 20000), STATUS);
}

static void leaves_one_alone_that_does_or_has_nothing_to_do(void **state) {
	(void)state;
	assert_int_equal(run_loop(true, 5, 1, 3000), 0);
	assert_int_equal(run_loop(true, 0, 0, 3000), 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fires_when_the_loop_makes_no_step_for_too_long),
		cmocka_unit_test(fires_when_nothing_comes_to_its_end_for_too_long),
		cmocka_unit_test(one_step_in_time_is_enough),
		cmocka_unit_test(a_process_that_was_frozen_as_a_whole_is_not_stuck),
		cmocka_unit_test(ends_a_process_that_makes_no_progress),
		cmocka_unit_test(leaves_one_alone_that_does_or_has_nothing_to_do),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
