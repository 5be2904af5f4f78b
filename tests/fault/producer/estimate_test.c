// SPDX-License-Identifier: MPL-2.0
// estimate_test: what the engine makes of a target that is slow to count, or cannot.
#include "support/test.h"

#include "common/base/clock.h"
#include "support/engine.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS = 2000, CALLS_MAX = 8 };

struct book {
	int64_t limits_ms[CALLS_MAX];
	int64_t staying_limit_ms; // of the last call; 0: none
	int64_t enough;
	size_t calls;
	int64_t eligible_ms;
	int64_t spend_ms;
	int err;
};

static int estimate(struct fake *fake, int64_t limit_ms, struct estimate *out) {
	struct book *book = fake->user;
	int64_t until_ms = clock_mono_ms() + book->spend_ms;

	assert_true(book->calls < CALLS_MAX);
	book->limits_ms[book->calls++] = limit_ms;
	out->eligible_ms = book->eligible_ms;
	while (clock_mono_ms() < until_ms)
		;
	return book->err;
}

static int unknown_staying(struct fake *fake, int64_t limit_ms, int64_t enough, int64_t *out) {
	struct book *book = fake->user;

	book->staying_limit_ms = limit_ms;
	book->enough = enough;
	*out = -1;
	return 0;
}

static struct engine *run_pass(struct book *book, const struct producer_options *options) {
	struct engine *engine = engine_with_nodes(NULL, 0, ROWS);

	engine->fake.user = book;
	engine->fake.on_estimate = estimate;
	engine->producer_options = *options;
	engine->producer_options.page_rows = 100;
	engine_open(engine);
	engine_run_pass(engine);
	return engine;
}

static void the_backlog_is_told_though_counting_the_rest_took_longer(void **state) {
	struct book book = {.eligible_ms = 10, .spend_ms = 50};
	struct engine *engine;

	(void)state;
	engine = run_pass(
		&book,
		&(struct producer_options){
			.backlog_ms = 10, .estimate_ms = 5000, .max_fraction = 0.9}
	);
	assert_int_equal(engine->fake.events[EVENT_BACKLOG], 1);
	assert_int_equal(engine->report.guard.outcome, GUARD_PASSED);
	engine_end(engine, NULL, 0);
}

static void the_backlog_is_not_told_when_counting_it_took_too_long(void **state) {
	struct book book = {.eligible_ms = 11};
	struct engine *engine;

	(void)state;
	engine = run_pass(
		&book,
		&(struct producer_options){
			.backlog_ms = 10, .estimate_ms = 5000, .max_fraction = 0.9}
	);
	assert_int_equal(engine->fake.events[EVENT_BACKLOG], 0);
	assert_int_equal(engine->report.guard.outcome, GUARD_PASSED);
	engine_end(engine, NULL, 0);
}

static void counting_again_has_only_the_time_that_is_left(void **state) {
	struct book book = {.spend_ms = 60, .err = -EAGAIN};
	struct engine *engine;

	(void)state;
	engine = run_pass(
		&book,
		&(struct producer_options){
			.backlog_ms = 10, .estimate_ms = 100, .max_fraction = 0.9}
	);
	assert_int_equal(book.limits_ms[0], 100);
	assert_int_in_range(book.calls, 1, 2);
	if (book.calls == 2)
		assert_int_in_range(book.limits_ms[1], 1, 40);
	assert_int_equal(engine->report.guard.outcome, GUARD_UNKNOWN);
	assert_int_equal(engine->report.error, -EPERM);
	assert_non_null(strstr(engine->report.message, "could not count in time"));
	assert_int_equal(engine->report.rows, 0);
	assert_int_equal(engine->fake.removed_count, 0);
	engine_end(engine, NULL, 0);
}

static void what_stays_is_counted_in_the_time_that_is_left_and_no_further_than_needed(void **state
) {
	struct book book = {.spend_ms = 60};
	struct engine *engine = engine_with_nodes(NULL, 0, ROWS);

	(void)state;
	engine->fake.user = &book;
	engine->fake.on_estimate = estimate;
	engine->fake.on_staying = unknown_staying;
	engine->producer_options = (struct producer_options){
		.page_rows = 100, .estimate_ms = 1000, .max_fraction = 0.8};
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_in_range(book.staying_limit_ms, 1, 940);
	assert_int_equal(book.enough, ROWS / 4);
	assert_int_equal(engine->report.guard.outcome, GUARD_UNKNOWN);
	assert_int_equal(engine->report.error, -EPERM);
	assert_int_equal(engine->fake.removed_count, 0);
	engine_end(engine, NULL, 0);
}

static void nobody_counts_what_stays_when_the_guard_is_off(void **state) {
	struct book book = {.eligible_ms = 1};
	struct engine *engine = engine_with_nodes(NULL, 0, ROWS);

	(void)state;
	engine->fake.user = &book;
	engine->fake.on_staying = unknown_staying;
	engine->producer_options = (struct producer_options){.page_rows = 100, .backlog_ms = 1000};
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(book.staying_limit_ms, 0);
	assert_int_equal(engine->report.guard.outcome, GUARD_OFF);
	engine_end(engine, NULL, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_backlog_is_told_though_counting_the_rest_took_longer),
		cmocka_unit_test(the_backlog_is_not_told_when_counting_it_took_too_long),
		cmocka_unit_test(counting_again_has_only_the_time_that_is_left),
		cmocka_unit_test(
			what_stays_is_counted_in_the_time_that_is_left_and_no_further_than_needed
		),
		cmocka_unit_test(nobody_counts_what_stays_when_the_guard_is_off),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
