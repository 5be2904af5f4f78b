// SPDX-License-Identifier: MPL-2.0
// edge_test: where a replay begins and ends in a log.
#include "support/test.h"

#include "cli/replay/edge.h"

#include <errno.h>

static const struct edge at_end = {.kind = EDGE_END};
static const struct edge_log log_of_100 = {
	.begin = 20, .end = 100, .since_from = 50, .since_to = 80};

static struct edge read(const char *text) {
	struct edge edge;

	assert_int_equal(edge_parse(&edge, text, 1000000), 0);
	return edge;
}

static void assert_span(
	const char *from,
	const char *to,
	const struct edge_log *log,
	int64_t start,
	int64_t end,
	int64_t deleted
) {
	struct edge first = read(from), last = to == NULL ? at_end : read(to);
	struct edge_span found;

	edge_decide(&first, &last, 3, log, &found);
	assert_int_equal(found.span.start, start);
	assert_int_equal(found.span.end, end);
	assert_int_equal(found.deleted, deleted);
	edge_fini(&first);
	edge_fini(&last);
}

static void an_edge_is_the_beginning_a_time_or_places(void **state) {
	struct edge edge;
	(void)state;
	assert_int_equal(read("beginning").kind, EDGE_BEGINNING);
	assert_int_equal(read("1970-01-01T00:01:00Z").time_ms, 60000);
	assert_int_equal(read("100s ago").time_ms, 900000);
	edge = read("3:7,0:9");
	assert_int_equal(edge.kind, EDGE_PLACES);
	assert_int_equal(edge.count, 2);
	assert_int_equal(edge.places[0].partition, 3);
	assert_int_equal(edge.places[0].offset, 7);
	edge_fini(&edge);
}

static void what_is_none_of_these_is_refused(void **state) {
	static const char *const texts[] = {
		"",
		"end",
		"3",
		"3:",
		":7",
		"3:7,",
		"3:7,3:8",
		"3:x",
		"-1:7",
		"3:-7",
		"9999999999:1"};
	struct edge edge;
	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(edge_parse(&edge, texts[i], 0), -EINVAL);
		assert_null(edge.places);
	}
}

static void the_beginning_is_where_the_log_begins_now(void **state) {
	(void)state;
	assert_span("beginning", NULL, &log_of_100, 20, 100, 20);
	assert_span("beginning", "1970-01-01", &log_of_100, 20, 80, 20);
}

static void a_time_is_the_first_record_since_then(void **state) {
	struct edge_log none = log_of_100, all = log_of_100, whole = log_of_100;
	(void)state;
	assert_span("1970-01-01", "1970-01-02", &log_of_100, 50, 80, 0);
	none.since_from = -1;
	assert_span("1970-01-01", NULL, &none, 100, 100, 0);
	// Nobody knows what was there before the log's beginning.
	all.since_from = 20;
	assert_span("1970-01-01", NULL, &all, 20, 100, -1);
	whole.begin = whole.since_from = 0;
	assert_span("1970-01-01", NULL, &whole, 0, 100, 0);
}

static void a_time_that_no_record_has_reached_yet_ends_with_the_log(void **state) {
	struct edge_log log = log_of_100;
	(void)state;
	log.since_to = -1;
	assert_span("beginning", "1970-01-02", &log, 20, 100, 20);
}

static void places_are_taken_as_they_are(void **state) {
	(void)state;
	assert_span("3:30", "3:40", &log_of_100, 30, 40, 0);
	assert_span("3:30", "2:40", &log_of_100, 30, 100, 0);
	assert_span("2:30", NULL, &log_of_100, 100, 100, 0);
}

static void what_was_deleted_of_named_places_is_counted(void **state) {
	(void)state;
	assert_span("3:5", NULL, &log_of_100, 20, 100, 15);
	assert_span("3:5", "3:10", &log_of_100, 20, 20, 5);
	assert_span("3:5", "3:5", &log_of_100, 20, 20, 0);
}

static void an_end_before_the_start_is_nothing(void **state) {
	(void)state;
	assert_span("3:50", "3:40", &log_of_100, 50, 50, 0);
	assert_span("3:500", NULL, &log_of_100, 100, 100, 0);
}

static void an_end_behind_the_log_is_told(void **state) {
	struct edge from = read("beginning"), to = read("3:101");
	struct edge_span found;
	(void)state;
	edge_decide(&from, &to, 3, &log_of_100, &found);
	assert_true(found.is_beyond);
	edge_decide(&from, &to, 2, &log_of_100, &found);
	assert_false(found.is_beyond);
	edge_fini(&to);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_edge_is_the_beginning_a_time_or_places),
		cmocka_unit_test(what_is_none_of_these_is_refused),
		cmocka_unit_test(the_beginning_is_where_the_log_begins_now),
		cmocka_unit_test(a_time_is_the_first_record_since_then),
		cmocka_unit_test(a_time_that_no_record_has_reached_yet_ends_with_the_log),
		cmocka_unit_test(places_are_taken_as_they_are),
		cmocka_unit_test(what_was_deleted_of_named_places_is_counted),
		cmocka_unit_test(an_end_before_the_start_is_nothing),
		cmocka_unit_test(an_end_behind_the_log_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
