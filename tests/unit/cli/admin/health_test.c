// SPDX-License-Identifier: MPL-2.0
// health_test: what is alive, what is ready, and in which words not.
#include "support/test.h"

#include "cli/admin/health.h"

#include <stdlib.h>

enum { STILL_MS = 15000, NOW_MS = 1000000 };

static struct numbers *numbers_with(unsigned parts) {
	struct numbers *numbers = calloc(1, sizeof(*numbers));

	numbers_init(numbers);
	numbers->parts = parts;
	numbers->is_paused = numbers->is_stopping = 0;
	numbers->source.is_assigned = 1;
	return numbers;
}

static void assert_ready(const struct numbers *numbers, bool is_well, const char *words) {
	struct health health;

	health_ready(numbers, STILL_MS, NOW_MS, &health);
	assert_string_equal(health.words, words);
	assert_int_equal(health.is_well, is_well);
}

static void a_loop_that_turns_is_alive(void **state) {
	struct numbers *numbers = numbers_with(NUMBERS_WORKER);
	struct health health;
	(void)state;
	numbers->idle_ms = STILL_MS;
	health_live(numbers, STILL_MS, &health);
	assert_true(health.is_well);
	assert_string_equal(health.words, "alive\n");
	numbers->idle_ms = -1; // it stepped since the question came
	health_live(numbers, STILL_MS, &health);
	assert_true(health.is_well);
	free(numbers);
}

static void a_loop_that_hangs_is_neither_alive_nor_ready(void **state) {
	struct numbers *numbers = numbers_with(NUMBERS_WORKER);
	struct health health;
	(void)state;
	numbers->idle_ms = STILL_MS + 1;
	health_live(numbers, STILL_MS, &health);
	assert_false(health.is_well);
	assert_string_equal(health.words, "the loop has made no step for 15 s\n");
	health_ready(numbers, STILL_MS, NOW_MS, &health);
	assert_false(health.is_well);
	assert_string_equal(health.words, "the loop has made no step for 15 s\n");
	free(numbers);
}

static void a_worker_is_ready_when_it_has_an_assignment(void **state) {
	struct numbers *numbers = numbers_with(NUMBERS_WORKER | NUMBERS_SOURCE);
	(void)state;
	assert_ready(numbers, true, "ready\n"); // also an empty one
	numbers->source.is_assigned = 0;
	assert_ready(numbers, false, "the group has given it no partitions yet\n");
	numbers->parts = NUMBERS_WORKER; // of `run`
	assert_ready(numbers, true, "ready\n");
	free(numbers);
}

static void a_database_counts_once_it_is_known_to_be_away(void **state) {
	struct numbers *numbers = numbers_with(NUMBERS_WORKER);
	(void)state;
	assert_ready(numbers, true, "ready\n");
	numbers->database = 1;
	assert_ready(numbers, true, "ready\n");
	numbers->database = 0;
	numbers->database_ms = NOW_MS - 7999;
	assert_ready(numbers, false, "the database has been away for 7 s\n");
	numbers->database_ms = NOW_MS + 5; // the wall clock was set
	assert_ready(numbers, false, "the database has been away for 0 s\n");
	numbers->parts = NUMBERS_SCAN; // the scan wants it as well
	assert_ready(numbers, false, "the database has been away for 0 s\n");
	free(numbers);
}

static void all_reasons_are_told(void **state) {
	struct numbers *numbers = numbers_with(NUMBERS_WORKER | NUMBERS_SOURCE);
	(void)state;
	numbers->is_paused = numbers->is_stopping = 1;
	numbers->source.is_assigned = 0;
	assert_ready(
		numbers,
		false,
		"it comes to its end\n"
		"it rests: the operator wants that nothing new is begun\n"
		"the group has given it no partitions yet\n"
	);
	free(numbers);
}

static void what_has_not_begun_is_alive_and_not_ready(void **state) {
	struct numbers *numbers = calloc(1, sizeof(*numbers));
	(void)state;
	numbers_init(numbers);
	assert_ready(numbers, false, "it starts\n");
	free(numbers);
}

static void who_stands_by_is_ready_to_take_over(void **state) {
	struct numbers *numbers = numbers_with(NUMBERS_SCAN | NUMBERS_PUBLISHER);
	(void)state;
	numbers->publisher.is_standby = 1;
	assert_ready(numbers, true, "ready, and standing by: another producer scans already\n");
	free(numbers);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_loop_that_turns_is_alive),
		cmocka_unit_test(a_loop_that_hangs_is_neither_alive_nor_ready),
		cmocka_unit_test(a_worker_is_ready_when_it_has_an_assignment),
		cmocka_unit_test(a_database_counts_once_it_is_known_to_be_away),
		cmocka_unit_test(all_reasons_are_told),
		cmocka_unit_test(what_has_not_begun_is_alive_and_not_ready),
		cmocka_unit_test(who_stands_by_is_ready_to_take_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
