// SPDX-License-Identifier: MPL-2.0
// past_test: sums over passes, and since when something is so.
#include "support/test.h"

#include "cli/admin/past.h"

#include <stdlib.h>

static const struct pass_report first = {
	.pages = 2, .rows = 10, .left = {[REASON_YOUNG] = 1}, .backlog = 9, .started_wall_ms = 100};
static const struct pass_report second = {
	.pages = 1, .rows = 4, .left = {[REASON_YOUNG] = 2}, .backlog = -1, .started_wall_ms = 200};

static void numbers_grow_while_a_pass_runs_and_stay_when_it_has_ended(void **state) {
	struct past past;
	struct scan_numbers scan;
	(void)state;
	past_init(&past);
	past_add_scan(&past, NULL, &scan);
	assert_int_equal(scan.rows, 0);
	assert_int_equal(scan.is_running, 0);
	assert_int_equal(scan.backlog, NUMBER_UNKNOWN);
	past_add_scan(&past, &first, &scan);
	assert_int_equal(scan.rows, 10);
	assert_int_equal(scan.is_running, 1);
	past_note_pass(&past, &first, NULL, true, 50, 150);
	past_add_scan(&past, NULL, &scan);
	assert_int_equal(scan.rows, 10);
	assert_int_equal(scan.succeeded, 1);
	assert_int_equal(scan.failed, 0);
	assert_int_equal(scan.success_ms, 150);
	assert_int_equal(scan.duration_ms, 50);
}

// The scan thread begins its report a moment after it was asked for a pass.
static void a_report_of_the_last_pass_is_not_counted_twice(void **state) {
	struct past past;
	struct scan_numbers scan;
	(void)state;
	past_init(&past);
	past_note_pass(&past, &first, NULL, true, 50, 150);
	past_add_scan(&past, &first, &scan);
	assert_int_equal(scan.rows, 10);
	past_add_scan(&past, &second, &scan);
	assert_int_equal(scan.rows, 14);
	assert_int_equal(scan.pages, 3);
	assert_int_equal(scan.left[REASON_YOUNG], 3);
}

static void a_backlog_stays_until_it_is_counted_anew(void **state) {
	struct past past;
	struct scan_numbers scan;
	(void)state;
	past_init(&past);
	past_add_scan(&past, &first, &scan);
	past_note_pass(&past, &first, NULL, true, 50, 150);
	past_add_scan(&past, &second, &scan);
	assert_int_equal(scan.backlog, 9);
}

static void overdue_rows_are_those_of_the_last_pass_that_saw_all(void **state) {
	const struct pass_report some = {.overdue = 1, .oldest_due_ms = 10};
	struct pass_report all = {.overdue = 3, .oldest_due_ms = 20, .has_all_overdue = true};
	struct scan_numbers scan;
	struct past past;
	(void)state;
	past_init(&past);
	past_note_pass(&past, &some, NULL, true, 50, 150);
	assert_int_equal(past.scan.overdue, NUMBER_UNKNOWN);
	past_note_pass(&past, &all, NULL, true, 50, 160);
	past_note_pass(&past, &some, NULL, true, 50, 170);
	past_add_scan(&past, NULL, &scan);
	assert_int_equal(scan.overdue, 3);
	assert_int_equal(past.scan.overdue, 3);
	assert_int_equal(past.scan.overdue_ms, 20);
	assert_int_equal(past.scan.overdue_counted_ms, 160);
	all.overdue = 0;
	past_note_pass(&past, &all, NULL, true, 50, 180);
	assert_int_equal(past.scan.overdue, 0);
	assert_int_equal(past.scan.overdue_ms, NUMBER_UNKNOWN);
	past_note_pass(&past, &all, NULL, true, 50, 190);
	past_stand_by(&past);
	assert_int_equal(past.scan.overdue, NUMBER_UNKNOWN);
	assert_int_equal(past.scan.overdue_counted_ms, NUMBER_UNKNOWN);
}

