// SPDX-License-Identifier: MPL-2.0
// tracker_test: offsets are never committed past one that is still in work.
#include "support/test.h"

#include "worker/member/tracker.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum { EPOCH = 7 };

static void nothing_is_committed_before_anything_began(void **state) {
	(void)state;
	struct tracker *tracker = tracker_new(EPOCH);
	assert_int_equal(tracker_position(tracker), -1);
	assert_int_equal(tracker_in_work(tracker), 0);
	tracker_free(tracker);
	tracker_free(NULL);
}

static void the_oldest_in_work_holds_the_position(void **state) {
	(void)state;
	struct tracker *tracker = tracker_new(EPOCH);
	for (int64_t offset = 10; offset < 14; offset++)
		assert_int_equal(tracker_begin(tracker, offset), 0);
	assert_int_equal(tracker_position(tracker), 10);
	assert_int_equal(tracker_finish(tracker, EPOCH, 11), 0);
	assert_int_equal(tracker_finish(tracker, EPOCH, 13), 0);
	assert_int_equal(tracker_position(tracker), 10);
	assert_int_equal(tracker_in_work(tracker), 2);
	assert_int_equal(tracker_span(tracker), 4);
	assert_int_equal(tracker_finish(tracker, EPOCH, 10), 0);
	assert_int_equal(tracker_position(tracker), 12);
	assert_int_equal(tracker_span(tracker), 2);
	assert_int_equal(tracker_finish(tracker, EPOCH, 12), 0);
	assert_int_equal(tracker_position(tracker), 14);
	assert_int_equal(tracker_span(tracker), 0);
	tracker_free(tracker);
}

static void gaps_in_the_offsets_hold_up_nothing(void **state) {
	(void)state;
	struct tracker *tracker = tracker_new(EPOCH);
	assert_int_equal(tracker_begin(tracker, 5), 0);
	assert_int_equal(tracker_begin(tracker, 900), 0);
	assert_int_equal(tracker_finish(tracker, EPOCH, 5), 0);
	assert_int_equal(tracker_position(tracker), 900);
	assert_int_equal(tracker_finish(tracker, EPOCH, 900), 0);
	assert_int_equal(tracker_position(tracker), 901);
	tracker_note_end(tracker, 903);
	assert_int_equal(tracker_position(tracker), 903);
	tracker_note_end(tracker, 2);
	assert_int_equal(tracker_position(tracker), 903);
	tracker_free(tracker);
}

static void an_end_that_was_seen_does_not_pass_what_is_in_work(void **state) {
	(void)state;
	struct tracker *tracker = tracker_new(EPOCH);
	assert_int_equal(tracker_begin(tracker, 5), 0);
	tracker_note_end(tracker, 9);
	assert_int_equal(tracker_position(tracker), 5);
	assert_int_equal(tracker_finish(tracker, EPOCH, 5), 0);
	assert_int_equal(tracker_position(tracker), 9);
	tracker_free(tracker);
}

static void what_came_before_is_refused(void **state) {
	(void)state;
	struct tracker *tracker = tracker_new(EPOCH);
	assert_int_equal(tracker_begin(tracker, 5), 0);
	assert_int_equal(tracker_begin(tracker, 5), -EALREADY);
	assert_int_equal(tracker_begin(tracker, 4), -EALREADY);
	assert_int_equal(tracker_finish(tracker, EPOCH, 6), -ENOENT);
	assert_int_equal(tracker_finish(tracker, EPOCH, 5), 0);
	assert_int_equal(tracker_finish(tracker, EPOCH, 5), -ENOENT);
	assert_int_equal(tracker_begin(tracker, 5), -EALREADY);
	assert_int_equal(tracker_position(tracker), 6);
	tracker_free(tracker);
}

static void a_completion_of_another_epoch_touches_nothing(void **state) {
	(void)state;
	struct tracker *tracker = tracker_new(EPOCH);
	assert_int_equal(tracker_begin(tracker, 5), 0);
	assert_int_equal(tracker_finish(tracker, EPOCH - 1, 5), -ESTALE);
	assert_int_equal(tracker_finish(tracker, EPOCH + 1, 5), -ESTALE);
	assert_int_equal(tracker_position(tracker), 5);
	assert_int_equal(tracker_in_work(tracker), 1);
	tracker_free(tracker);
}

// --- against a naive model, in random order

enum { MODEL_SIZE = 4000 };

struct model {
	// By offset: 0 never begun, 'w' in work, 'd' done.
	char is[MODEL_SIZE];
	int64_t next;
};

static int64_t model_position(const struct model *model) {
	for (int64_t offset = 0; offset < model->next; offset++)
		if (model->is[offset] == 'w')
			return offset;
	return model->next == 0 ? -1 : model->next;
}

static int model_finish(struct model *model, int64_t offset) {
	if (model->is[offset] != 'w')
		return -ENOENT;
	model->is[offset] = 'd';
	return 0;
}

static void compare_in_random_order(unsigned seed) {
	struct tracker *tracker = tracker_new(seed);
	struct model model = {.next = 0};

	srandom(seed);
	while (model.next < MODEL_SIZE - 8) {
		int64_t offset = model.next + random() % 4;
		int64_t any = random() % (model.next + 1);
		int64_t near = model.next - 1 - random() % 50;

		if (random() % 3 > 0) {
			assert_int_equal(tracker_begin(tracker, offset), 0);
			model.is[offset] = 'w';
			model.next = offset + 1;
		}
		assert_int_equal(tracker_finish(tracker, seed, any), model_finish(&model, any));
		if (near >= 0)
			assert_int_equal(
				tracker_finish(tracker, seed, near), model_finish(&model, near)
			);
		assert_int_equal(tracker_position(tracker), model_position(&model));
	}
	for (int64_t offset = 0; offset < model.next; offset++)
		assert_int_equal(
			tracker_finish(tracker, seed, offset), model_finish(&model, offset)
		);
	assert_int_equal(tracker_position(tracker), model.next);
	assert_int_equal(tracker_in_work(tracker), 0);
	tracker_free(tracker);
}

static void agrees_with_a_naive_model_in_any_order(void **state) {
	(void)state;
	for (unsigned seed = 1; seed <= 20; seed++)
		compare_in_random_order(seed);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_committed_before_anything_began),
		cmocka_unit_test(the_oldest_in_work_holds_the_position),
		cmocka_unit_test(gaps_in_the_offsets_hold_up_nothing),
		cmocka_unit_test(an_end_that_was_seen_does_not_pass_what_is_in_work),
		cmocka_unit_test(what_came_before_is_refused),
		cmocka_unit_test(a_completion_of_another_epoch_touches_nothing),
		cmocka_unit_test(agrees_with_a_naive_model_in_any_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
