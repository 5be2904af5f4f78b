// SPDX-License-Identifier: MPL-2.0
// metrics_text_test: the numbers as text, for Prometheus and as JSON.
#include "support/test.h"

#include "cli/admin/health.h"
#include "cli/admin/metrics_text.h"
#include "cli/admin/status_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct numbers_of of = {.command = "work", .target = "fruit", .version = "1.2"};

struct scene {
	struct numbers numbers;
	struct buf text;
};

static int set_up(void **state) {
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	numbers_init(&scene->numbers);
	*state = scene;
	return 0;
}

static int tear_down(void **state) {
	struct scene *scene = *state;

	buf_fini(&scene->text);
	free(scene);
	return 0;
}

static const char *text_of(struct scene *scene) {
	buf_clear(&scene->text);
	metrics_text(&scene->numbers, &of, &scene->text);
	assert_int_equal(scene->text.error, 0);
	return buf_text(&scene->text);
}

static const char *json_of(struct scene *scene) {
	const struct health live = {.is_well = true, .words = "alive\n"};
	const struct health ready = {.words = "a\nb \"c\"\n"};

	buf_clear(&scene->text);
	status_text(&scene->numbers, &of, &live, &ready, &scene->text);
	assert_int_equal(scene->text.error, 0);
	return buf_text(&scene->text);
}

static size_t count_of(const char *text, const char *what) {
	size_t count = 0;

	for (; (text = strstr(text, what)) != NULL; text++)
		count++;
	return count;
}

static void assert_has(const char *text, const char *what) {
	if (count_of(text, what) != 1)
		fail_msg("%zu times '%s' in\n%s", count_of(text, what), what, text);
}

static void assert_lacks(const char *text, const char *what) {
	if (strstr(text, what) != NULL)
		fail_msg("'%s' in\n%s", what, text);
}

static void nothing_is_told_of_parts_that_are_not_there(void **state) {
	(void)state;
	assert_string_equal(
		text_of(*state),
		"# HELP purgefleet_build_info 1; which program it is\n"
		"# TYPE purgefleet_build_info gauge\n"
		"purgefleet_build_info{target=\"fruit\",version=\"1.2\",command=\"work\"} 1\n"
	);
}

static void what_is_unknown_is_left_out_and_never_zero(void **state) {
	struct scene *scene = *state;
	const char *text;

	scene->numbers.parts = NUMBERS_WORKER | NUMBERS_SOURCE | NUMBERS_SCAN | NUMBERS_PUBLISHER;
	scene->numbers.source.lag = -1;
	scene->numbers.source.waiting = -1;
	text = text_of(scene);
	assert_lacks(text, "database_reachable");
	assert_lacks(text, "candidate_ended_timestamp");
	assert_lacks(text, "page_read_timestamp");
	assert_lacks(text, "backlog_rows");
	assert_lacks(text, "standby");
	assert_lacks(text, "queue_lag");
	assert_lacks(text, "records_waiting");
	assert_lacks(text, "lag_records{target=\"fruit\",topic=\"candidates\"");
	assert_lacks(text, "-1");
	// What is known to be none is.
	assert_has(text, "\npurgefleet_rows_purged_total{target=\"fruit\"} 0\n");
	assert_has(text, "\npurgefleet_lag_records{target=\"fruit\",topic=\"retry\"} 0\n");
	scene->numbers.database = 0;
	assert_has(text_of(scene), "\npurgefleet_database_reachable{target=\"fruit\"} 0\n");
}

static void a_series_has_one_head_and_its_samples_behind_it(void **state) {
	struct scene *scene = *state;
	const char *text, *line;
	char name[80] = "";

	scene->numbers.parts = NUMBERS_WORKER | NUMBERS_SOURCE | NUMBERS_SCAN | NUMBERS_PUBLISHER;
	scene->numbers.started_ms = 1;
	text = text_of(scene);
	assert_true(count_of(text, "# HELP") > 30);
	assert_int_equal(count_of(text, "# HELP"), count_of(text, "# TYPE"));
	for (line = text; *line != '\0'; line = strchr(line, '\n') + 1) {
		char head[100];

		if (sscanf(line, "# HELP %79s", name) == 1) {
			snprintf(head, sizeof(head), "# HELP %s ", name);
			assert_has(text, head);
		} else if (*line != '#') {
			snprintf(head, sizeof(head), "%s{target=\"fruit\"", name);
			assert_memory_equal(line, head, strlen(head));
		}
	}
}

