// SPDX-License-Identifier: MPL-2.0
// dispatch_test: who goes first, who has to wait, and what a run never does, whatever the nodes do.
#include "support/test.h"

#include "common/base/clock.h"
#include "support/engine.h"
#include "support/files.h"
#include "support/node.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// --- who goes first

static void a_slow_node_with_a_full_window_keeps_no_other_idle(void **state) {
	(void)state;
	struct node *nodes[2];
	struct engine *engine = engine_with_nodes(nodes, 2, 1000);
	engine->worker_options.window = 64;
	engine->worker_options.lane.inflight_max = 1;
	engine->worker_options.lane.patience_ms = 100;
	node_default(nodes[0], &(struct node_step){.delay_ms = 50});
	engine_open(engine);
	int64_t began_ms = clock_mono_ms();
	engine_run_pass(engine);
	assert_int_equal(node_requests(nodes[1]), 500);
	assert_true(tally_postponed(engine_tally(engine)) > 300);
	assert_true(clock_mono_ms() - began_ms < 15000); // alone it would take 25 s
	engine_assert_all_have_a_fate(engine);
	engine_end(engine, nodes, 2);
}

static void end_early(struct engine *engine) {
	worker_quit(engine->worker);
	producer_stop(engine->producer);
	while (!engine_is_done(engine))
		engine_step(engine);
}

static void many_silent_nodes_leave_room_for_one_that_works(void **state) {
	(void)state;
	enum { NODES = 5 };
	struct node *nodes[NODES];
	struct engine *engine = engine_with_nodes(nodes, NODES, 500);
	engine->worker_options.http.inflight_max = 16;
	engine->worker_options.http.request_timeout_ms = 5000;
	for (int i = 0; i < NODES - 1; i++)
		node_default(nodes[i], &(struct node_step){.act = NODE_HANG});
	engine_open(engine);
	engine_start_pass(engine);
	int64_t give_up_ms = clock_mono_ms() + 4500; // before the first time-out
	while (engine_tally(engine)->purged < 100 && clock_mono_ms() < give_up_ms)
		engine_step(engine);
	assert_int_equal(engine_tally(engine)->purged, 100);
	assert_int_equal(node_requests(nodes[NODES - 1]), 100);
	end_early(engine);
	engine_end(engine, nodes, NODES);
}

static size_t first_five_elsewhere(const struct fake *fake, int64_t key) {
	(void)fake;
	return key < 5 ? 1 : 0;
}

static void a_node_without_rows_makes_no_row_of_a_slow_one_leave(void **state) {
	(void)state;
	struct node *nodes[2];
	struct engine *engine = engine_with_nodes(nodes, 2, 300);
	engine->fake.on_route = first_five_elsewhere;
	engine->worker_options.window = 64;
	engine->worker_options.lane.inflight_max = 1;
	engine->worker_options.lane.patience_ms = 200;
	node_default(nodes[0], &(struct node_step){.delay_ms = 5});
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->purged, 300);
	engine_end(engine, nodes, 2);
}

static size_t position_of_second(struct node *node, const char *target) {
	size_t found = 0;

	for (size_t i = 0; i < node_requests(node); i++) {
		if (strcmp(node_request_target(node, i), target) == 0 && ++found == 2)
			return i;
	}
	fail_msg("%s was asked for %zu times", target, found);
	return 0;
}

static void a_retry_goes_before_rows_that_were_never_tried(void **state) {
	(void)state;
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 200);
	engine->worker_options.lane.inflight_max = 1;
	engine->worker_options.retry.time_ms = 5000;
	node_script(nodes[0], &(struct node_step){.status = 503, .target = "/0"});
	node_default(nodes[0], &(struct node_step){.delay_ms = 3});
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->purged, 200);
	assert_true(position_of_second(nodes[0], "/0") < 50);
	engine_end(engine, nodes, 1);
}

