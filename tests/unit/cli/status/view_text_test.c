// SPDX-License-Identifier: MPL-2.0
// view_text_test: how a fleet stands is written, for people and for programs, with nothing that is
// unknown as a number.
#include "support/test.h"

#include "cli/status/view_json.h"
#include "cli/status/view_text.h"
#include "support/view_scene.h"

#include <string.h>

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
		"limits:      500.5 records a second, no limit of requests a second and 64 at once "
		"to "
		"a node; told by host 1m 1s ago\n",
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
	assert_non_null(strstr(
		buf_text(&out),
		"\"limits\":{\"max_rate\":500.5,\"node_rate\":0,\"node_inflight\":64,\"told_at\":"
		"\"1970-01-02T01:00:00Z\",\"by\":\"host\",\"unknown_because\":null}"
	));
	assert_false(view_is_partial(&view));
	buf_fini(&out);
}

static void letters_of_which_nobody_knows_the_rows_are_told_with_the_reason(void **state) {
	struct view view = {
		.target = "fruit",
		.letters = {
			.source = {.is_known = true, .why = "no database is there"},
			.letters = 3,
			.open = VIEW_UNKNOWN,
			.solved = VIEW_UNKNOWN,
			.reasons = {[LETTER_UNDECODABLE] = 3},
			.oldest_ms = VIEW_UNKNOWN,
		}};
	struct buf out = {.data = NULL};
	(void)state;
	view_text(&out, &view, false);
	assert_non_null(
		strstr(buf_text(&out),
		       "dead:        3 letters, open unknown, solved unknown (no database is "
		       "there): undecodable 3\n")
	);
	buf_fini(&out);
}

static void where_there_are_no_nodes_their_limits_are_not_shown(void **state) {
	struct view view = {
		.target = "fruit",
		.state = {
			.source = {.is_known = true},
			.limits = {.is_told = true, .max_rate = 5000, .node_inflight = 64},
		}};
	struct buf out = {.data = NULL};
	(void)state;
	view_text(&out, &view, false);
	assert_non_null(
		strstr(buf_text(&out), "limits:      5 records a second; told by somebody 0s ago\n")
	);
	buf_fini(&out);
}

static void what_a_pass_alone_counts_is_no_number_and_no_trouble(void **state) {
	struct view_partition some[] = {partition(0, 30, 20)};
	struct view_partition earlier[] = {partition(0, 30, 10)};
	struct view_worker worker = {.id = "w1", .host = "h", .partitions = 3};
	struct view_replay replay = {.id = "x", .records = 7, .done = VIEW_UNKNOWN};
	struct view view = whole_view(earlier, some, &worker, &replay);
	struct buf out = {.data = NULL};

	(void)state;
	view.rows.estimate = (struct estimate){.eligible = -1};
	view.has_no_cursors = true;
	view_text(&out, &view, false);
	assert_non_null(strstr(
		buf_text(&out), "database:    what may be purged is counted by a pass alone\n"
	));
	assert_non_null(
		strstr(buf_text(&out), "passes:      each one is full, and none is written down\n")
	);
	assert_false(view_is_partial(&view));
	buf_fini(&out);
	out = (struct buf){.data = NULL};
	view_json(&out, &view);
	assert_non_null(strstr(buf_text(&out), "\"database\":{\"eligible\":null,\"exact\":null,"));
	buf_fini(&out);
}

// Of a view of which all else is known.
static void check_limits(const struct limits *limits, const char *words, const char *json) {
	struct view_partition some[] = {partition(0, 30, 20)};
	struct view_partition earlier[] = {partition(0, 30, 10)};
	struct view_worker worker = {.id = "w1", .host = "h", .partitions = 3};
	struct view_replay replay = {.id = "x", .records = 7, .done = 5};
	struct view view = whole_view(earlier, some, &worker, &replay);
	struct buf out = {.data = NULL};

	view.state.limits = *limits;
	view_text(&out, &view, false);
	assert_non_null(strstr(buf_text(&out), words));
	buf_clear(&out);
	view_json(&out, &view);
	assert_non_null(strstr(buf_text(&out), json));
	assert_int_equal(view_is_partial(&view), limits->fault[0] != '\0');
	buf_fini(&out);
}

static void limits_that_nobody_told_are_no_numbers(void **state) {
	const struct limits none = {.is_told = false};
	(void)state;
	check_limits(&none, "limits:      not told by any worker yet\n", "\"limits\":null,");
}

static void limits_that_are_not_understood_are_unknown(void **state) {
	const struct limits odd = {.fault = "it is odd"};
	(void)state;
	check_limits(
		&odd,
		"limits:      unknown: it is odd\n",
		"\"limits\":{\"max_rate\":null,\"node_rate\":null,\"node_inflight\":null,"
		"\"told_at\":null,\"by\":null,\"unknown_because\":\"it is odd\"}"
	);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_end_is_written_as_it_is_told),
		cmocka_unit_test(nothing_that_is_unknown_is_written_as_a_number),
		cmocka_unit_test(one_unknown_partition_is_told_beside_the_known_ones),
		cmocka_unit_test(all_that_is_known_is_written),
		cmocka_unit_test(letters_of_which_nobody_knows_the_rows_are_told_with_the_reason),
		cmocka_unit_test(where_there_are_no_nodes_their_limits_are_not_shown),
		cmocka_unit_test(what_a_pass_alone_counts_is_no_number_and_no_trouble),
		cmocka_unit_test(limits_that_nobody_told_are_no_numbers),
		cmocka_unit_test(limits_that_are_not_understood_are_unknown),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