static void a_counter_ends_in_total_and_nothing_else_does(void **state) {
	struct scene *scene = *state;
	const char *line;

	scene->numbers.parts = NUMBERS_WORKER | NUMBERS_SOURCE | NUMBERS_SCAN | NUMBERS_PUBLISHER;
	for (line = strstr(text_of(scene), "# TYPE"); line != NULL; line = strstr(line, "# TYPE")) {
		char name[80], type[16];

		assert_int_equal(sscanf(line, "# TYPE %79s %15s", name, type), 2);
		assert_int_equal(
			strcmp(name + strlen(name) - strlen("_total"), "_total") == 0,
			strcmp(type, "counter") == 0
		);
		line++;
	}
}

static void times_are_in_seconds(void **state) {
	struct scene *scene = *state;

	scene->numbers.started_ms = 1700000000042;
	assert_has(text_of(scene), "process_start_time_seconds{target=\"fruit\"} 1700000000.042\n");
	assert_has(json_of(scene), "\"process_start_time_seconds\":1700000000.042");
}

static void names_of_nodes_are_escaped(void **state) {
	struct scene *scene = *state;

	scene->numbers.parts = NUMBERS_WORKER;
	scene->numbers.worker.node_count = 1;
	scene->numbers.worker.nodes[0].open = 1;
	strcpy(scene->numbers.worker.nodes[0].origin, "a\"b\\c\nd");
	assert_has(text_of(scene), "node_open{target=\"fruit\",node=\"a\\\"b\\\\c\\nd\"} 1\n");
	assert_has(json_of(scene), "\"node_open\":[{\"node\":\"a\\\"b\\\\c\\nd\",\"value\":1}]");
}

static void of_many_nodes_the_last_are_one(void **state) {
	struct scene *scene = *state;
	struct worker_view *worker = &scene->numbers.worker;
	const char *text;

	scene->numbers.parts = NUMBERS_WORKER;
	worker->node_count = WORKER_NODES_MAX;
	for (size_t i = 0; i < WORKER_NODES_MAX; i++)
		snprintf(worker->nodes[i].origin, sizeof(worker->nodes[i].origin), "n%zu", i);
	worker->nodes[WORKER_NODES_MAX].queued = 7;
	assert_lacks(text_of(scene), "node=\"other\"");
	worker->has_others = 1;
	text = text_of(scene);
	assert_has(text, "node_requests_queued{target=\"fruit\",node=\"other\"} 7\n");
	assert_int_equal(count_of(text, "purgefleet_node_open{"), WORKER_NODES_MAX + 1);
}

static void an_end_that_can_be_expected_is_there_from_the_start(void **state) {
	struct scene *scene = *state;

	scene->numbers.parts = NUMBERS_WORKER;
	assert_has(text_of(scene), "verdict=\"failed\",reason=\"http_5xx\"} 0\n");
	assert_lacks(text_of(scene), "verdict=\"failed\",reason=\"young\"");
	scene->numbers.worker.tally.ended[END_FAILED][REASON_YOUNG] = 3;
	assert_has(text_of(scene), "verdict=\"failed\",reason=\"young\"} 3\n");
	assert_has(text_of(scene), "verdict=\"taken away\",reason=\"stopped\"} 0\n");
}

static void json_tells_the_same(void **state) {
	struct scene *scene = *state;
	const char *text;

	scene->numbers.parts = NUMBERS_SOURCE;
	scene->numbers.source.counts.expired = 4;
	scene->numbers.source.held = 5;
	text = json_of(scene);
	assert_has(
		text,
		"{\"command\":\"work\",\"target\":\"fruit\",\"version\":\"1.2\",\"live\":true,"
		"\"live_words\":\"alive\",\"ready\":false,\"ready_words\":\"a\\nb \\\"c\\\"\","
		"\"numbers\":{\"build_info\":[{\"version\":\"1.2\",\"command\":\"work\",\"value\":"
		"1}],"
	);
	assert_has(
		text,
		",\"records_expired_total\":[{\"reason\":\"life\",\"value\":4},"
		"{\"reason\":\"retention\",\"value\":0}],\"records_passed_over_total\":0,"
	);
	assert_has(text, ",\"brokers_in_trouble\":0}}\n");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			nothing_is_told_of_parts_that_are_not_there, set_up, tear_down
		),
		cmocka_unit_test_setup_teardown(
			what_is_unknown_is_left_out_and_never_zero, set_up, tear_down
		),
		cmocka_unit_test_setup_teardown(
			a_series_has_one_head_and_its_samples_behind_it, set_up, tear_down
		),
		cmocka_unit_test_setup_teardown(
			a_counter_ends_in_total_and_nothing_else_does, set_up, tear_down
		),
		cmocka_unit_test_setup_teardown(times_are_in_seconds, set_up, tear_down),
		cmocka_unit_test_setup_teardown(names_of_nodes_are_escaped, set_up, tear_down),
		cmocka_unit_test_setup_teardown(of_many_nodes_the_last_are_one, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			an_end_that_can_be_expected_is_there_from_the_start, set_up, tear_down
		),
		cmocka_unit_test_setup_teardown(json_tells_the_same, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
