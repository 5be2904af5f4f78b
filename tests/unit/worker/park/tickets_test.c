// SPDX-License-Identifier: MPL-2.0
// tickets_test: exactly so many records and no more.
#include "support/test.h"

#include "worker/park/tickets.h"

static struct task task_with(int64_t rows) {
	return (struct task){.work = {.rows = rows, .counted = true}};
}

// Its rows were removed, or not.
static void end(struct tickets *tickets, struct task *task, int64_t removed) {
	task->result.rows.removed = removed;
	tickets_return(tickets, task);
}

static void without_a_limit_there_is_always_a_ticket(void **state) {
	(void)state;
	struct tickets tickets = {.limit = 0};
	for (int i = 0; i < 1000; i++) {
		struct task task = task_with(1);
		assert_true(tickets_take(&tickets, &task));
		end(&tickets, &task, 1);
	}
	assert_false(tickets_ran_out(&tickets));
	assert_false(tickets.came_free);
}

static void gives_no_more_tickets_than_the_limit(void **state) {
	(void)state;
	struct tickets tickets = {.limit = 2};
	struct task first = task_with(1), second = task_with(1), third = task_with(1);
	assert_true(tickets_take(&tickets, &first));
	assert_true(tickets_take(&tickets, &second));
	assert_false(tickets_take(&tickets, &third));
	assert_true(tickets_take(&tickets, &first)); // it has one
	assert_false(tickets_ran_out(&tickets));
}

static void who_needs_none_has_none(void **state) {
	(void)state;
	struct tickets tickets = {.limit = 1, .spent = 1};
	struct task task = {.work = {.rows = 1}};
	assert_true(tickets_take(&tickets, &task));
	assert_false(task.has_ticket);
}

static void a_ticket_given_back_is_given_again(void **state) {
	(void)state;
	struct tickets tickets = {.limit = 1};
	struct task first = task_with(1), second = task_with(1);
	assert_true(tickets_take(&tickets, &first));
	end(&tickets, &first, 0);
	assert_true(tickets.came_free);
	assert_true(tickets_take(&tickets, &second));
	end(&tickets, &second, 1);
	assert_true(tickets_ran_out(&tickets));
	assert_false(tickets_ran_out(&tickets)); // that is told once
	assert_false(tickets_take(&tickets, &first));
}

static void rows_that_do_not_fit_take_no_ticket(void **state) {
	(void)state;
	struct tickets tickets = {.limit = 10};
	struct task eight = task_with(8), three = task_with(3), six = task_with(6),
		    five = task_with(5);
	assert_true(tickets_take(&tickets, &eight));
	assert_false(tickets_take(&tickets, &three));
	end(&tickets, &eight, 5);
	assert_false(tickets_take(&tickets, &six));
	assert_true(tickets_take(&tickets, &five));
	assert_false(tickets_ran_out(&tickets));
}

static void rows_that_may_be_gone_count_as_gone(void **state) {
	(void)state;
	struct tickets tickets = {.limit = 1};
	struct task task = task_with(1);
	assert_true(tickets_take(&tickets, &task));
	task.result.commit_unknown = true;
	task.result.finding.verdict = VERDICT_RETRY;
	end(&tickets, &task, 0);
	assert_true(tickets_ran_out(&tickets));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_limit_there_is_always_a_ticket),
		cmocka_unit_test(gives_no_more_tickets_than_the_limit),
		cmocka_unit_test(who_needs_none_has_none),
		cmocka_unit_test(a_ticket_given_back_is_given_again),
		cmocka_unit_test(rows_that_do_not_fit_take_no_ticket),
		cmocka_unit_test(rows_that_may_be_gone_count_as_gone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
