// SPDX-License-Identifier: MPL-2.0
// replay_line_test: what operators read of a replay; unknown is never a number.
#include "support/test.h"

#include "cli/replay/replay_line.h"

#include <stdio.h>
#include <string.h>

static struct replay_span spans[] = {{10, 20}, {5, 5}, {0, 30}};
static const struct replay replay = {
	.id = "x",
	.group = "g",
	.created_ms = 0,
	.from = "beginning",
	.to = "end",
	.spans = spans,
	.count = 3,
};

static void assert_says(
	const struct replay_progress *progress,
	const char *state_words,
	const char *text,
	const char *json
) {
	struct buf out = {.data = NULL};
	char words[64];

	replay_line_text(&out, &replay, progress);
	assert_non_null(strstr(buf_text(&out), text));
	snprintf(words, sizeof(words), "replay x: %s\n", state_words);
	assert_non_null(strstr(buf_text(&out), words));
	buf_clear(&out);
	replay_line_short(&out, &replay, progress);
	snprintf(words, sizeof(words), "x: %s, ", state_words);
	assert_non_null(strstr(buf_text(&out), words));
	buf_clear(&out);
	replay_line_json(&out, &replay, progress);
	assert_non_null(strstr(buf_text(&out), json));
	buf_fini(&out);
}

static void a_group_that_could_not_be_asked_is_unknown(void **state) {
	const struct replay_progress progress = {.workers = -1};
	(void)state;
	assert_says(
		&progress,
		"unknown",
		"at most 40, done unknown\n",
		"\"done\":null,\"deleted\":0,\"workers\":null"
	);
	assert_says(&progress, "unknown", "workers:     unknown\n", "\"at\":null");
	assert_says(&progress, "unknown", "partition 2: 0 to 30, unknown\n", "\"records\":40");
}

static void one_that_nobody_has_begun_says_so(void **state) {
	int64_t at[] = {-1, -1, -1};
	const struct replay_progress progress = {.at = at};
	(void)state;
	assert_says(&progress, "not begun", "partition 0: 10 to 20, not begun\n", "\"done\":0");
}

static void one_that_is_in_work_says_how_far(void **state) {
	int64_t at[] = {15, -1, 30};
	const struct replay_progress progress = {.at = at, .workers = 2};
	(void)state;
	assert_says(&progress, "in work", "partition 0: 10 to 20, done up to 15\n", "\"done\":35");
	assert_says(&progress, "in work", "partition 2: 0 to 30, done\n", "\"workers\":2");
}

static void one_that_nobody_works_on_says_so(void **state) {
	int64_t at[] = {15, -1, -1};
	const struct replay_progress progress = {.at = at};
	(void)state;
	assert_says(
		&progress,
		"begun, and no worker is at it",
		"workers:     0\n",
		"{\"partition\":0,\"at\":15"
	);
}

static void one_is_done_when_all_partitions_with_something_are(void **state) {
	int64_t at[] = {20, -1, 30};
	const struct replay_progress progress = {.at = at};
	(void)state;
	assert_says(&progress, "done", "done 40\n", "\"state\":\"done\"");
}

static void a_commit_outside_of_it_counts_for_nothing(void **state) {
	int64_t at[] = {9, 3, 31};
	const struct replay_progress progress = {.at = at};
	(void)state;
	assert_int_equal(replay_progress_done(&progress, &replay), 0);
}

static void filters_are_told(void **state) {
	struct replay limited = replay;
	struct replay_progress progress = {.workers = -1};
	struct buf out = {.data = NULL};
	(void)state;
	limited.has_range_start = true;
	limited.range_start = 7;
	strcpy(limited.node, "https://n\"1");
	limited.deleted = -1;
	replay_line_text(&out, &limited, &progress);
	assert_non_null(
		strstr(buf_text(&out), "only uids:   greater than 7\nonly node:   https://n\"1\n")
	);
	assert_non_null(strstr(buf_text(&out), "deleted:     unknown before it was made\n"));
	buf_clear(&out);
	replay_line_json(&out, &limited, &progress);
	assert_non_null(strstr(
		buf_text(&out), "\"range_start\":7,\"range_end\":null,\"node\":\"https://n\\\"1\""
	));
	buf_fini(&out);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_group_that_could_not_be_asked_is_unknown),
		cmocka_unit_test(one_that_nobody_has_begun_says_so),
		cmocka_unit_test(one_that_is_in_work_says_how_far),
		cmocka_unit_test(one_that_nobody_works_on_says_so),
		cmocka_unit_test(one_is_done_when_all_partitions_with_something_are),
		cmocka_unit_test(a_commit_outside_of_it_counts_for_nothing),
		cmocka_unit_test(filters_are_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