static void a_pass_that_fails_changes_no_success(void **state) {
	struct past past;
	struct scan_numbers scan;
	(void)state;
	past_init(&past);
	past_note_pass(&past, &first, NULL, false, 50, 150);
	past_add_scan(&past, NULL, &scan);
	assert_int_equal(scan.failed, 1);
	assert_int_equal(scan.success_ms, NUMBER_UNKNOWN);
	past_note_pass(&past, &second, NULL, true, 60, 250);
	past_note_pass(&past, &first, NULL, false, 70, 350);
	past_add_scan(&past, NULL, &scan);
	assert_int_equal(scan.success_ms, 250);
	assert_int_equal(scan.duration_ms, 70);
}

static void what_was_published_is_a_sum_and_the_rest_of_the_pass_that_runs(void **state) {
	const struct publisher_counts counts = {
		.published = 5, .acknowledged = 3, .lag = 8, .is_waiting = true};
	struct publisher_numbers publisher = {.unacknowledged = -1, .lag = -1, .is_waiting = -1};
	struct past past;
	(void)state;
	past_init(&past);
	past_note_pass(&past, &first, &counts, true, 1, 1);
	past_add_publisher(&past, NULL, &publisher);
	assert_int_equal(publisher.published, 5);
	assert_int_equal(publisher.unacknowledged, -1);
	assert_int_equal(publisher.lag, -1);
	assert_int_equal(publisher.is_waiting, 0);
	past_add_publisher(&past, &counts, &publisher);
	assert_int_equal(publisher.published, 10);
	assert_int_equal(publisher.unacknowledged, 2);
	assert_int_equal(publisher.lag, 8);
	assert_int_equal(publisher.is_waiting, 1);
}

static void a_pass_that_was_broken_off_is_no_success_and_no_failure(void **state) {
	const struct publisher_counts counts = {.published = 3};
	struct pass_report report = first;
	struct past past;
	struct scan_numbers scan;
	(void)state;
	report.stopped = true;
	past_init(&past);
	past_note_pass(&past, &report, &counts, true, 50, 150);
	past_add_scan(&past, NULL, &scan);
	assert_int_equal(scan.rows, 10);
	assert_int_equal(scan.succeeded, 0);
	assert_int_equal(scan.failed, 0);
	assert_int_equal(scan.success_ms, NUMBER_UNKNOWN);
	assert_int_equal(past.published, 3);
}

static void a_moment_is_that_of_the_last_change(void **state) {
	struct numbers *numbers = calloc(1, sizeof(*numbers));
	struct past past;
	(void)state;
	numbers_init(numbers);
	past_init(&past);
	past_date(&past, 10, numbers);
	assert_int_equal(numbers->candidate_ended_ms, NUMBER_UNKNOWN);
	assert_int_equal(numbers->page_read_ms, NUMBER_UNKNOWN);
	assert_int_equal(numbers->database_ms, NUMBER_UNKNOWN);
	numbers->worker.tally.ended[END_LEFT][REASON_YOUNG] = 1;
	numbers->database = 1;
	numbers->scan.pages = 1;
	past_date(&past, 20, numbers);
	past_date(&past, 30, numbers);
	assert_int_equal(numbers->candidate_ended_ms, 20);
	assert_int_equal(numbers->page_read_ms, 20);
	assert_int_equal(numbers->database_ms, 20);
	numbers->database = 0;
	past_date(&past, 40, numbers);
	assert_int_equal(numbers->database_ms, 40);
	assert_int_equal(numbers->page_read_ms, 20);
	free(numbers);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_grow_while_a_pass_runs_and_stay_when_it_has_ended),
		cmocka_unit_test(a_report_of_the_last_pass_is_not_counted_twice),
		cmocka_unit_test(a_backlog_stays_until_it_is_counted_anew),
		cmocka_unit_test(overdue_rows_are_those_of_the_last_pass_that_saw_all),
		cmocka_unit_test(a_pass_that_fails_changes_no_success),
		cmocka_unit_test(what_was_published_is_a_sum_and_the_rest_of_the_pass_that_runs),
		cmocka_unit_test(a_pass_that_was_broken_off_is_no_success_and_no_failure),
		cmocka_unit_test(a_moment_is_that_of_the_last_change),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
