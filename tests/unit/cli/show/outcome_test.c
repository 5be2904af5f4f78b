// SPDX-License-Identifier: MPL-2.0
// outcome_test: what a run came to, and its exit status.
#include "support/test.h"

#include "cli/front/command.h"
#include "cli/show/outcome.h"
#include "common/target/target_calls.h"

#include <errno.h>
#include <string.h>

static struct outcome decide(
	struct pass_report report, struct tally tally, const char *fatal, bool stopped
) {
	static const struct target_calls calls = {
		.denied_outcome = "does not know us",
		.denied_remedy = "show a passport",
	};
	struct outcome outcome = {.calls = &calls};
	outcome_decide(&outcome, &report, &tally, fatal, stopped);
	return outcome;
}

static void expect(struct outcome outcome, enum outcome_state state, int status) {
	assert_string_equal(outcome_name(outcome.state), outcome_name(state));
	assert_int_equal(outcome_exit_status(&outcome, false), status);
}

static void an_end_with_nothing_wrong_is_complete(void **state) {
	(void)state;
	struct tally tally = {.purged = 3, .gone = 1, .left = {[REASON_YOUNG] = 2}};
	expect(decide((struct pass_report){0}, tally, NULL, false), OUTCOME_COMPLETE, EXIT_COMPLETE
	);
	expect(decide((struct pass_report){0}, (struct tally){0}, NULL, false),
	       OUTCOME_COMPLETE,
	       EXIT_COMPLETE);
}

static void rows_that_failed_make_it_partial(void **state) {
	(void)state;
	struct tally tally = {.purged = 1, .failed = {[REASON_HTTP_5XX] = 1}};
	struct outcome outcome = decide((struct pass_report){0}, tally, NULL, false);
	expect(outcome, OUTCOME_PARTIAL, EXIT_PARTIAL);
	assert_int_equal(outcome_exit_status(&outcome, true), EXIT_COMPLETE);
	tally = (struct tally){.purged = 1, .postponed = {[REASON_CONNECT] = 1}};
	expect(decide((struct pass_report){0}, tally, NULL, false), OUTCOME_PARTIAL, EXIT_PARTIAL);
}

static void one_hostile_row_alone_does_not_fail_the_run(void **state) {
	(void)state;
	struct tally tally = {.failed = {[REASON_UNKNOWN] = 1}};
	expect(decide((struct pass_report){0}, tally, NULL, false), OUTCOME_PARTIAL, EXIT_PARTIAL);
}

static void requests_that_all_failed_fail_the_run(void **state) {
	(void)state;
	struct tally tally = {
		.failed = {[REASON_CONNECT] = 2}, .postponed = {[REASON_CONNECT] = 7}};
	struct outcome outcome = decide((struct pass_report){0}, tally, NULL, false);
	expect(outcome, OUTCOME_FAILED, EXIT_FAILED);
	assert_int_equal(outcome_exit_status(&outcome, true), EXIT_FAILED);
}

static void rows_that_were_denied_are_said_to_be(void **state) {
	(void)state;
	struct tally tally = {.failed = {[REASON_HTTP_4XX] = 4}, .denied = 4};
	struct outcome outcome = decide((struct pass_report){0}, tally, NULL, false);
	expect(outcome, OUTCOME_FAILED, EXIT_FAILED);
	assert_string_equal(
		outcome.error,
		"requests failed and nothing at all was purged; 4 rows got 401 or 403: show a "
		"passport"
	);
	tally.denied = 0;
	outcome = decide((struct pass_report){0}, tally, NULL, false);
	assert_string_equal(
		outcome.error, "requests failed and nothing at all was purged; check the nodes"
	);
}

static void rows_that_the_database_kept_locked_do_not_blame_the_nodes(void **state) {
	(void)state;
	struct tally tally = {
		.failed = {[REASON_DATABASE] = 3},
		.postponed = {[REASON_DATABASE] = 7},
	};
	expect(decide((struct pass_report){0}, tally, NULL, false), OUTCOME_PARTIAL, EXIT_PARTIAL);
	tally.postponed[REASON_HELD]++;
	expect(decide((struct pass_report){0}, tally, NULL, false), OUTCOME_FAILED, EXIT_FAILED);
}

static void rows_that_wait_for_something_else_do_not_blame_the_nodes(void **state) {
	(void)state;
	static const enum reason reasons[] = {REASON_BLOCKED, REASON_FILES, REASON_UNKNOWN};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		struct tally tally = {.requests_done = 3};
		tally.postponed[reasons[i]] = 1;
		expect(decide((struct pass_report){0}, tally, NULL, false),
		       OUTCOME_PARTIAL,
		       EXIT_PARTIAL);
	}
}

static void deletes_of_which_no_row_could_go_fail_the_run(void **state) {
	(void)state;
	static const enum reason reasons[] = {REASON_UNKNOWN, REASON_DATABASE};

	for (size_t i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		struct tally tally = {.requests_done = 300, .unremoved = 300};
		tally.failed[reasons[i]] = 300;
		struct outcome outcome = decide((struct pass_report){0}, tally, NULL, false);
		expect(outcome, OUTCOME_FAILED, EXIT_FAILED);
		assert_int_equal(outcome_exit_status(&outcome, true), EXIT_FAILED);
		assert_string_equal(
			outcome.error,
			"no row could be removed though the nodes deleted; look at the database"
		);
		outcome = decide((struct pass_report){0}, tally, NULL, true);
		expect(outcome, OUTCOME_STOPPED, EXIT_COMPLETE);
		tally.gone = 1;
		outcome = decide((struct pass_report){0}, tally, NULL, false);
		expect(outcome, OUTCOME_PARTIAL, EXIT_PARTIAL);
	}
}

