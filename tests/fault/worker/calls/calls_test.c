// SPDX-License-Identifier: MPL-2.0
// calls_test: tasks of many calls, of which several are out at once.
#include "support/test.h"

#include "common/base/clock.h"
#include "support/engine.h"
#include "support/node.h"

#include <stdio.h>

enum { NODES = 6, CALLS = 1000 };

static struct engine *engine_of_many(struct node **nodes, int64_t count, int64_t calls_each) {
	struct engine *engine = engine_with_nodes(nodes, NODES, count);

	engine->target = &fake_target_of_many;
	engine->fake.calls_each = calls_each;
	return engine;
}

static size_t requests_to_all(struct node *const *nodes) {
	size_t count = 0;

	for (size_t i = 0; i < NODES; i++)
		count += node_requests(nodes[i]);
	return count;
}

static void finish(struct engine *engine, struct node **nodes) {
	assert_int_equal(engine->fake.requested_twice, 0);
	engine_end(engine, nodes, NODES);
}

static void a_task_is_done_when_each_of_its_calls_is(void **state) {
	(void)state;
	struct node *nodes[NODES];
	struct engine *engine = engine_of_many(nodes, 1, CALLS);
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->purged, 1);
	assert_int_equal(engine_tally(engine)->requests_done, CALLS);
	assert_int_equal(requests_to_all(nodes), CALLS);
	finish(engine, nodes);
}

static void so_many_of_its_calls_are_out_at_once_and_no_more(void **state) {
	(void)state;
	struct node *nodes[NODES];
	struct engine *engine = engine_of_many(nodes, 1, CALLS);
	// The first node holds its calls, so that all slots fill up with them.
	node_default(nodes[0], &(struct node_step){.delay_ms = 50});
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(node_inflight_max(nodes[0]), FAKE_CALLS_AT_ONCE);
	assert_int_equal(engine_tally(engine)->purged, 1);
	finish(engine, nodes);
}

static void a_call_that_fails_is_tried_again_while_the_others_go_on(void **state) {
	(void)state;
	struct node *nodes[NODES];
	struct engine *engine = engine_of_many(nodes, 1, CALLS);
	node_script(
		nodes[3],
		&(struct node_step){
			.status = 503, .target = "/0/3/", .headers = "Retry-After: 1\r\n"}
	);
	for (size_t i = 0; i < NODES; i++)
		node_script(nodes[i], &(struct node_step){.act = NODE_CLOSE, .times = 3});
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->purged, 1);
	assert_int_equal(requests_to_all(nodes), CALLS + 3 * NODES + 1);
	finish(engine, nodes);
}

static void several_tasks_share_the_lanes(void **state) {
	(void)state;
	struct node *nodes[NODES];
	struct engine *engine = engine_of_many(nodes, 40, 50);
	engine->worker_options.window = 10;
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->purged, 40);
	assert_int_equal(requests_to_all(nodes), 40 * 50);
	finish(engine, nodes);
}

// A call that is out when its task fails is waited for; those that wait are not sent.
static void a_call_that_cannot_be_done_ends_its_task_alone(void **state) {
	(void)state;
	struct node *nodes[NODES];
	struct engine *engine = engine_of_many(nodes, 3, 100);
	for (size_t i = 0; i < NODES; i++)
		node_default(nodes[i], &(struct node_step){.delay_ms = 20});
	node_script(nodes[0], &(struct node_step){.status = 400, .target = "/0/0/"});
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->purged, 2);
	assert_int_equal(engine_tally(engine)->failed[REASON_HTTP_4XX], 1);
	assert_in_range(requests_to_all(nodes), 201, 299);
	assert_int_equal(fake_removed(&engine->fake), 2);
	finish(engine, nodes);
}

// Of several reasons the first counts.
static void a_task_whose_calls_all_fail_ends_once(void **state) {
	(void)state;
	struct node *nodes[NODES];
	struct engine *engine = engine_of_many(nodes, 5, 100);
	for (size_t i = 0; i < NODES; i++)
		node_default(nodes[i], &(struct node_step){.status = i == 0 ? 302 : 400});
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(fake_removed(&engine->fake), 0);
	engine_assert_all_have_a_fate(engine);
	finish(engine, nodes);
}

static void a_node_that_is_away_holds_its_tasks_back_as_a_whole(void **state) {
	(void)state;
	struct node *nodes[NODES];
	struct engine *engine = engine_of_many(nodes, 5, 100);
	engine->worker_options.lane.patience_ms = 50;
	engine->worker_options.retry.attempts = 100;
	node_refuse(nodes[2]);
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(fake_removed(&engine->fake), 0);
	assert_int_equal(
		tally_postponed(engine_tally(engine)) + tally_failed(engine_tally(engine)), 5
	);
	engine_assert_all_have_a_fate(engine);
	finish(engine, nodes);
}

static void a_target_may_go_on_without_a_node_that_is_away(void **state) {
	(void)state;
	struct node *nodes[NODES];
	struct engine *engine = engine_of_many(nodes, 5, 120);
	engine->worker_options.lane.patience_ms = 50;
	engine->worker_options.retry.attempts = 100;
	engine->fake.goes_on_unsent = true;
	node_refuse(nodes[2]);
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->purged, 5);
	assert_int_equal(engine->fake.unsent, 5 * 120 / NODES);
	assert_int_equal(requests_to_all(nodes), 5 * 120 / NODES * (NODES - 1));
	finish(engine, nodes);
}

