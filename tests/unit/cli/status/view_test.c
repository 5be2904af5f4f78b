// SPDX-License-Identifier: MPL-2.0
// view_test: what is not known of a fleet is never a number.
#include "support/test.h"

#include "cli/status/view.h"
#include "cli/status/view_json.h"
#include "cli/status/view_text.h"

#include <stdio.h>
#include <string.h>

static struct view_topic topics[] = {
	{.name = "purge.fruit"}, {.name = "purge.fruit.retry.1m", .delay_ms = 60000}};

static struct view_partition partition(int64_t begin, int64_t end, int64_t commit) {
	return (struct view_partition){
		.begin = begin,
		.end = end,
		.commit = commit,
		.oldest_ms = VIEW_UNKNOWN,
		.worker = SIZE_MAX};
}

static struct view_lags lags_of(struct view_partition *partitions, size_t count) {
	for (size_t i = 0; i < count; i++)
		partitions[i].partition = (int32_t)i;
	return (struct view_lags){
		.source = {.is_known = true},
		.topics = topics,
		.topic_count = 1,
		.partitions = partitions,
		.partition_count = count,
		.workers_source = {.is_known = true},
	};
}

static void a_lag_is_counted_as_kafkas_own_tools_do(void **state) {
	struct view_partition one = partition(10, 30, 20);
	(void)state;
	assert_int_equal(view_lag(&one), 10);
	one.commit = 5; // what was deleted since counts too
	assert_int_equal(view_lag(&one), 25);
	one.commit = VIEW_NONE;
	assert_int_equal(view_lag(&one), 20);
	// The end was asked for a moment earlier.
	one.commit = 31;
	assert_int_equal(view_lag(&one), 0);
}

static void a_lag_of_which_a_part_is_unknown_is_unknown(void **state) {
	struct view_partition no_end = partition(10, VIEW_UNKNOWN, 20);
	struct view_partition no_commit = partition(10, 30, VIEW_UNKNOWN);
	struct view_partition no_begin = partition(VIEW_UNKNOWN, 30, VIEW_NONE);
	(void)state;
	assert_int_equal(view_lag(&no_end), VIEW_UNKNOWN);
	assert_int_equal(view_lag(&no_commit), VIEW_UNKNOWN);
	assert_int_equal(view_lag(&no_begin), VIEW_UNKNOWN);
}

static void a_sum_with_an_unknown_partition_is_unknown(void **state) {
	struct view_partition some[] = {
		partition(0, 30, 20), partition(0, VIEW_UNKNOWN, 5), partition(3, 9, VIEW_NONE)};
	struct view_lags lags = lags_of(some, 3);
	struct view_sum sum = view_sum(&lags, 0);
	(void)state;
	assert_int_equal(sum.lag, VIEW_UNKNOWN);
	assert_int_equal(sum.known_lag, 16);
	assert_int_equal(sum.partitions, 3);
	assert_int_equal(sum.unknown, 1);
	assert_int_equal(sum.uncommitted, 1);
	lags.partitions[1].end = 5;
	assert_int_equal(view_sum(&lags, 0).lag, 16);
	assert_int_equal(view_sum(&lags, 1).lag, VIEW_UNKNOWN); // it has no partition
}

static void the_oldest_is_that_of_all_partitions(void **state) {
	struct view_partition some[] = {
		partition(0, 30, 20), partition(0, 30, 20), partition(0, 0, 0)};
	struct view_lags lags = lags_of(some, 3);
	(void)state;
	assert_int_equal(view_sum(&lags, 0).oldest_ms, VIEW_UNKNOWN);
	lags.partitions[0].oldest_ms = 500;
	lags.partitions[1].oldest_ms = 400;
	assert_int_equal(view_sum(&lags, 0).oldest_ms, 400);
}

