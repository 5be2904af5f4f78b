// SPDX-License-Identifier: MPL-2.0
// late_estimate_test: a target that counts while it scans is asked for its numbers when it has
// them, and what its pages have to say is counted.
#include "support/test.h"

#include "common/page.h"
#include "common/target/target_scanner.h"
#include "support/engine.h"

#include <errno.h>
#include <stdlib.h>

enum { ROWS = 2000, PAGE_ROWS = 100, EARLY_PAGES = 3, COUNTS_BEHIND = 5 };

// The fake target, which puts some pages, then counts, then goes on; in fake.user.
struct story {
	struct target_scanner scanner;
	struct target target;
	struct engine *engine;
	int pages;
	int estimates;
	int pages_at_estimate; // of the last one
	int troubles_each; // of a page
	int64_t staying;
	int estimate_error;
};

static int page(const void *config, struct handle *handle, struct pass *pass, struct page *out) {
	struct story *story = ((const struct fake *)config)->user;
	int err = 0;

	story->pages++;
	page_note(out, PAGE_INFO, "page %d", story->pages);
	for (int i = 0; i < story->troubles_each; i++)
		page_note(out, PAGE_TROUBLE, "trouble %d of page %d", i, story->pages);
	// Those between only count.
	if (story->pages <= EARLY_PAGES || story->pages > COUNTS_BEHIND)
		err = fake_target.scanner->page(config, handle, pass, out);
	else
		out->rows = 7;
	out->has_estimate = story->pages == COUNTS_BEHIND;
	return err;
}

static int estimate(struct fake *fake, int64_t limit_ms, struct estimate *out) {
	struct story *story = fake->user;

	(void)limit_ms, (void)out;
	story->estimates++;
	story->pages_at_estimate = story->pages;
	return story->estimate_error;
}

static int staying(struct fake *fake, int64_t limit_ms, int64_t enough, int64_t *out) {
	(void)limit_ms, (void)enough;
	*out = ((struct story *)fake->user)->staying;
	return 0;
}

static struct story *story_begin(void) {
	struct story *story = calloc(1, sizeof(*story));

	assert_non_null(story);
	story->scanner = *fake_target.scanner;
	story->scanner.page = page;
	story->scanner.estimates_late = true;
	story->target = fake_target;
	story->target.scanner = &story->scanner;
	story->engine = engine_with_nodes(NULL, 0, ROWS);
	story->engine->target = &story->target;
	story->engine->fake.user = story;
	story->engine->fake.on_estimate = estimate;
	story->engine->fake.on_staying = staying;
	story->engine->producer_options = (struct producer_options){
		.page_rows = PAGE_ROWS,
		.backlog_ms = 5000,
		.estimate_ms = 5000,
		.max_fraction = 0.5,
	};
	return story;
}

static void run(struct story *story) {
	engine_open(story->engine);
	engine_run_pass(story->engine);
}

static void story_end(struct story *story) {
	engine_end(story->engine, NULL, 0);
	free(story);
}

static void the_guard_is_asked_behind_the_page_that_has_the_number(void **state) {
	struct story *story = story_begin();

	(void)state;
	story->staying = ROWS;
	run(story);
	assert_int_equal(story->estimates, 1);
	assert_int_equal(story->pages_at_estimate, COUNTS_BEHIND);
	assert_int_equal(story->engine->report.error, 0);
	assert_int_equal(story->engine->report.guard.outcome, GUARD_PASSED);
	assert_int_equal(story->engine->report.backlog, ROWS);
	assert_int_equal(story->engine->fake.events[EVENT_BACKLOG], 1);
	assert_int_equal(story->engine->fake.removed_count, ROWS);
	story_end(story);
}

static void it_refuses_before_anything_of_the_next_page_is_put(void **state) {
	struct story *story = story_begin();

	(void)state;
	run(story);
	assert_int_equal(story->pages, COUNTS_BEHIND);
	assert_int_equal(story->engine->report.guard.outcome, GUARD_REFUSED);
	assert_int_equal(story->engine->report.error, -EPERM);
	assert_string_equal(story->engine->report.message, story->engine->report.guard.message);
	// What was put before has its fate.
	assert_int_equal(story->engine->fake.removed_count, EARLY_PAGES * PAGE_ROWS);
	assert_int_equal(engine_tally(story->engine)->purged, EARLY_PAGES * PAGE_ROWS);
	story_end(story);
}

static void a_dry_run_tells_that_and_goes_on(void **state) {
	struct story *story = story_begin();

	(void)state;
	story->engine->producer_options.dryrun = true;
	story->engine->worker_options.dryrun = true;
	run(story);
	assert_int_equal(story->engine->report.guard.outcome, GUARD_REFUSED);
	assert_int_equal(story->engine->report.error, 0);
	assert_int_equal(story->pages, COUNTS_BEHIND - EARLY_PAGES + ROWS / PAGE_ROWS);
	assert_int_equal(engine_tally(story->engine)->taken, ROWS);
	assert_int_equal(story->engine->fake.removed_count, 0);
	story_end(story);
}

static void one_that_cannot_count_ends_the_pass(void **state) {
	struct story *story = story_begin();

	(void)state;
	story->estimate_error = -EACCES;
	run(story);
	assert_int_equal(story->pages, COUNTS_BEHIND);
	assert_int_equal(story->engine->report.error, -EACCES);
	assert_int_equal(story->engine->report.guard.outcome, GUARD_NOT_ASKED);
	story_end(story);
}

static void what_pages_complain_of_is_counted_and_ends_nothing(void **state) {
	struct story *story = story_begin();

	(void)state;
	story->staying = ROWS;
	story->troubles_each = 3;
	run(story);
	assert_int_equal(story->engine->report.troubles, 3 * story->pages);
	assert_int_equal(story->engine->report.error, 0);
	assert_int_equal(story->engine->fake.removed_count, ROWS);
	story_end(story);
}

static void the_next_pass_counts_its_own(void **state) {
	struct story *story = story_begin();

	(void)state;
	story->staying = ROWS;
	story->troubles_each = 1;
	run(story);
	assert_int_equal(story->engine->report.troubles, story->pages);
	story->troubles_each = 0;
	engine_run_pass(story->engine);
	assert_int_equal(story->engine->report.troubles, 0);
	story_end(story);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_guard_is_asked_behind_the_page_that_has_the_number),
		cmocka_unit_test(it_refuses_before_anything_of_the_next_page_is_put),
		cmocka_unit_test(a_dry_run_tells_that_and_goes_on),
		cmocka_unit_test(one_that_cannot_count_ends_the_pass),
		cmocka_unit_test(what_pages_complain_of_is_counted_and_ends_nothing),
		cmocka_unit_test(the_next_pass_counts_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