static void a_retry_that_would_be_too_late_is_not_made(void **state) {
	(void)state;
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 3);
	// The failure halves the two requests at once to one, and that one is answered too late.
	engine->worker_options.lane.inflight_max = 2;
	engine->worker_options.retry.time_ms = 100;
	node_script(nodes[0], &(struct node_step){.status = 503, .delay_ms = 20, .target = "/0"});
	node_script(nodes[0], &(struct node_step){.delay_ms = 300, .target = "/1"});
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->failed[REASON_HTTP_5XX], 1);
	assert_int_equal(engine_tally(engine)->purged, 2);
	assert_int_equal(node_requests(nodes[0]), 3);
	engine_end(engine, nodes, 1);
}

// --- why

static void a_lack_of_files_ends_the_pass_and_fails_no_row(void **state) {
	(void)state;
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 50);
	engine_open(engine);
	struct rlimit before = files_leave_none();
	engine_start_pass(engine);
	while (worker_fatal(engine->worker) == NULL)
		engine_step(engine);
	files_restore(&before);
	end_early(engine);
	assert_non_null(strstr(worker_fatal(engine->worker), "LimitNOFILE"));
	assert_int_equal(tally_failed(engine_tally(engine)), 0);
	assert_int_equal(engine_tally(engine)->requests, 0);
	assert_int_equal(node_requests(nodes[0]), 0);
	engine_end(engine, nodes, 1);
}

static void a_row_refused_once_has_a_reason_when_its_node_is_given_up(void **state) {
	(void)state;
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 16);
	engine->worker_options.lane.hold_max_ms = 200;
	engine->worker_options.lane.patience_ms = 200;
	node_script(
		nodes[0],
		&(struct node_step
		){.status = 503, .target = "/0", .headers = "Retry-After: 3600\r\n", .times = -1}
	);
	node_default(nodes[0], &(struct node_step){.status = 401, .delay_ms = 50});
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->failed[REASON_HTTP_5XX], 1);
	assert_int_equal(engine_tally(engine)->failed[REASON_HTTP_4XX], 15);
	engine_assert_all_have_a_fate(engine);
	engine_end(engine, nodes, 1);
}

// --- the limit

static void a_limit_is_exact_however_many_rows_fail(void **state) {
	(void)state;
	static const enum node_act acts[] = {NODE_ANSWER, NODE_RESET, NODE_GARBAGE};
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		struct node *nodes[3];
		struct engine *engine = engine_with_nodes(nodes, 3, 1000);
		engine->fake.all_counted = true;
		engine->worker_options.max_records = 70;
		engine->worker_options.lane.patience_ms = 100;
		node_default(nodes[0], &(struct node_step){.act = acts[i], .status = 500});
		node_script(nodes[1], &(struct node_step){.status = 400, .times = 30});
		engine_open(engine);
		engine_run_pass(engine);
		assert_int_equal(engine_tally(engine)->purged, 70);
		assert_int_equal(engine->fake.removed_count, 70);
		assert_int_equal(engine->fake.events[EVENT_LIMIT], 1);
		engine_end(engine, nodes, 3);
	}
}

static void rows_that_somebody_else_removed_use_up_no_limit(void **state) {
	(void)state;
	struct engine *engine = engine_with_nodes(NULL, 0, 1000);
	engine->fake.all_counted = true;
	engine->fake.gone_below = 200;
	engine->worker_options.max_records = 70;
	engine_open(engine);
	engine_run_pass(engine);
	assert_true(engine_tally(engine)->gone > 70);
	assert_int_equal(engine_tally(engine)->purged, 70);
	assert_int_equal(engine->fake.removed_count, 70);
	engine_end(engine, NULL, 0);
}

