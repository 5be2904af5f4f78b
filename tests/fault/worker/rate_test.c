// SPDX-License-Identifier: MPL-2.0
// rate_test: a worker keeps to its rates, does all of the work nevertheless, and does not spin
// while it waits.
#include "support/test.h"

#include "common/base/clock.h"
#include "support/engine.h"
#include "support/node.h"

enum { STEPS_MOST = 3000 };

// How long a pass takes, and that it is complete.
static int64_t run_ms(struct engine *engine, int64_t count) {
	int64_t began_ms;
	int steps = 0;

	engine_open(engine);
	began_ms = clock_mono_ms();
	engine_start_pass(engine);
	while (!engine_is_done(engine)) {
		engine_step(engine);
		steps++;
	}
	assert_int_equal(engine_tally(engine)->purged, count);
	assert_int_equal(tally_postponed(engine_tally(engine)), 0);
	assert_int_in_range(steps, 1, STEPS_MOST);
	return clock_mono_ms() - began_ms;
}

static void asks_no_node_more_often_than_it_may(void **state) {
	(void)state;
	struct node *nodes[2];
	struct engine *engine = engine_with_nodes(nodes, 2, 160);
	engine->worker_options.lane.rate_per_s = 40;
	int64_t took_ms = run_ms(engine, 160);
	// 80 for each node, 40 of them at once.
	assert_true(took_ms >= 1000 - 1);
	assert_true(took_ms < 20000); // both at the same time
	engine_end(engine, nodes, 2);
}

static void asks_all_nodes_together_not_more_often_than_it_may(void **state) {
	(void)state;
	struct node *nodes[2];
	struct engine *engine = engine_with_nodes(nodes, 2, 160);
	engine->worker_options.max_rate = 80;
	assert_true(run_ms(engine, 160) >= 1000 - 1);
	engine_end(engine, nodes, 2);
}

static void removes_rows_without_a_request_not_more_often_than_it_may(void **state) {
	(void)state;
	struct engine *engine = engine_with_nodes(NULL, 0, 160);
	engine->worker_options.max_rate = 80;
	assert_true(run_ms(engine, 160) >= 1000 - 1);
	engine_end(engine, NULL, 0);
}

static void rows_without_a_request_are_judged_again_after_a_long_wait(void **state) {
	(void)state;
	struct engine *engine = engine_with_nodes(NULL, 0, 160);
	engine->fake.judged_by_scan = true;
	engine->worker_options.max_rate = 80;
	engine->worker_options.check_ttl_ms = 100;
	run_ms(engine, 160);
	// Of the 80 that had to wait, most for longer.
	assert_true(engine->fake.checks >= 60);
	engine_end(engine, NULL, 0);
}

static void a_retry_is_a_request_too(void **state) {
	(void)state;
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 80);
	engine->worker_options.lane.rate_per_s = 80;
	// One row may get many of the bad answers.
	engine->worker_options.retry.attempts = 80;
	engine->worker_options.retry.time_ms = 20000;
	node_script(nodes[0], &(struct node_step){.status = 503, .times = 80});
	assert_true(run_ms(engine, 80) >= 1000 - 1);
	assert_int_equal(node_requests(nodes[0]), 160);
	engine_end(engine, nodes, 1);
}

static void takes_in_no_more_than_it_can_do_in_time(void **state) {
	(void)state;
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 1000);
	engine->worker_options.max_rate = 20;
	engine->worker_options.window = 500;
	engine->worker_options.lane.patience_ms = 4000;
	engine_open(engine);
	engine_start_pass(engine);
	while (engine_tally(engine)->purged < 50)
		engine_step(engine);
	assert_true(worker_in_work(engine->worker) <= 40);
	worker_quit(engine->worker);
	producer_stop(engine->producer);
	while (!engine_is_done(engine))
		engine_step(engine);
	engine_end(engine, nodes, 1);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(asks_no_node_more_often_than_it_may),
		cmocka_unit_test(asks_all_nodes_together_not_more_often_than_it_may),
		cmocka_unit_test(removes_rows_without_a_request_not_more_often_than_it_may),
		cmocka_unit_test(rows_without_a_request_are_judged_again_after_a_long_wait),
		cmocka_unit_test(a_retry_is_a_request_too),
		cmocka_unit_test(takes_in_no_more_than_it_can_do_in_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
