// SPDX-License-Identifier: MPL-2.0
// task_test: the moves that a task may make.
#include "support/test.h"

#include "worker/task/task.h"

static void moves_only_as_the_drawing_says(void **state) {
	(void)state;
	static const char *const allowed[TASK_STATES] = {
		// columns: NEW CHECK REQUEST REMOVE WAIT LEAVING DONE
		[TASK_NEW] = ".xxxxxx",
		[TASK_CHECK] = "..xxxxx",
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

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(moves_only_as_the_drawing_says),
		cmocka_unit_test(a_new_task_takes_over_the_scans_judgement),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
