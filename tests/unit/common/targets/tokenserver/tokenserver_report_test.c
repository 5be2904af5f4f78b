// SPDX-License-Identifier: MPL-2.0
// tokenserver_report_test: the metrics of the target.
#include "support/test.h"

#include "common/base/buf.h"
#include "common/metrics/metrics.h"
#include "common/target/event.h"
#include "common/targets/tokenserver/report.h"
#include "support/tokenserver_record.h"

#include <stdio.h>

static struct tokenserver_config config;
static struct buf sent; // metrics, one a line

WRAPS(metrics_count);
WRAPS(metrics_gauge);
WRAPS(metrics_timing);

static void note(const char *kind, const char *name, int64_t value, const char *tags) {
	buf_fmt(&sent, "%s %s %lld %s\n", kind, name, (long long)value, tags == NULL ? "-" : tags);
}

void __wrap_metrics_count(struct metrics *metrics, const char *name, int64_t by, const char *tags) {
	(void)metrics;
	note("count", name, by, tags);
}

void __wrap_metrics_gauge(
	struct metrics *metrics, const char *name, int64_t value, const char *tags
) {
	(void)metrics;
	note("gauge", name, value, tags);
}

void __wrap_metrics_timing(
	struct metrics *metrics, const char *name, int64_t value_ms, const char *tags
) {
	(void)metrics;
	note("timing", name, value_ms, tags);
}

static void report(const struct ruling *ruling, struct event event) {
	struct task *task = record_open(&config, ruling);

	event.work = &task->work;
	tokenserver_report(&config, NULL, &event);
	record_close(&config, task);
}

static void assert_sent(const char *lines) {
	assert_string_equal(buf_text(&sent), lines);
	buf_clear(&sent);
	assert_int_equal(buf_add(&sent, "", 0), 0);
}

static void counts_rows_by_kind(void **unused) {
	(void)unused;
	report(&record_node_and_row, (struct event){.kind = EVENT_PURGED});
	assert_sent("count delete_user 1 type:not_down\n");
	report(&record_nodeless, (struct event){.kind = EVENT_PURGED});
	assert_sent("count delete_user 1 type:nodeless\n");
	report(&record_forced, (struct event){.kind = EVENT_PURGED});
	assert_sent("count delete_data 1 type:force\n");
	report(&record_held_back, (struct event){.kind = EVENT_PURGED});
	assert_sent("count override 1 -\ncount delete_user 1 type:not_down\n");
	report(&record_forced_held_back, (struct event){.kind = EVENT_PURGED});
	assert_sent("count override 1 -\ncount delete_data 1 type:force\n");
}

static void counts_what_nodes_did(void **unused) {
	static const int statuses[] = {0, 200, 302, 399, 404};
	static const int errors[] = {400, 401, 410, 412, 500, 599};

	(void)unused;
	report(&record_node_and_row, (struct event){.kind = EVENT_REQUEST_DONE});
	assert_sent("count delete_data 1 -\n");
	report(&record_forced, (struct event){.kind = EVENT_REQUEST_DONE});
	assert_sent("count delete_data 1 type:force\n");
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct http_answer answer = {.status = statuses[i]};

		report(&record_node_and_row,
		       (struct event){.kind = EVENT_ANSWER, .answer = &answer});
		assert_sent("");
	}
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		struct http_answer answer = {.status = errors[i]};

		report(&record_node_and_row,
		       (struct event){.kind = EVENT_ANSWER, .answer = &answer});
		assert_sent("count error.gone 1 -\n");
	}
}

static void counts_failures_by_reason(void **unused) {
	static const struct {
		enum reason reason;
		const char *line;
	} cases[] = {
		{REASON_HTTP_4XX, "count row_failure 1 reason:http_4xx\n"},
		{REASON_HTTP_5XX, "count row_failure 1 reason:http_5xx\n"},
		{REASON_HTTP_OTHER, "count row_failure 1 reason:http_other\n"},
		{REASON_TIMEOUT, "count row_failure 1 reason:timeout\n"},
		{REASON_CONNECT, "count row_failure 1 reason:connect\n"},
		{REASON_UNKNOWN, "count row_failure 1 reason:unknown\n"},
		{REASON_DATABASE, "count row_failure 1 reason:unknown\n"},
	};

	(void)unused;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		report(&record_node_and_row,
		       (struct event){.kind = EVENT_FAILED, .reason = cases[i].reason});
		assert_sent(cases[i].line);
	}
	// A record that could not be decoded has no state.
	tokenserver_report(
		&config,
		NULL,
		&(struct event
		){.kind = EVENT_FAILED, .work = &(struct work){.rows = 1}, .reason = REASON_UNKNOWN}
	);
	assert_sent("count row_failure 1 reason:unknown\n");
}

static void counts_the_run(void **unused) {
	(void)unused;
	report(&record_node_and_row, (struct event){.kind = EVENT_BACKLOG, .value = 42});
	assert_sent("gauge purge.backlog.size 42 -\n");
	report(&record_node_and_row, (struct event){.kind = EVENT_OVERDUE, .value = 0});
	assert_sent("gauge purge.overdue.size 0 -\n");
	report(&record_node_and_row, (struct event){.kind = EVENT_PAGE, .value = 10});
	assert_sent("count purge.batch.fetched 10 -\n");
	report(&record_node_and_row, (struct event){.kind = EVENT_PAGE, .value = 0});
	assert_sent("");
	report(&record_node_and_row, (struct event){.kind = EVENT_DEFER_FAILED});
	assert_sent("count row_failure_bump_failed 1 -\n");
	report(&record_node_and_row, (struct event){.kind = EVENT_LIMIT});
	assert_sent("count max_records 1 -\n");
	report(&record_node_and_row,
	       (struct event){.kind = EVENT_PASS_END, .value = 99, .success = true});
	assert_sent("timing purge.run.duration_ms 99 -\ncount purge.run.success 1 -\n");
	report(&record_node_and_row, (struct event){.kind = EVENT_PASS_END, .value = 98});
	assert_sent("timing purge.run.duration_ms 98 -\ncount purge.run.failure 1 -\n");
}

static int set_up(void **unused) {
	(void)unused;
	buf_init(&sent, 0);
	return 0;
}

static int tear_down(void **unused) {
	(void)unused;
	buf_fini(&sent);
	return 0;
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_rows_by_kind),
		cmocka_unit_test(counts_what_nodes_did),
		cmocka_unit_test(counts_failures_by_reason),
		cmocka_unit_test(counts_the_run),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