static void a_rate_is_what_was_committed_between_two_looks(void **state) {
	struct view_partition earlier[] = {partition(0, 30, 20), partition(3, 90, VIEW_NONE)};
	struct view_partition later[] = {partition(0, 40, 30), partition(3, 90, 13)};
	struct view_lags before = lags_of(earlier, 2), now = lags_of(later, 2);
	(void)state;
	before.at_ms = 1000;
	now.at_ms = 3000;
	assert_true(view_rate(&before, &now, 0) == 10.0);
	now.partitions[1].commit = VIEW_NONE;
	assert_true(view_rate(&before, &now, 0) == 5.0);
	now.partitions[0].commit = 5; // set back by hand
	assert_true(view_rate(&before, &now, 0) == 0.0);
}

static void a_rate_of_which_a_part_is_unknown_is_unknown(void **state) {
	struct view_partition earlier[] = {partition(0, 30, 20), partition(0, 90, 3)};
	struct view_partition later[] = {partition(0, 40, 30), partition(0, 90, 13)};
	struct view_lags before = lags_of(earlier, 2), now = lags_of(later, 2);
	(void)state;
	assert_true(view_rate(&before, &now, 0) < 0); // at the same time
	now.at_ms = 2000;
	before.partitions[0].commit = VIEW_UNKNOWN;
	assert_true(view_rate(&before, &now, 0) < 0);
	before.partitions[0].commit = 20;
	now.partitions[0].commit = VIEW_UNKNOWN;
	assert_true(view_rate(&before, &now, 0) < 0);
	now.partitions[0].commit = 30;
	before.partition_count = 1; // a partition is new
	assert_true(view_rate(&before, &now, 0) < 0);
	before.partition_count = 2;
	before.source.is_known = false;
	assert_true(view_rate(&before, &now, 0) < 0);
}

static void what_is_added_is_by_how_much_the_logs_grew(void **state) {
	struct view_partition earlier[] = {partition(0, 30, 20), partition(3, 90, VIEW_NONE)};
	struct view_partition later[] = {partition(0, 34, 20), partition(3, 100, VIEW_UNKNOWN)};
	struct view_lags before = lags_of(earlier, 2), now = lags_of(later, 2);
	(void)state;
	assert_true(view_added(&before, &now, 0) < 0); // at the same time
	now.at_ms = 2000;
	assert_true(view_added(&before, &now, 0) == 7.0);
	now.partitions[1].end = 90;
	now.partitions[0].end = 30;
	assert_true(view_added(&before, &now, 0) == 0.0);
}

static void what_is_added_is_unknown_where_an_end_is(void **state) {
	struct view_partition earlier[] = {partition(0, 30, 20), partition(0, 90, 3)};
	struct view_partition later[] = {partition(0, 34, 20), partition(0, VIEW_UNKNOWN, 3)};
	struct view_lags before = lags_of(earlier, 2), now = lags_of(later, 2);
	(void)state;
	now.at_ms = 2000;
	assert_true(view_added(&before, &now, 0) < 0);
	now.partitions[1].end = 89; // the topic was made again
	assert_true(view_added(&before, &now, 0) < 0);
	now.partitions[1].end = 90;
	assert_true(view_added(&before, &now, 0) == 2.0);
	before.partitions[0].end = VIEW_UNKNOWN;
	assert_true(view_added(&before, &now, 0) < 0);
	before.partitions[0].end = 30;
	before.partition_count = 1; // a partition is new
	assert_true(view_added(&before, &now, 0) < 0);
}

static void an_end_is_told_only_where_a_lag_gets_less(void **state) {
	(void)state;
	assert_int_equal(view_eta_s(100, 10, 0), 10);
	assert_int_equal(view_eta_s(100, 10, 5), 20);
	assert_int_equal(view_eta_s(0, 0, 0), 0);
	assert_int_equal(view_eta_s(0, -1, -1), 0);
	assert_int_equal(view_eta_s(100, 0, 0), VIEW_UNKNOWN);
	assert_int_equal(view_eta_s(100, 10, 10), VIEW_UNKNOWN);
	assert_int_equal(view_eta_s(100, 10, 11), VIEW_UNKNOWN);
	assert_int_equal(view_eta_s(100, -1, 0), VIEW_UNKNOWN);
	assert_int_equal(view_eta_s(100, 10, -1), VIEW_UNKNOWN);
	assert_int_equal(view_eta_s(VIEW_UNKNOWN, 10, 0), VIEW_UNKNOWN);
}

