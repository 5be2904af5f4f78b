// SPDX-License-Identifier: MPL-2.0
// quiet_test: a pause begins nothing, ends what has begun, and costs no patience.
#include "support/test.h"

#include "common/base/clock.h"
#include "support/engine.h"
#include "support/node.h"

#include <sched.h>
#include <stdatomic.h>

static int64_t skipped_ms; // set anew by each test

WRAPS(clock_mono_ms);
int64_t __wrap_clock_mono_ms(void) {
	return __real_clock_mono_ms() + skipped_ms;
}

static void step_until_still(struct engine *engine) {
	while (!worker_is_still(engine->worker))
		engine_step(engine);
}

static void go_on_to_the_end(struct engine *engine) {
	worker_pause(engine->worker, false);
	while (!engine_is_done(engine))
		engine_step(engine);
	assert_int_equal(engine_tally(engine)->purged, engine->fake.count);
}

static void what_a_node_was_asked_for_is_brought_to_its_end(void **state) {
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 40);
	int64_t sent;

	(void)state;
	skipped_ms = 0;
	engine->worker_options.lane.inflight_max = 4;
	engine->worker_options.lane.patience_ms = 10000;
	node_default(nodes[0], &(struct node_step){.delay_ms = 500});
	engine_open(engine);
	engine_start_pass(engine);
	while (node_inflight(nodes[0]) == 0)
		engine_step(engine);
	worker_pause(engine->worker, true);
	sent = engine_tally(engine)->requests;
	assert_int_in_range(sent, 1, 39);
	node_default(nodes[0], &(struct node_step){.status = 200});
	step_until_still(engine);
	assert_int_equal(node_requests(nodes[0]), sent);
	assert_int_equal(fake_removed(&engine->fake), sent);
	go_on_to_the_end(engine);
	engine_end(engine, nodes, 1);
}

static void rows_without_a_request_that_were_to_be_removed_wait(void **state) {
	struct engine *engine = engine_with_nodes(NULL, 0, 10);

	(void)state;
	skipped_ms = 0;
	engine->worker_options.linger_ms = 60000;
	engine_open(engine);
	engine_start_pass(engine);
	while (worker_in_work(engine->worker) < 10)
		engine_step(engine);
	worker_pause(engine->worker, true);
	assert_true(worker_is_still(engine->worker));
	skipped_ms += 120000;
	engine_step(engine);
	assert_int_equal(fake_removed(&engine->fake), 0);
	worker_pause(engine->worker, false);
	for (; !engine_is_done(engine); skipped_ms += 30000)
		engine_step(engine);
	assert_int_equal(fake_removed(&engine->fake), 10);
	engine_end(engine, NULL, 0);
}

static atomic_bool is_judging, may_end; // set anew by each test

static int check_until_it_may_end(struct fake *fake) {
	(void)fake;
	is_judging = true;
	while (!may_end)
		sched_yield();
	return 0;
}

static void rows_that_are_being_judged_wait_then(void **state) {
	struct engine *engine = engine_with_nodes(NULL, 0, 10);

	(void)state;
	skipped_ms = 0;
	engine->fake.judged_by_scan = false;
	is_judging = may_end = false;
	engine->fake.on_check_batch = check_until_it_may_end;
	engine_open(engine);
	engine_start_pass(engine);
	while (!is_judging)
		engine_step(engine);
	worker_pause(engine->worker, true);
	may_end = true;
	step_until_still(engine);
	for (int i = 0; i < 5; i++)
		engine_step(engine);
	assert_int_equal(fake_removed(&engine->fake), 0);
	go_on_to_the_end(engine);
	engine_end(engine, NULL, 0);
}

static void those_that_wait_for_their_next_try_have_all_their_time_left(void **state) {
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 3);

	(void)state;
	skipped_ms = 0;
	engine->worker_options.retry.base_ms = 200;
	engine->worker_options.retry.ceiling_ms = 400;
	engine->worker_options.retry.time_ms = 10000;
	engine->worker_options.lane.patience_ms = 10000;
	node_script(nodes[0], &(struct node_step){.status = 503, .times = 3});
	engine_open(engine);
	engine_start_pass(engine);
	while (node_requests(nodes[0]) < 3)
		engine_step(engine);
	worker_pause(engine->worker, true);
	step_until_still(engine);
	skipped_ms += 60000;
	go_on_to_the_end(engine);
	engine_end(engine, nodes, 1);
}

static void a_node_that_asked_for_time_is_not_given_up(void **state) {
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 20);

	(void)state;
	skipped_ms = 0;
	engine->worker_options.lane.inflight_max = 1;
	engine->worker_options.lane.patience_ms = 10000;
	node_script(
		nodes[0],
		&(struct node_step){.status = 503, .times = 2, .headers = "Retry-After: 1\r\n"}
	);
	engine_open(engine);
	engine_start_pass(engine);
	while (node_requests(nodes[0]) < 1)
		engine_step(engine);
	worker_pause(engine->worker, true);
	step_until_still(engine);
	assert_true(worker_in_work(engine->worker) > 0);
	skipped_ms += 60000;
	go_on_to_the_end(engine);
	engine_end(engine, nodes, 1);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_node_was_asked_for_is_brought_to_its_end),
		cmocka_unit_test(rows_without_a_request_that_were_to_be_removed_wait),
		cmocka_unit_test(rows_that_are_being_judged_wait_then),
		cmocka_unit_test(those_that_wait_for_their_next_try_have_all_their_time_left),
		cmocka_unit_test(a_node_that_asked_for_time_is_not_given_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