static void a_stop_is_not_gone_on_without(void **state) {
	(void)state;
	struct node *nodes[NODES];
	struct engine *engine = engine_of_many(nodes, 3, CALLS);
	engine->fake.goes_on_unsent = true;
	for (size_t i = 0; i < NODES; i++)
		node_default(nodes[i], &(struct node_step){.delay_ms = 20});
	engine_open(engine);
	engine_start_pass(engine);
	while (engine_tally(engine)->requests_done < 100)
		engine_step(engine);
	producer_stop(engine->producer);
	worker_quit(engine->worker);
	while (!engine_is_done(engine))
		engine_step(engine);
	assert_int_equal(engine->fake.unsent, 0);
	assert_int_equal(tally_postponed(engine_tally(engine)), 3);
	finish(engine, nodes);
}

static void say_modified(
	struct fake *fake, struct work *work, const struct http_answer *answer, struct finding *io
) {
	(void)fake, (void)work;
	if (answer->status == 412)
		io->verdict = VERDICT_RECHECK;
}

// A check has the work to itself, so it comes when no call is out.
static void is_judged_again_with_no_call_out_and_then_goes_on(void **state) {
	(void)state;
	struct node *nodes[NODES];
	struct engine *engine = engine_of_many(nodes, 2, 200);
	engine->fake.on_judge = say_modified;
	for (int call = 5; call < 200; call += 20) {
		char target[16];
		snprintf(target, sizeof(target), "/0/%d/", call);
		node_script(
			nodes[call % NODES], &(struct node_step){.status = 412, .target = target}
		);
	}
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->purged, 2);
	assert_true(engine->fake.checks > 0);
	assert_int_equal(requests_to_all(nodes), 2 * 200 + 10);
	finish(engine, nodes);
}

static void a_judgement_that_grows_old_is_made_again_on_the_way(void **state) {
	(void)state;
	struct node *nodes[NODES];
	struct engine *engine = engine_of_many(nodes, 1, 200);
	engine->worker_options.check_ttl_ms = 100;
	for (size_t i = 0; i < NODES; i++)
		node_default(nodes[i], &(struct node_step){.delay_ms = 20});
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->purged, 1);
	assert_true(engine->fake.checks > 1);
	assert_int_equal(requests_to_all(nodes), 200);
	finish(engine, nodes);
}

static void a_stop_waits_for_the_calls_that_are_out_and_sends_no_more(void **state) {
	(void)state;
	struct node *nodes[NODES];
	struct engine *engine = engine_of_many(nodes, 3, CALLS);
	for (size_t i = 0; i < NODES; i++)
		node_default(nodes[i], &(struct node_step){.delay_ms = 20});
	engine_open(engine);
	engine_start_pass(engine);
	while (engine_tally(engine)->requests_done < 100)
		engine_step(engine);
	producer_stop(engine->producer);
	worker_quit(engine->worker);
	size_t sent = (size_t)engine_tally(engine)->requests;
	while (!engine_is_done(engine))
		engine_step(engine);
	assert_int_equal(requests_to_all(nodes), sent);
	assert_int_equal(engine_tally(engine)->requests_done, sent);
	assert_int_equal(tally_postponed(engine_tally(engine)), 3);
	finish(engine, nodes);
}

static void a_pause_sends_nothing_and_all_goes_on_after_it(void **state) {
	(void)state;
	struct node *nodes[NODES];
	struct engine *engine = engine_of_many(nodes, 3, 300);
	engine_open(engine);
	engine_start_pass(engine);
	while (engine_tally(engine)->requests_done < 100)
		engine_step(engine);
	worker_pause(engine->worker, true);
	while (!worker_is_still(engine->worker))
		engine_step(engine);
	size_t before = requests_to_all(nodes);
	for (int i = 0; i < 5; i++)
		engine_step(engine);
	assert_int_equal(requests_to_all(nodes), before);
	worker_pause(engine->worker, false);
	while (!engine_is_done(engine))
		engine_step(engine);
	assert_int_equal(engine_tally(engine)->purged, 3);
	finish(engine, nodes);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_task_is_done_when_each_of_its_calls_is),
		cmocka_unit_test(so_many_of_its_calls_are_out_at_once_and_no_more),
		cmocka_unit_test(a_call_that_fails_is_tried_again_while_the_others_go_on),
		cmocka_unit_test(several_tasks_share_the_lanes),
		cmocka_unit_test(a_call_that_cannot_be_done_ends_its_task_alone),
		cmocka_unit_test(a_task_whose_calls_all_fail_ends_once),
		cmocka_unit_test(a_node_that_is_away_holds_its_tasks_back_as_a_whole),
		cmocka_unit_test(a_target_may_go_on_without_a_node_that_is_away),
		cmocka_unit_test(a_stop_is_not_gone_on_without),
		cmocka_unit_test(is_judged_again_with_no_call_out_and_then_goes_on),
		cmocka_unit_test(a_judgement_that_grows_old_is_made_again_on_the_way),
		cmocka_unit_test(a_stop_waits_for_the_calls_that_are_out_and_sends_no_more),
		cmocka_unit_test(a_pause_sends_nothing_and_all_goes_on_after_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
