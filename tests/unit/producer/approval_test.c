// SPDX-License-Identifier: MPL-2.0
// approval_test: what a pass hears of the guard, and what is counted for it.
#include "support/test.h"

#include "common/base/clock.h"
#include "common/handle.h"
#include "common/target/target_scanner.h"
#include "producer/approval.h"
#include "producer/reach.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { IN_TIME_MS = 5000, LONG_MS = 60000 };

struct scene {
	// What the target says.
	struct estimate says;
	int64_t staying;
	int64_t spend_ms; // by each count
	int err; // of the estimate
	// What it was asked.
	int64_t limit_ms;
	int64_t staying_limit_ms; // -1: it was not
	int64_t enough;

	struct target_scanner scanner;
	struct target target;
	struct handle *handle;
	struct reach reach;
	struct ask ask;
	struct producer_options options;
	struct pass pass;
	struct approval approval;
};

static int64_t now_ms; // set anew by each test

WRAPS(clock_mono_ms);
int64_t __wrap_clock_mono_ms(void) {
	return now_ms;
}

// The config is const for a target; here it keeps a book.
static int estimate(
	const void *config,
	struct handle *handle,
	struct pass *pass,
	int64_t limit_ms,
	struct estimate *out
) {
	struct scene *scene = (struct scene *)config;

	(void)handle, (void)pass;
	scene->limit_ms = limit_ms;
	now_ms += scene->spend_ms;
	*out = scene->says;
	return scene->err;
}

static int count_staying(
	const void *config,
	struct handle *handle,
	struct pass *pass,
	int64_t limit_ms,
	int64_t enough,
	int64_t *out
) {
	struct scene *scene = (struct scene *)config;

	(void)handle, (void)pass;
	scene->staying_limit_ms = limit_ms;
	scene->enough = enough;
	now_ms += scene->spend_ms;
	*out = scene->staying;
	return 0;
}

static bool nap(void *ctx, int64_t ms) {
	(void)ctx, (void)ms;
	return true;
}

static int open_scene(void **state) {
	struct scene *scene = calloc(1, sizeof(*scene));
	char error[64];

	assert_non_null(scene);
	now_ms = 1000;
	assert_int_equal(handle_new(&scene->handle, HANDLE_NONE, "", error, sizeof(error)), 0);
	reach_init(&scene->reach, scene->handle, NULL);
	scene->says = (struct estimate){.eligible = 2000, .eligible_exact = true};
	scene->staying_limit_ms = -1;
	scene->scanner.estimate = estimate;
	scene->scanner.count_staying = count_staying;
	scene->target.scanner = &scene->scanner;
	scene->ask = (struct ask){
		.target = &scene->target,
		.config = scene,
		.handle = scene->handle,
		.nap = nap,
		.reach = &scene->reach,
	};
	scene->options = (struct producer_options){
		.max_fraction = 0.5,
		.backlog_ms = IN_TIME_MS,
		.estimate_ms = LONG_MS,
	};
	*state = scene;
	return 0;
}

static int close_scene(void **state) {
	struct scene *scene = *state;

	handle_free(scene->handle);
	free(scene);
	return 0;
}

static enum guard_outcome ask(struct scene *scene) {
	assert_int_equal(
		approval_ask(&scene->ask, &scene->pass, &scene->options, &scene->approval), 0
	);
	return scene->approval.verdict.outcome;
}

static bool is_refused(struct scene *scene) {
	return approval_heed(&scene->approval, &scene->options, &scene->pass) < 0;
}

static void a_guard_that_is_off_asks_for_the_backlog_alone(void **state) {
	struct scene *scene = *state;

	scene->options.max_fraction = 0;
	assert_int_equal(ask(scene), GUARD_OFF);
	assert_int_equal(scene->limit_ms, IN_TIME_MS);
	assert_int_equal(scene->staying_limit_ms, -1);
	assert_int_equal(scene->approval.backlog, 2000);
	assert_int_equal(scene->approval.wanted, 2000);
	assert_true(scene->approval.is_counted);
	assert_false(is_refused(scene));
	assert_string_equal(scene->pass.facts.error, "");
}

static void few_rows_go_without_a_look_at_the_rest(void **state) {
	struct scene *scene = *state;

	scene->says.eligible = GUARD_FREE_ROWS;
	assert_int_equal(ask(scene), GUARD_PASSED);
	assert_int_equal(scene->staying_limit_ms, -1);
	assert_false(is_refused(scene));
}