// With a lag of 100 now, in two seconds.
static void check_speed(int64_t done, int64_t grown, const char *words, const char *json) {
	struct view_partition earlier[] = {partition(0, 1000 - grown, 900 - done)};
	struct view_partition later[] = {partition(0, 1000, 900)};
	struct view view = {
		.target = "fruit",
		.group = "purge.fruit",
		.before = lags_of(earlier, 1),
		.lags = lags_of(later, 1)};
	struct buf out = {.data = NULL};

	if (grown == VIEW_UNKNOWN)
		earlier->end = VIEW_UNKNOWN;
	view.lags.at_ms = 2000;
	view_text(&out, &view, false);
	assert_non_null(strstr(buf_text(&out), words));
	buf_clear(&out);
	view_json(&out, &view);
	assert_non_null(strstr(buf_text(&out), json));
	buf_fini(&out);
}

static void an_end_is_written_as_it_is_told(void **state) {
	(void)state;
	check_speed(
		40,
		0,
		"100 records, 20 a second, done in 5s\n",
		"\"rate_per_s\":20.0,\"added_per_s\":0.0,\"eta_s\":5,"
	);
	check_speed(
		40,
		20,
		"100 records, 20 a second, 10 a second added, done in 10s\n",
		"\"rate_per_s\":20.0,\"added_per_s\":10.0,\"eta_s\":10,"
	);
	check_speed(
		1,
		40,
		"100 records, 0.5 a second, 20 a second added, does not get less\n",
		"\"rate_per_s\":0.5,\"added_per_s\":20.0,\"eta_s\":null,"
	);
	check_speed(
		0,
		0,
		"100 records, 0 a second, does not get less\n",
		"\"rate_per_s\":0.0,\"added_per_s\":0.0,\"eta_s\":null,"
	);
	check_speed(
		40,
		VIEW_UNKNOWN,
		"100 records, 20 a second, how many are added is unknown\n",
		"\"rate_per_s\":20.0,\"added_per_s\":null,\"eta_s\":null,"
	);
}

static void nothing_that_is_unknown_is_written_as_a_number(void **state) {
	const struct view view = {.target = "fruit", .group = "purge.fruit"};
	struct buf out = {.data = NULL};
	(void)state;
	view_text(&out, &view, true);
	assert_null(strpbrk(buf_text(&out) + strlen("fruit at 1970-01-01T00:00:00Z"), "0123456789")
	);
	buf_clear(&out);
	view_text_short(&out, &view);
	assert_null(strpbrk(buf_text(&out) + strlen("1970-01-01T00:00:00Z"), "0123456789"));
	buf_clear(&out);
	view_json(&out, &view);
	assert_null(strpbrk(buf_text(&out), "0123456789"));
	assert_true(view_is_partial(&view));
	buf_fini(&out);
}

static void one_unknown_partition_is_told_beside_the_known_ones(void **state) {
	struct view_partition some[] = {partition(0, 30, 20), partition(0, VIEW_UNKNOWN, 5)};
	struct view view = {.target = "fruit", .group = "purge.fruit", .lags = lags_of(some, 2)};
	struct buf out = {.data = NULL};
	(void)state;
	view_text(&out, &view, false);
	assert_non_null(
		strstr(buf_text(&out),
		       "candidates:  unknown, at least 10 records: of 2 partitions 1 are unknown")
	);
	buf_clear(&out);
	view_json(&out, &view);
	assert_non_null(
		strstr(buf_text(&out), "\"lag\":null,\"known_lag\":10,\"unknown_partitions\":1,")
	);
	assert_true(view_is_partial(&view));
	buf_fini(&out);
}