static void a_malformed_row_beside_one_that_changed_does_not_fail_the_run(void **state) {
	(void)state;
	struct tally tally = {
		.requests_done = 1,
		.left = {[REASON_CHANGED] = 1},
		.failed = {[REASON_UNKNOWN] = 1},
	};
	expect(decide((struct pass_report){0}, tally, NULL, false), OUTCOME_PARTIAL, EXIT_PARTIAL);
}

static void a_stopped_lane_fails_the_run_whatever_else_was_purged(void **state) {
	(void)state;
	struct tally tally = {.purged = 1000, .lanes_stopped = 1};
	struct outcome outcome = decide((struct pass_report){0}, tally, NULL, false);
	expect(outcome, OUTCOME_FAILED, EXIT_FAILED);
	assert_string_equal(outcome.error, "node ? does not know us; show a passport");
	tally.lanes_stopped = 3;
	outcome = decide((struct pass_report){0}, tally, NULL, false);
	assert_string_equal(outcome.error, "node ? (and 2 more) does not know us; show a passport");
}

static void a_failed_scan_tells_its_words(void **state) {
	(void)state;
	struct pass_report report = {.error = -ENOENT, .message = "no such table"};
	struct outcome outcome = decide(report, (struct tally){.purged = 5}, NULL, false);
	expect(outcome, OUTCOME_FAILED, EXIT_FAILED);
	assert_string_equal(outcome.error, "no such table");
}

static void a_lost_database_fails_the_run(void **state) {
	(void)state;
	struct outcome outcome = decide(
		(struct pass_report){0}, (struct tally){.purged = 5}, "2013: lost", false
	);
	expect(outcome, OUTCOME_FAILED, EXIT_FAILED);
	assert_string_equal(outcome.error, "2013: lost");
}

static void a_clean_stop_is_no_failure(void **state) {
	(void)state;
	struct tally tally = {.purged = 5, .postponed = {[REASON_CONNECT] = 40}};
	expect(decide((struct pass_report){.stopped = true}, tally, NULL, true),
	       OUTCOME_STOPPED,
	       EXIT_COMPLETE);
	tally.purged = 0;
	expect(decide((struct pass_report){.stopped = true}, tally, NULL, true),
	       OUTCOME_STOPPED,
	       EXIT_COMPLETE);
}

static void a_refused_dry_run_fails_as_the_real_run_would(void **state) {
	(void)state;
	struct pass_report report = {
		.guard = {.outcome = GUARD_REFUSED, .message = "refused: too many"}};
	struct outcome outcome = decide(report, (struct tally){0}, NULL, false);
	expect(outcome, OUTCOME_FAILED, EXIT_FAILED);
	assert_string_equal(outcome.error, "refused: too many");
}

static void rows_passed_over_by_the_scan_count_as_left(void **state) {
	(void)state;
	struct pass_report report = {.left = {[REASON_NODE_DOWN] = 4}};
	struct outcome outcome = decide(
		report, (struct tally){.left = {[REASON_NODE_DOWN] = 1}}, NULL, false
	);
	assert_int_equal(outcome.tally.left[REASON_NODE_DOWN], 5);
	expect(outcome, OUTCOME_COMPLETE, EXIT_COMPLETE);
}

static void what_a_real_run_would_fail_for_fails_a_dry_run(void **state) {
	(void)state;
	struct pass_report report = {.obstacle = "no right to delete"};
	struct outcome outcome = decide(report, (struct tally){.purged = 3}, NULL, false);
	expect(outcome, OUTCOME_FAILED, EXIT_FAILED);
	assert_string_equal(outcome.error, "no right to delete");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_real_run_would_fail_for_fails_a_dry_run),
		cmocka_unit_test(an_end_with_nothing_wrong_is_complete),
		cmocka_unit_test(rows_that_failed_make_it_partial),
		cmocka_unit_test(one_hostile_row_alone_does_not_fail_the_run),
		cmocka_unit_test(requests_that_all_failed_fail_the_run),
		cmocka_unit_test(rows_that_were_denied_are_said_to_be),
		cmocka_unit_test(rows_that_the_database_kept_locked_do_not_blame_the_nodes),
		cmocka_unit_test(rows_that_wait_for_something_else_do_not_blame_the_nodes),
		cmocka_unit_test(deletes_of_which_no_row_could_go_fail_the_run),
		cmocka_unit_test(a_malformed_row_beside_one_that_changed_does_not_fail_the_run),
		cmocka_unit_test(a_stopped_lane_fails_the_run_whatever_else_was_purged),
		cmocka_unit_test(a_failed_scan_tells_its_words),
		cmocka_unit_test(a_lost_database_fails_the_run),
		cmocka_unit_test(a_clean_stop_is_no_failure),
		cmocka_unit_test(a_refused_dry_run_fails_as_the_real_run_would),
		cmocka_unit_test(rows_passed_over_by_the_scan_count_as_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