static void enough_that_stay_let_it_pass(void **state) {
	struct scene *scene = *state;

	scene->staying = 2000;
	scene->spend_ms = 700;
	assert_int_equal(ask(scene), GUARD_PASSED);
	assert_int_equal(scene->enough, 2000);
	// Both counts share the time.
	assert_int_equal(scene->limit_ms, LONG_MS);
	assert_int_equal(scene->staying_limit_ms, LONG_MS - 700);
	assert_false(is_refused(scene));
	assert_string_equal(scene->pass.facts.error, "");
}

static void too_few_that_stay_end_the_pass(void **state) {
	struct scene *scene = *state;

	scene->staying = 1999;
	assert_int_equal(ask(scene), GUARD_REFUSED);
	assert_true(is_refused(scene));
	assert_string_equal(scene->pass.facts.error, scene->approval.verdict.message);
	assert_non_null(strstr(scene->pass.facts.error, "refused: 2000 of 3999 rows"));
}

static void what_nobody_knows_ends_it_too(void **state) {
	struct scene *scene = *state;

	scene->says = (struct estimate){.eligible = -1, .uncounted = -1};
	assert_int_equal(ask(scene), GUARD_UNKNOWN);
	assert_int_equal(scene->approval.backlog, -1);
	assert_int_equal(scene->approval.wanted, -1);
	assert_false(scene->approval.is_counted);
	assert_true(is_refused(scene));
	assert_string_equal(scene->pass.facts.error, scene->approval.verdict.message);
	assert_non_null(strstr(scene->pass.facts.error, "--max-fraction 0"));
}

static void a_target_that_counts_nothing_is_not_known(void **state) {
	struct scene *scene = *state;

	scene->scanner.estimate = NULL;
	assert_int_equal(ask(scene), GUARD_UNKNOWN);
	assert_true(is_refused(scene));
}

static void a_dry_run_goes_on_and_keeps_the_words(void **state) {
	struct scene *scene = *state;

	scene->options.dryrun = true;
	assert_int_equal(ask(scene), GUARD_REFUSED);
	assert_false(is_refused(scene));
	assert_string_equal(scene->pass.facts.error, scene->approval.verdict.message);
	scene->pass.facts.error[0] = '\0';
	scene->says = (struct estimate){.eligible = -1, .uncounted = -1};
	assert_int_equal(ask(scene), GUARD_UNKNOWN);
	assert_false(is_refused(scene));
	assert_string_equal(scene->pass.facts.error, scene->approval.verdict.message);
}

static void limits_bound_what_may_go_and_not_the_backlog(void **state) {
	struct scene *scene = *state;

	scene->says.is_limited = true;
	scene->says.most = 10;
	assert_int_equal(ask(scene), GUARD_PASSED);
	assert_true(scene->approval.is_limited);
	assert_int_equal(scene->approval.wanted, 10);
	assert_int_equal(scene->approval.backlog, 2000);
	scene->says.is_limited = false;
	scene->options.max_records = 20;
	assert_int_equal(ask(scene), GUARD_PASSED);
	assert_int_equal(scene->approval.wanted, 2000);
	assert_int_equal(scene->staying_limit_ms, -1);
}

static void a_backlog_that_is_late_or_a_part_is_not_counted(void **state) {
	struct scene *scene = *state;

	scene->staying = 2000;
	scene->says.eligible_ms = IN_TIME_MS;
	ask(scene);
	assert_true(scene->approval.is_counted);
	scene->says.eligible_ms = IN_TIME_MS + 1;
	ask(scene);
	assert_false(scene->approval.is_counted);
	assert_int_equal(scene->approval.backlog, 2000);
	scene->says.eligible_ms = 0;
	scene->says.eligible_exact = false;
	ask(scene);
	assert_false(scene->approval.is_counted);
	assert_int_equal(scene->approval.backlog, -1);
	assert_int_equal(scene->approval.wanted, -1);
}

static void an_error_ends_it(void **state) {
	struct scene *scene = *state;

	scene->err = -EACCES;
	assert_int_equal(
		approval_ask(&scene->ask, &scene->pass, &scene->options, &scene->approval), -EACCES
	);
	assert_int_equal(scene->staying_limit_ms, -1);
}

#define IN_A_SCENE(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_SCENE(a_guard_that_is_off_asks_for_the_backlog_alone),
		IN_A_SCENE(few_rows_go_without_a_look_at_the_rest),
		IN_A_SCENE(enough_that_stay_let_it_pass),
		IN_A_SCENE(too_few_that_stay_end_the_pass),
		IN_A_SCENE(what_nobody_knows_ends_it_too),
		IN_A_SCENE(a_target_that_counts_nothing_is_not_known),
		IN_A_SCENE(a_dry_run_goes_on_and_keeps_the_words),
		IN_A_SCENE(limits_bound_what_may_go_and_not_the_backlog),
		IN_A_SCENE(a_backlog_that_is_late_or_a_part_is_not_counted),
		IN_A_SCENE(an_error_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