// All of it is known. The parts are the caller's.
static struct view whole_view(
	struct view_partition *earlier,
	struct view_partition *later,
	struct view_worker *worker,
	struct view_replay *replay
) {
	struct view view = {
		.target = "fruit",
		.group = "purge.fruit",
		.at_ms = 90061000,
		.before = lags_of(earlier, 1),
		.lags = lags_of(later, 1),
		.state =
			{
				.source = {.is_known = true},
				.range_width = 20,
				.has_cursor = true,
				.cursor_ms = 90000000,
				.cursor = {.full_began_ms = 1000, .full_running = true},
				.control = {.is_paused = true, .since_ms = 1000, .who = "ann@host"},
				.replays = replay,
				.replay_count = 1,
			},
		.letters =
			{.source = {.is_known = true},
			 .letters = 5,
			 .open = 3,
			 .solved = 2,
			 .reasons = {[LETTER_UNDECODABLE] = 5},
			 .oldest_ms = 90000000},
		.rows =
			{.source = {.is_known = true},
			 .estimate = {.eligible = 5, .eligible_exact = true}},
	};

	view.lags.at_ms = 2000;
	view.lags.workers = worker;
	view.lags.worker_count = 1;
	later->worker = 0;
	later->oldest_ms = 90000000;
	return view;
}

static void all_that_is_known_is_written(void **state) {
	struct view_partition some[] = {partition(0, 30, 20)};
	struct view_partition earlier[] = {partition(0, 30, 10)};
	struct view_worker worker = {.id = "w1", .host = "h", .partitions = 3};
	struct view_replay replay = {.id = "x", .records = 7, .done = VIEW_UNKNOWN};
	struct view view = whole_view(earlier, some, &worker, &replay);
	static const char *const words[] = {
		"database:    5 rows may be purged\n",
		"candidates:  10 records, the oldest has waited for 1m 1s, 5 a second, done in "
		"2s\n",
		"dead:        5 letters, open 3, solved 2: undecodable 5, the oldest was written "
		"1m 1s ago\n",
		"workers:     1 in the group purge.fruit\nworker w1 at h: partitions 3\n",
		"the cursor was last moved 1m 1s ago, the last full pass began 1d 1h ago and is "
		"under way\n",
		"pause:       paused since 1970-01-01T00:00:01Z by ann@host\n",
		"replay x: unknown of at most 7 records done\n",
		"partition 0: lag 10, at 20 of 30, uids with floor(uid / 20) mod 1 = 0, worker "
		"w1\n",
	};
	struct buf out = {.data = NULL};
	(void)state;
	view_text(&out, &view, true);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		assert_non_null(strstr(buf_text(&out), words[i]));
	buf_clear(&out);
	view_text_short(&out, &view);
	assert_non_null(strstr(buf_text(&out), ", paused\n"));
	buf_clear(&out);
	view_json(&out, &view);
	assert_non_null(strstr(
		buf_text(&out),
		"\"pause\":{\"paused\":true,\"since\":\"1970-01-01T00:00:01Z\",\"reason\":null,"
		"\"by\":\"ann@host\",\"fault\":null}"
	));
	assert_false(view_is_partial(&view));
	buf_fini(&out);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_lag_is_counted_as_kafkas_own_tools_do),
		cmocka_unit_test(a_lag_of_which_a_part_is_unknown_is_unknown),
		cmocka_unit_test(a_sum_with_an_unknown_partition_is_unknown),
		cmocka_unit_test(the_oldest_is_that_of_all_partitions),
		cmocka_unit_test(a_rate_is_what_was_committed_between_two_looks),
		cmocka_unit_test(a_rate_of_which_a_part_is_unknown_is_unknown),
		cmocka_unit_test(what_is_added_is_by_how_much_the_logs_grew),
		cmocka_unit_test(what_is_added_is_unknown_where_an_end_is),
		cmocka_unit_test(an_end_is_told_only_where_a_lag_gets_less),
		cmocka_unit_test(an_end_is_written_as_it_is_told),
		cmocka_unit_test(nothing_that_is_unknown_is_written_as_a_number),
		cmocka_unit_test(one_unknown_partition_is_told_beside_the_known_ones),
		cmocka_unit_test(all_that_is_known_is_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