static void nobody_over_the_limit_loses_data_on_a_node(void **state) {
	(void)state;
	struct node *nodes[3];
	struct engine *engine = engine_with_nodes(nodes, 3, 1000);
	engine->fake.all_counted = true;
	engine->worker_options.max_records = 70;
	for (size_t i = 0; i < 3; i++)
		node_default(nodes[i], &(struct node_step){.delay_ms = 20});
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->purged, 70);
	assert_int_equal(
		node_requests(nodes[0]) + node_requests(nodes[1]) + node_requests(nodes[2]), 70
	);
	engine_end(engine, nodes, 3);
}

static void a_limit_of_one_is_reached_though_most_rows_fail(void **state) {
	(void)state;
	struct node *nodes[2];
	struct engine *engine = engine_with_nodes(nodes, 2, 200);
	engine->fake.all_counted = true;
	engine->worker_options.max_records = 1;
	node_script(nodes[0], &(struct node_step){.status = 400, .times = -1});
	node_script(nodes[1], &(struct node_step){.status = 400, .times = 90});
	engine_open(engine);
	int64_t began_ms = clock_mono_ms();
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->purged, 1);
	// A freed ticket is taken at once.
	assert_true(clock_mono_ms() - began_ms < 5000);
	engine_end(engine, nodes, 2);
}

static void the_next_pass_takes_up_to_the_limit_again(void **state) {
	(void)state;
	struct engine *engine = engine_with_nodes(NULL, 0, 1000);
	engine->fake.all_counted = true;
	engine->worker_options.max_records = 70;
	engine_open(engine);
	for (int pass = 1; pass <= 3; pass++) {
		engine_run_pass(engine);
		assert_int_equal(engine->report.error, 0);
		assert_int_equal(engine_tally(engine)->purged, 70);
		assert_int_equal(engine->fake.removed_count, pass * 70);
	}
	engine_end(engine, NULL, 0);
}

// --- stopping

static void what_is_sent_is_finished_and_what_is_not_stays(void **state) {
	(void)state;
	struct node *nodes[2];
	struct engine *engine = engine_with_nodes(nodes, 2, 400);
	engine->worker_options.lane.inflight_max = 4;
	for (size_t i = 0; i < 2; i++)
		node_default(nodes[i], &(struct node_step){.delay_ms = 100});
	engine_open(engine);
	engine_start_pass(engine);
	while (node_requests(nodes[0]) + node_requests(nodes[1]) < 8)
		engine_step(engine);
	producer_stop(engine->producer);
	worker_quit(engine->worker);
	while (!engine_is_done(engine))
		engine_step(engine);
	const struct tally *tally = engine_tally(engine);
	assert_int_equal(node_requests(nodes[0]) + node_requests(nodes[1]), 8);
	assert_int_equal(tally->purged, 8);
	assert_int_equal(tally_postponed(tally), tally->taken - 8);
	assert_int_equal(tally_failed(tally), 0);
	engine_end(engine, nodes, 2);
}

static void a_stop_fails_no_row_that_was_to_be_tried_again(void **state) {
	(void)state;
	static const int statuses[] = {401, 403, 429, 503};
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct node *nodes[1];
		struct engine *engine = engine_with_nodes(nodes, 1, 50);
		engine->worker_options.defer_failed = true;
		engine->worker_options.lane.inflight_max = 4;
		node_default(nodes[0], &(struct node_step){.status = statuses[i], .delay_ms = 50});
		engine_open(engine);
		engine_start_pass(engine);
		while (node_requests(nodes[0]) < 4)
			engine_step(engine);
		producer_stop(engine->producer);
		worker_quit(engine->worker);
		while (!engine_is_done(engine))
			engine_step(engine);
		assert_int_equal(tally_failed(engine_tally(engine)), 0);
		assert_int_equal(engine->fake.deferred, 0);
		assert_int_equal(node_requests(nodes[0]), 4);
		engine_end(engine, nodes, 1);
	}
}

// --- hostile answers

