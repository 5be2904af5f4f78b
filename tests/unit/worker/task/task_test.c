// SPDX-License-Identifier: MPL-2.0
// task_test: the moves that a task may make.
#include "support/test.h"

#include "worker/task/task.h"

static void moves_only_as_the_drawing_says(void **state) {
	(void)state;
	static const char *const allowed[TASK_STATES] = {
		// columns: NEW CHECK REQUEST REMOVE WAIT LEAVING DONE
		[TASK_NEW] = ".xxxxxx",
		[TASK_CHECK] = ".xxxxxx",
		[TASK_REQUEST] = ".xxxxxx",
		[TASK_REMOVE] = "....xxx",
		[TASK_WAIT] = ".xxx.xx",
		[TASK_LEAVING] = "......x",
		[TASK_DONE] = ".......",
	};
	for (int from = 0; from < TASK_STATES; from++)
		for (int to = 0; to < TASK_STATES; to++)
			if (task_may_move((enum task_state)from, (enum task_state)to) !=
			    (allowed[from][to] == 'x'))
				fail_msg(
					"%s to %s",
					task_state_name((enum task_state)from),
					task_state_name((enum task_state)to)
				);
}

static void a_new_task_takes_over_the_scans_judgement(void **state) {
	(void)state;
	struct candidate candidate = {.id = (char[]){"7"}, .checked_mono_ms = 5, .seen_ms = 9};
	struct task_roll roll = LIST_HEAD_INITIALIZER(roll);
	struct task *task = task_new(&roll, &candidate, 1);
	assert_int_equal(task->work.judged.mono_ms, 5);
	assert_int_equal(task->work.judged.wall_ms, 9);
	assert_int_equal(task->state, TASK_NEW);
	task_free(task);
}

static void a_slot_that_is_used_again_remembers_nothing(void **state) {
	(void)state;
	struct candidate candidate = {.id = (char[]){"7"}};
	struct task_roll roll = LIST_HEAD_INITIALIZER(roll);
	struct task *task = task_new(&roll, &candidate, 1);
	struct call *call = task_find_call(task, 5);
	assert_non_null(call);
	assert_ptr_equal(task_find_call(task, 5), call);
	assert_null(task_find_call(task, 6));
	call->attempts = 3;
	call->first_ms = call->queued_ms = call->timer.due_ms = 9;
	call->denied_once = call->is_ready = true;
	task->troubles = 2;
	task->trouble_ms = task->untried_ms = 9;
	task_end_call(call);
	assert_int_equal(task->troubles, 0);
	assert_int_equal(task->trouble_ms + task->untried_ms, 0);
	assert_ptr_equal(task_find_call(task, 6), call);
	assert_int_equal(call->attempts, 0);
	assert_int_equal(call->first_ms + call->queued_ms + call->timer.due_ms, 0);
	assert_false(call->denied_once || call->is_ready);
	assert_int_equal(call->place, CALL_IDLE);
	task_free(task);
}

static void counts_the_calls_that_are_out(void **state) {
	(void)state;
	struct candidate candidate = {.id = (char[]){"7"}};
	struct task_roll roll = LIST_HEAD_INITIALIZER(roll);
	struct task *task = task_new(&roll, &candidate, 2);
	struct call *one = task_find_call(task, 1);
	struct call *two = task_find_call(task, 2);
	task_place_call(one, CALL_OUT);
	task_place_call(two, CALL_OUT);
	task_place_call(one, CALL_WAITING);
	assert_int_equal(task->calls_out, 1);
	task_end_call(two);
	assert_int_equal(task->calls_out, 0);
	task_free(task);
}

static void a_timer_knows_whose_it_is(void **state) {
	(void)state;
	struct candidate candidate = {.id = (char[]){"7"}};
	struct task_roll roll = LIST_HEAD_INITIALIZER(roll);
	struct task *task = task_new(&roll, &candidate, 2);
	assert_null(task_call_of_timer(&task->timer));
	assert_ptr_equal(task_of_timer(&task->timer), task);
	assert_ptr_equal(task_call_of_timer(&task->calls[1].timer), &task->calls[1]);
	assert_ptr_equal(task_of_timer(&task->calls[1].timer), task);
	task_free(task);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moves_only_as_the_drawing_says),
		cmocka_unit_test(a_new_task_takes_over_the_scans_judgement),
		cmocka_unit_test(a_slot_that_is_used_again_remembers_nothing),
		cmocka_unit_test(counts_the_calls_that_are_out),
		cmocka_unit_test(a_timer_knows_whose_it_is),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
