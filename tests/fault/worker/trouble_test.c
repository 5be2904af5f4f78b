// SPDX-License-Identifier: MPL-2.0
// trouble_test: what the engine makes of a target whose scan, check and remove do not work.
#include "support/test.h"

#include "support/engine.h"
#include "support/node.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

// Row 7 is locked for all batches, and as often as `user` says when it is alone.
static int lock_row_seven(struct fake *fake, const struct work_pair *pairs, size_t count) {
	int *left = fake->user;

	for (size_t i = 0; i < count; i++) {
		if (pairs[i].work->candidate->key == 7 && (count > 1 || (*left)-- > 0))
			return -EAGAIN;
	}
	return 0;
}

static void a_row_that_is_locked_for_a_while_is_removed_later(void **state) {
	(void)state;
	int left = 3;
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 40);
	engine->fake.user = &left;
	engine->fake.on_remove = lock_row_seven;
	engine->worker_options.retry.time_ms = 10000;
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->purged, 40);
	assert_int_equal(engine_tally(engine)->retries, 3);
	assert_int_equal(node_requests(nodes[0]), 40);
	engine_end(engine, nodes, 1);
}

static void a_row_that_stays_locked_fails_after_its_attempts(void **state) {
	(void)state;
	int left = INT32_MAX;
	struct engine *engine = engine_with_nodes(NULL, 0, 40);
	engine->fake.user = &left;
	engine->fake.on_remove = lock_row_seven;
	engine->worker_options.retry.time_ms = 10000;
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->purged, 39);
	assert_int_equal(engine_tally(engine)->failed[REASON_DATABASE], 1);
	assert_int_equal(engine_tally(engine)->retries, 5);
	engine_end(engine, NULL, 0);
}

static int put_off_row_seven(struct fake *fake, const struct work_pair *pairs, size_t count) {
	(void)fake;
	for (size_t i = 0; i < count; i++) {
		if (pairs[i].work->candidate->key != 7)
			continue;
		pairs[i].out->finding.verdict = VERDICT_POSTPONED;
		pairs[i].out->finding.reason = REASON_BLOCKED;
	}
	return 0;
}

static void a_row_that_a_remove_postpones_stays_for_a_later_run(void **state) {
	(void)state;
	struct engine *engine = engine_with_nodes(NULL, 0, 40);
	engine->fake.on_remove = put_off_row_seven;
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->purged, 39);
	assert_int_equal(engine_tally(engine)->postponed[REASON_BLOCKED], 1);
	assert_int_equal(engine_tally(engine)->retries, 0);
	engine_end(engine, NULL, 0);
}

// Work 7 stands for ten rows, of which some are settled when it fails with the error that `user`
// says.
static int fail_in_the_middle(struct fake *fake, const struct work_pair *pairs, size_t count) {
	int err = 0;

	for (size_t i = 0; i < count; i++) {
		if (pairs[i].work->candidate->key != 7)
			continue;
		pairs[i].work->rows = 10;
		pairs[i].out->rows = (struct removed_rows){
			.removed = 4, .along = 2, .spared = 2, .gone = 1};
		err = *(int *)fake->user;
	}
	return err;
}

static struct engine *run_with_failure_in_the_middle(int err) {
	struct engine *engine = engine_with_nodes(NULL, 0, 8);

	engine->fake.user = &err;
	engine->fake.on_remove = fail_in_the_middle;
	engine->worker_options.batch_rows = 1;
	engine_open(engine);
	engine_run_pass(engine);
	return engine;
}

static void rows_that_went_before_their_task_failed_count_as_purged(void **state) {
	(void)state;
	struct engine *engine = run_with_failure_in_the_middle(-EIO);
	const struct tally *tally = engine_tally(engine);
	assert_int_equal(tally->purged, 7 + 4);
	assert_int_equal(tally->removed_in_all, 7 + 4 + 2);
	assert_int_equal(tally->left[REASON_CHANGED], 2);
	assert_int_equal(tally->gone, 1);
	assert_int_equal(tally->failed[REASON_UNKNOWN], 3);
	engine_end(engine, NULL, 0);
}

static void rows_that_went_before_the_run_failed_count_as_purged(void **state) {
	(void)state;
	struct engine *engine = run_with_failure_in_the_middle(-EACCES);
	const struct tally *tally = engine_tally(engine);
	assert_int_equal(tally->purged, 7 + 4);
	assert_int_equal(tally->failed[REASON_UNKNOWN], 0);
	assert_int_equal(tally->postponed[REASON_STOPPED], 3);
	engine_end(engine, NULL, 0);
}

// As many calls as `user` says fail.
static int lock_all(struct fake *fake, const struct work_pair *pairs, size_t count) {
	int *left = fake->user;

	(void)pairs, (void)count;
	return (*left)-- > 0 ? -EAGAIN : 0;
}

static void rows_that_others_kept_from_being_tried_use_up_no_attempt(void **state) {
	(void)state;
	// 40, 20, 10, 5, 2, 1, 1 and one more.
	int left = 8;
	struct engine *engine = engine_with_nodes(NULL, 0, 40);
	engine->fake.user = &left;
	engine->fake.on_remove = lock_all;
	engine->worker_options.batch_threads = 1;
	engine->worker_options.batch_rows = 40;
	engine->worker_options.retry.attempts = 1;
	engine->worker_options.retry.time_ms = 10000;
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_in_range(engine_tally(engine)->failed[REASON_DATABASE], 1, 3);
	assert_int_equal(
		engine_tally(engine)->purged + engine_tally(engine)->failed[REASON_DATABASE], 40
	);
	engine_end(engine, NULL, 0);
}