static void hostile_answers_end_in_time_and_remove_nothing(void **state) {
	(void)state;
	static const struct node_step steps[] = {
		{.act = NODE_ENDLESS_LINE},
		{.act = NODE_DRIP, .delay_ms = 20, .body_bytes = 100000},
		{.act = NODE_CLOSE},
		{.status = 100},
		{.status = 999},
		{.status = 302, .headers = "Location: http://127.0.0.1:1/\r\n"},
		{.status = 401, .headers = "WWW-Authenticate: Basic realm=\"x\"\r\n"},
		{.status = 407, .headers = "Proxy-Authenticate: Basic realm=\"x\"\r\n"},
		{.status = 503, .headers = "Retry-After: 99999999999999999999\r\n"},
		{.status = 503, .headers = "Retry-After: -1\r\nX-Backoff: nonsense\r\n"},
		{.status = 500, .body_bytes = 10000000},
	};
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		struct node *nodes[1];
		struct engine *engine = engine_with_nodes(nodes, 1, 6);
		engine->worker_options.http.request_timeout_ms = 100;
		engine->worker_options.lane.patience_ms = 100;
		engine->worker_options.lane.hold_max_ms = 300;
		engine->worker_options.retry.time_ms = 100;
		engine->worker_options.retry.hold_time_ms = 300;
		node_default(nodes[0], &steps[i]);
		engine_open(engine);
		engine_run_pass(engine);
		assert_int_equal(engine->fake.removed_count, 0);
		assert_int_equal(engine_tally(engine)->purged, 0);
		engine_assert_all_have_a_fate(engine);
		engine_end(engine, nodes, 1);
	}
}

static void a_huge_body_of_a_success_is_a_success(void **state) {
	(void)state;
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 6);
	node_default(nodes[0], &(struct node_step){.body_bytes = 10000000});
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->purged, 6);
	engine_end(engine, nodes, 1);
}

// --- many nodes

static void steps_that_wait_do_not_spin(void **state) {
	(void)state;
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 2000);
	int steps = 0;
	node_default(nodes[0], &(struct node_step){.act = NODE_HANG});
	engine->worker_options.http.request_timeout_ms = 1000;
	engine_open(engine);
	engine_start_pass(engine);
	while (engine_tally(engine)->requests < 16)
		engine_step(engine);
	for (int64_t until_ms = clock_mono_ms() + 500; clock_mono_ms() < until_ms; steps++)
		engine_step(engine);
	// 5 are what its time-out of 100 ms makes.
	assert_true(steps < 30);
	end_early(engine);
	engine_end(engine, nodes, 1);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slow_node_with_a_full_window_keeps_no_other_idle),
		cmocka_unit_test(many_silent_nodes_leave_room_for_one_that_works),
		cmocka_unit_test(a_node_without_rows_makes_no_row_of_a_slow_one_leave),
		cmocka_unit_test(a_retry_goes_before_rows_that_were_never_tried),
		cmocka_unit_test(a_retry_that_would_be_too_late_is_not_made),
		cmocka_unit_test(a_lack_of_files_ends_the_pass_and_fails_no_row),
		cmocka_unit_test(a_row_refused_once_has_a_reason_when_its_node_is_given_up),
		cmocka_unit_test(a_limit_is_exact_however_many_rows_fail),
		cmocka_unit_test(rows_that_somebody_else_removed_use_up_no_limit),
		cmocka_unit_test(nobody_over_the_limit_loses_data_on_a_node),
		cmocka_unit_test(a_limit_of_one_is_reached_though_most_rows_fail),
		cmocka_unit_test(the_next_pass_takes_up_to_the_limit_again),
		cmocka_unit_test(what_is_sent_is_finished_and_what_is_not_stays),
		cmocka_unit_test(a_stop_fails_no_row_that_was_to_be_tried_again),
		cmocka_unit_test(hostile_answers_end_in_time_and_remove_nothing),
		cmocka_unit_test(a_huge_body_of_a_success_is_a_success),
		cmocka_unit_test(steps_that_wait_do_not_spin),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
