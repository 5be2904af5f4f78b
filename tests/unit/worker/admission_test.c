// SPDX-License-Identifier: MPL-2.0
// admission_test: how many records a worker takes in.
#include "support/test.h"

#include "common/target/target_remover.h"
#include "worker/admission.h"

enum { WINDOW = 100, ROWS_MAX = 1000, WITH_ROWS = 8 };

static const struct pace_limits limits = {.window = WINDOW};

// A shift whose target wants at most so many rows in work; 0: as many as there are.
struct scene {
	struct target_remover remover;
	struct target target;
	struct shift shift;
};

static void begin(struct scene *scene, int64_t rows_max) {
	*scene = (struct scene){.remover.rows_max = rows_max};
	scene->target.remover = &scene->remover;
	scene->shift.target = &scene->target;
}

static void the_window_is_filled(void **state) {
	struct scene scene;

	(void)state;
	begin(&scene, 0);
	assert_int_equal(admission_room(&limits, &scene.shift), WINDOW);
	scene.shift.in_work = WINDOW - 3;
	assert_int_equal(admission_room(&limits, &scene.shift), 3);
	scene.shift.in_work = WINDOW;
	assert_int_equal(admission_room(&limits, &scene.shift), 0);
	scene.shift.in_work = WINDOW + 1; // it was made smaller
	assert_int_equal(admission_room(&limits, &scene.shift), 0);
}

static void a_large_window_is_filled_bit_by_bit(void **state) {
	const struct pace_limits large = {.window = 5 * (size_t)ADMISSION_MOST};
	struct scene scene;

	(void)state;
	begin(&scene, 0);
	assert_int_equal(admission_room(&large, &scene.shift), ADMISSION_MOST);
	scene.shift.in_work = ADMISSION_MOST;
	assert_int_equal(admission_room(&large, &scene.shift), ADMISSION_MOST);
}

static void rows_in_work_count_only_where_the_target_says_so(void **state) {
	struct scene scene;

	(void)state;
	begin(&scene, 0);
	scene.shift.rows_in_work = INT64_MAX;
	assert_int_equal(admission_room(&limits, &scene.shift), WINDOW);
}

static void few_at_a_time_until_their_rows_are_enough(void **state) {
	struct scene scene;

	(void)state;
	begin(&scene, ROWS_MAX);
	assert_int_equal(admission_room(&limits, &scene.shift), WITH_ROWS);
	scene.shift.rows_in_work = ROWS_MAX - 1;
	assert_int_equal(admission_room(&limits, &scene.shift), WITH_ROWS);
	scene.shift.rows_in_work = ROWS_MAX;
	assert_int_equal(admission_room(&limits, &scene.shift), 0);
	scene.shift.rows_in_work = ROWS_MAX + 1;
	assert_int_equal(admission_room(&limits, &scene.shift), 0);
	scene.shift.rows_in_work = ROWS_MAX - 1; // some ended
	assert_int_equal(admission_room(&limits, &scene.shift), WITH_ROWS);
}

static void the_window_counts_for_those_too(void **state) {
	struct scene scene;

	(void)state;
	begin(&scene, ROWS_MAX);
	scene.shift.in_work = WINDOW - WITH_ROWS + 1;
	assert_int_equal(admission_room(&limits, &scene.shift), WITH_ROWS - 1);
	scene.shift.in_work = WINDOW;
	assert_int_equal(admission_room(&limits, &scene.shift), 0);
}

static void none_while_it_rests_or_ends(void **state) {
	struct scene scene;

	(void)state;
	for (int64_t rows_max = 0; rows_max <= ROWS_MAX; rows_max += ROWS_MAX) {
		begin(&scene, rows_max);
		scene.shift.is_paused = true;
		assert_int_equal(admission_room(&limits, &scene.shift), 0);
		scene.shift.is_paused = false;
		assert_true(admission_room(&limits, &scene.shift) > 0);
		scene.shift.quitting = true;
		assert_int_equal(admission_room(&limits, &scene.shift), 0);
	}
}

static void no_more_than_the_rates_let_through_in_time(void **state) {
	const struct pace_limits slow = {.window = WINDOW, .max_rate = 10, .patience_ms = 2000};
	struct scene scene;

	(void)state;
	begin(&scene, 0);
	assert_int_equal(admission_room(&slow, &scene.shift), 10);
	scene.shift.in_work = 10;
	assert_int_equal(admission_room(&slow, &scene.shift), 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_window_is_filled),
		cmocka_unit_test(a_large_window_is_filled_bit_by_bit),
		cmocka_unit_test(rows_in_work_count_only_where_the_target_says_so),
		cmocka_unit_test(few_at_a_time_until_their_rows_are_enough),
		cmocka_unit_test(the_window_counts_for_those_too),
		cmocka_unit_test(none_while_it_rests_or_ends),
		cmocka_unit_test(no_more_than_the_rates_let_through_in_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
