// SPDX-License-Identifier: MPL-2.0
// swift_report_test: the metrics of the target.
#include "support/test.h"

#include "common/base/buf.h"
#include "common/metrics/metrics.h"
#include "common/target/event.h"
#include "common/targets/swift/book/account_book.h"
#include "common/targets/swift/config/config.h"
#include "common/targets/swift/reaping/reap.h"
#include "common/targets/swift/report.h"

static struct buf sent; // metrics, one a line

WRAPS(metrics_count);
WRAPS(metrics_timing);

void __wrap_metrics_count(struct metrics *metrics, const char *name, int64_t by, const char *tags) {
	(void)metrics;
	assert_null(tags);
	buf_fmt(&sent, "count %s %lld\n", name, (long long)by);
}

void __wrap_metrics_timing(
	struct metrics *metrics, const char *name, int64_t value_ms, const char *tags
) {
	(void)metrics;
	assert_null(tags);
	buf_fmt(&sent, "timing %s %lld\n", name, (long long)value_ms);
}

static struct swift_config config;
static int agent; // that nobody looks at

static void assert_sends(const struct event *event, const char *lines) {
	buf_init(&sent, 0);
	swift_report(&config, (struct metrics *)(void *)&agent, event);
	assert_string_equal(buf_text(&sent), lines);
	buf_fini(&sent);
}

static void a_container_is_counted_and_what_went_of_it_however_it_ends(void **state) {
	struct reap reap = {
		.counts.objects = {[REAPED_DELETED] = 7, [REAPED_POSSIBLY] = 3},
		.counts.replies = {[REAPED_DELETED] = 21},
		.counts.absent = 2,
	};
	const struct work work = {.state = &reap};

	(void)state;
	assert_sends(
		&(struct event){.kind = EVENT_PURGED, .work = &work, .value = 1},
		"count containers.deleted 1\n"
	);
	assert_sends(
		&(struct event){.kind = EVENT_FAILED, .work = &work, .value = 1},
		"count containers.failed 1\n"
	);
	assert_sends(
		&(struct event){.kind = EVENT_ENDED, .work = &work},
		"count objects.deleted 7\ncount objects.absent 2\n"
	);
	assert_sends(&(struct event){.kind = EVENT_ANSWER, .work = &work}, "");
}

static void the_run_is_counted_and_timed(void **state) {
	(void)state;
	assert_sends(
		&(struct event){.kind = EVENT_PAGE, .value = 250}, "count scan.containers 250\n"
	);
	assert_sends(
		&(struct event){.kind = EVENT_PASS_END, .value = 99, .success = true},
		"timing purge.run.duration_ms 99\ncount purge.run.success 1\n"
	);
	assert_sends(
		&(struct event){.kind = EVENT_PASS_END, .value = 98},
		"timing purge.run.duration_ms 98\ncount purge.run.failure 1\n"
	);
}

static void answer_well(struct reap *reap, int64_t times) {
	reap->counts.codes[2] += times;
}

static void by_the_names_of_the_reaper_each_number_is_told_once(void **state) {
	static char name[] = "account-reaper";
	const struct name_part account = {"AUTH_a", 6};
	struct reap reap = {
		.counts =
			{
				.containers = {[REAPED_REMAINING] = 1},
				.objects = {[REAPED_DELETED] = 7},
				.replies = {[REAPED_DELETED] = 20, [REAPED_POSSIBLY] = 1},
				.codes = {[2] = 21, [4] = 3},
				.container_failures = 3,
				.object_failures = 1,
			},
	};
	const struct work work = {.state = &reap};
	char line[300];
	bool is_warning;

	(void)state;
	config = (struct swift_config){
		.reaper_metrics = name,
		.book = account_book_new(&(struct account_book_terms){
			.warn_after_us = 1, .wants_times = true}),
	};
	assert_int_equal(account_book_join(config.book, account, 5000000, 5000000), 0);
	account_book_enter(config.book, account, &reap.counts, 5042000);
	assert_true(account_book_take_line(config.book, &is_warning, line, sizeof(line)));
	account_book_note_error(config.book);
	// Few answers are not told of yet.
	assert_sends(&(struct event){.kind = EVENT_ANSWER, .work = &work}, "");
	assert_sends(
		&(struct event){.kind = EVENT_ENDED, .work = &work},
		"count return_codes.2 21\ncount return_codes.4 3\ncount objects_deleted 20\n"
		"count containers_remaining 1\ncount objects_possibly_remaining 1\n"
		"count containers_failures 3\ncount objects_failures 1\n"
		"count errors 1\ntiming timing 42\n"
	);
	assert_sends(&(struct event){.kind = EVENT_ENDED, .work = &work}, "");
	answer_well(&reap, 255);
	assert_sends(&(struct event){.kind = EVENT_ANSWER, .work = &work}, "");
	answer_well(&reap, 1);
	assert_sends(
		&(struct event){.kind = EVENT_ANSWER, .work = &work}, "count return_codes.2 256\n"
	);
	account_book_free(config.book);
	config = (struct swift_config){.book = NULL};
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_container_is_counted_and_what_went_of_it_however_it_ends),
		cmocka_unit_test(the_run_is_counted_and_timed),
		cmocka_unit_test(by_the_names_of_the_reaper_each_number_is_told_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