static void rows_that_are_never_tried_are_postponed_in_time(void **state) {
	(void)state;
	int left = INT32_MAX;
	struct engine *engine = engine_with_nodes(NULL, 0, 40);
	const struct tally *tally;
	engine->fake.user = &left;
	engine->fake.on_remove = lock_all;
	engine->worker_options.batch_threads = 1;
	engine->worker_options.retry.time_ms = 50;
	engine_open(engine);
	engine_run_pass(engine);
	tally = engine_tally(engine);
	assert_int_equal(tally->purged, 0);
	assert_true(tally_postponed(tally) > 0);
	assert_int_equal(tally->postponed[REASON_DATABASE], tally_postponed(tally));
	assert_int_equal(tally_postponed(tally) + tally->failed[REASON_DATABASE], 40);
	engine_assert_all_have_a_fate(engine);
	engine_end(engine, NULL, 0);
}

static void judge_long_ago(struct fake *fake, const struct work_pair *pair) {
	(void)fake;
	pair->out->judged.mono_ms = 1;
}

static void a_check_that_is_always_too_slow_fails_its_rows_in_time(void **state) {
	(void)state;
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 20);
	engine->fake.judged_by_scan = false;
	engine->fake.on_check = judge_long_ago;
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->failed[REASON_DATABASE], 20);
	assert_int_equal(node_requests(nodes[0]), 0);
	engine_end(engine, nodes, 1);
}

static void a_dry_run_with_a_slow_check_still_does_nothing(void **state) {
	(void)state;
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 20);
	engine->fake.request_every = 2; // the others would only be removed
	engine->fake.judged_by_scan = false;
	engine->fake.on_check = judge_long_ago;
	engine->worker_options.dryrun = true;
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine->fake.removed_count, 0);
	assert_int_equal(node_requests(nodes[0]), 0);
	assert_int_equal(engine_tally(engine)->purged, 20);
	engine_end(engine, nodes, 1);
}

static int lose_privileges_once(struct fake *fake) {
	int *left = fake->user;

	return (*left)-- > 0 ? -EACCES : 0;
}

static void a_pass_that_failed_leaves_nothing_behind_for_the_next(void **state) {
	(void)state;
	int left = 1;
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 30);
	engine->fake.user = &left;
	engine->fake.on_check_batch = lose_privileges_once;
	// Rows grow old in the lane, and many wait to be judged again one by one when the first of
	// them ends the pass.
	engine->worker_options.check_ttl_ms = 30;
	engine->worker_options.batch_rows = 1;
	engine->worker_options.batch_threads = 1;
	engine->worker_options.lane.inflight_max = 1;
	node_default(nodes[0], &(struct node_step){.delay_ms = 50});
	engine_open(engine);
	engine_run_pass(engine);
	assert_non_null(worker_fatal(engine->worker));
	assert_int_equal(engine_tally(engine)->purged, engine->fake.removed_count);
	assert_int_equal(tally_finished(engine_tally(engine)), engine_tally(engine)->taken);
	memset(engine->fake.removed, 0, 30);
	engine_run_pass(engine);
	assert_null(worker_fatal(engine->worker));
	assert_true(engine_tally(engine)->purged > 0);
	engine_assert_all_have_a_fate(engine);
	engine_end(engine, nodes, 1);
}

static int refuse_large_pages(struct fake *fake, size_t page_rows) {
	(void)fake;
	return page_rows > 10 ? -ENOTCONN : 0;
}

static void a_page_that_does_not_work_is_read_in_smaller_ones(void **state) {
	(void)state;
	struct engine *engine = engine_with_nodes(NULL, 0, 100);
	engine->fake.on_scan = refuse_large_pages;
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine->report.error, 0);
	assert_int_equal(engine_tally(engine)->purged, 100);
	engine_end(engine, NULL, 0);
}

static int refuse_all_pages(struct fake *fake, size_t page_rows) {
	(void)fake, (void)page_rows;
	return -EAGAIN;
}

static void a_page_that_never_works_ends_the_pass_and_says_so(void **state) {
	(void)state;
	struct engine *engine = engine_with_nodes(NULL, 0, 100);
	engine->fake.on_scan = refuse_all_pages;
	engine->fake.scan_words = "the rows run away";
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine->report.error, -EAGAIN);
	assert_non_null(strstr(engine->report.message, "however small: the rows run away"));
	engine_end(engine, NULL, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_that_is_locked_for_a_while_is_removed_later),
		cmocka_unit_test(a_row_that_stays_locked_fails_after_its_attempts),
		cmocka_unit_test(a_row_that_a_remove_postpones_stays_for_a_later_run),
		cmocka_unit_test(rows_that_went_before_their_task_failed_count_as_purged),
		cmocka_unit_test(rows_that_went_before_the_run_failed_count_as_purged),
		cmocka_unit_test(rows_that_others_kept_from_being_tried_use_up_no_attempt),
		cmocka_unit_test(rows_that_are_never_tried_are_postponed_in_time),
		cmocka_unit_test(a_check_that_is_always_too_slow_fails_its_rows_in_time),
		cmocka_unit_test(a_dry_run_with_a_slow_check_still_does_nothing),
		cmocka_unit_test(a_pass_that_failed_leaves_nothing_behind_for_the_next),
		cmocka_unit_test(a_page_that_does_not_work_is_read_in_smaller_ones),
		cmocka_unit_test(a_page_that_never_works_ends_the_pass_and_says_so),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
