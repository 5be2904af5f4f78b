// SPDX-License-Identifier: MPL-2.0
// worker_test: what the engine makes of nodes that fail, with a fake target and scripted nodes.
#include "support/test.h"

#include "support/engine.h"
#include "support/node.h"

#include <stdio.h>
#include <stdlib.h>

static void purges_all_when_nothing_is_wrong(void **state) {
	(void)state;
	struct node *nodes[3];
	struct engine *engine = engine_with_nodes(nodes, 3, 1000);
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->purged, 1000);
	assert_int_equal(engine_tally(engine)->requests, 1000);
	assert_int_equal(engine->fake.removed_count, 1000);
	assert_int_equal(engine->fake.checks, 0);
	engine_end(engine, nodes, 3);
}

static void candidates_that_the_scan_did_not_judge_are_checked_first(void **state) {
	(void)state;
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 300);
	engine->fake.judged_by_scan = false;
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->purged, 300);
	assert_int_equal(engine->fake.checks, 300);
	engine_end(engine, nodes, 1);
}

static void say_live(struct fake *fake, const struct work_pair *pair) {
	(void)fake;
	if (pair->work->candidate->key % 2 == 0) {
		pair->out->finding.verdict = VERDICT_LEFT;
		pair->out->finding.reason = REASON_LIVE;
	}
}

static void what_the_check_finds_live_is_never_sent(void **state) {
	(void)state;
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 100);
	engine->fake.judged_by_scan = false;
	engine->fake.on_check = say_live;
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->left[REASON_LIVE], 50);
	assert_int_equal(node_requests(nodes[0]), 50);
	for (int64_t key = 0; key < 100; key++)
		assert_int_equal(engine->fake.removed[key], key % 2);
	engine_end(engine, nodes, 1);
}

static void a_judgement_that_grew_old_in_the_lane_is_made_again(void **state) {
	(void)state;
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 200);
	engine->worker_options.lane.inflight_max = 1;
	engine->worker_options.check_ttl_ms = 30;
	engine_open(engine);
	node_default(nodes[0], &(struct node_step){.delay_ms = 2});
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->purged, 200);
	assert_true(engine->fake.checks > 100);
	engine_end(engine, nodes, 1);
}

static void a_busy_node_is_asked_again_until_it_works(void **state) {
	(void)state;
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 20);
	static const int statuses[] = {503, 500, 429, 408, 425, 504};
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++)
		node_script(nodes[0], &(struct node_step){.status = statuses[i], .times = 2});
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->purged, 20);
	assert_int_equal(engine_tally(engine)->retries, 12);
	engine_end(engine, nodes, 1);
}

static void a_row_that_stays_busy_fails_after_its_attempts(void **state) {
	(void)state;
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 10);
	node_script(nodes[0], &(struct node_step){.status = 500, .target = "/7", .times = -1});
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->purged, 9);
	assert_int_equal(engine_tally(engine)->failed[REASON_HTTP_5XX], 1);
	assert_int_equal(node_requests(nodes[0]), 9 + 6);
	assert_int_equal(engine->fake.removed[7], 0);
	assert_int_equal(engine->fake.events[EVENT_FAILED], 1);
	engine_end(engine, nodes, 1);
}

static void a_node_that_is_only_busy_does_not_hold_up_the_end(void **state) {
	(void)state;
	struct node *nodes[2];
	struct engine *engine = engine_with_nodes(nodes, 2, 2000);
	node_default(nodes[0], &(struct node_step){.status = 503});
	engine_open(engine);
	engine_run_pass(engine);
	const struct tally *tally = engine_tally(engine);
	assert_int_equal(tally->purged, 1000);
	assert_int_equal(tally->failed[REASON_HTTP_5XX] + tally_postponed(tally), 1000);
	engine_end(engine, nodes, 2);
}

static void four_hundreds_are_the_rows_own_failure(void **state) {
	(void)state;
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 10);
	node_script(nodes[0], &(struct node_step){.status = 400, .target = "/3", .times = -1});
	node_script(
		nodes[0],
		&(struct node_step){
			.status = 302, .target = "/4", .times = -1, .headers = "Location: /5\r\n"}
	);
	node_script(nodes[0], &(struct node_step){.status = 404, .target = "/6", .times = -1});
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->purged, 8);
	assert_int_equal(engine_tally(engine)->failed[REASON_HTTP_4XX], 1);
	assert_int_equal(engine_tally(engine)->failed[REASON_HTTP_OTHER], 1);
	assert_int_equal(node_requests(nodes[0]), 10);
	engine_end(engine, nodes, 1);
}

// Which rows are refused is told by their names: the node sees requests in no sure order.
static void refuse_ten_to(struct node *node, int end, int times) {
	static const char *const targets[] = {
		"/10", "/11", "/12", "/13", "/14", "/15", "/16", "/17", "/18", "/19"};
	for (int key = 10; key < end; key++)
		node_script(
			node,
			&(struct node_step){
				.status = 401, .target = targets[key - 10], .times = times}
		);
}

static void a_first_refusal_is_tried_again_with_a_fresh_signature(void **state) {
	(void)state;
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 30);
	refuse_ten_to(nodes[0], 20, 1);
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->purged, 30);
	assert_int_equal(engine_tally(engine)->retries, 10);
	assert_int_equal(engine_tally(engine)->lanes_stopped, 0);
	engine_end(engine, nodes, 1);
}

static void one_row_that_is_refused_is_that_rows_failure(void **state) {
	(void)state;
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 30);
	refuse_ten_to(nodes[0], 14, -1);
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->failed[REASON_HTTP_4XX], 4);
	assert_int_equal(engine_tally(engine)->purged, 26);
	assert_int_equal(engine_tally(engine)->lanes_stopped, 0);
	engine_end(engine, nodes, 1);
}

static void five_refused_rows_stop_the_node_and_no_other(void **state) {
	(void)state;
	struct node *nodes[2];
	struct engine *engine = engine_with_nodes(nodes, 2, 2000);
	node_default(nodes[0], &(struct node_step){.status = 403});
	engine_open(engine);
	engine_run_pass(engine);
	const struct tally *tally = engine_tally(engine);
	assert_int_equal(tally->purged, 1000);
	assert_int_equal(tally->lanes_stopped, 1);
	assert_int_equal(tally->failed[REASON_HTTP_4XX] + tally_postponed(tally), 1000);
	assert_true(node_requests(nodes[0]) <= 64);
	engine_end(engine, nodes, 2);
}

static void a_dead_node_costs_a_few_requests_and_no_other_node(void **state) {
	(void)state;
	struct node *nodes[2];
	struct engine *engine = engine_with_nodes(nodes, 2, 2000);
	node_refuse(nodes[0]);
	engine_open(engine);
	engine_run_pass(engine);
	const struct tally *tally = engine_tally(engine);
	assert_int_equal(tally->purged, 1000);
	assert_int_equal(tally->failed[REASON_CONNECT] + tally_postponed(tally), 1000);
	assert_true(tally->requests < 1000 + 200);
	engine_end(engine, nodes, 2);
}

static void a_node_that_comes_back_is_used_again(void **state) {
	(void)state;
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 200);
	engine->worker_options.lane.patience_ms = 20000;
	engine->worker_options.retry.time_ms = 20000;
	engine->worker_options.retry.attempts = 1000;
	node_refuse(nodes[0]);
	engine_open(engine);
	engine_start_pass(engine);
	while (engine_tally(engine)->requests < 8)
		engine_step(engine);
	node_accept(nodes[0]);
	while (!engine_is_done(engine))
		engine_step(engine);
	assert_int_equal(engine_tally(engine)->purged, 200);
	engine_end(engine, nodes, 1);
}

static void a_node_that_hangs_costs_time_outs_and_no_other_node(void **state) {
	(void)state;
	struct node *nodes[2];
	struct engine *engine = engine_with_nodes(nodes, 2, 1000);
	engine->worker_options.http.request_timeout_ms = 50;
	node_default(nodes[0], &(struct node_step){.act = NODE_HANG});
	engine_open(engine);
	engine_run_pass(engine);
	const struct tally *tally = engine_tally(engine);
	assert_int_equal(tally->purged, 500);
	assert_int_equal(tally->failed[REASON_TIMEOUT] + tally_postponed(tally), 500);
	engine_end(engine, nodes, 2);
}

static void broken_answers_never_remove_a_row(void **state) {
	(void)state;
	static const enum node_act acts[] = {
		NODE_HALF, NODE_CLOSE, NODE_RESET, NODE_GARBAGE, NODE_ENDLESS_HEADERS};
	for (size_t i = 0; i < sizeof(acts) / sizeof(acts[0]); i++) {
		struct node *nodes[1];
		struct engine *engine = engine_with_nodes(nodes, 1, 3);
		node_default(nodes[0], &(struct node_step){.act = acts[i], .body_bytes = 100});
		engine_open(engine);
		engine_run_pass(engine);
		assert_int_equal(engine_tally(engine)->purged, 0);
		assert_int_equal(engine->fake.removed_count, 0);
		engine_end(engine, nodes, 1);
	}
}

static void retry_after_holds_the_whole_node(void **state) {
	(void)state;
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 100);
	engine->worker_options.lane.inflight_max = 4;
	node_script(nodes[0], &(struct node_step){.status = 503, .headers = "Retry-After: 1\r\n"});
	engine_open(engine);
	engine_start_pass(engine);
	while (engine_tally(engine)->retries == 0)
		engine_step(engine);
	size_t before = node_requests(nodes[0]);
	while (!engine_is_done(engine))
		engine_step(engine);
	assert_true(before <= 12);
	assert_int_equal(engine_tally(engine)->purged, 100);
	engine_end(engine, nodes, 1);
}

static void say_modified(
	struct fake *fake, struct work *work, const struct http_answer *answer, struct finding *io
) {
	(void)fake, (void)work;
	if (answer->status == 412)
		io->verdict = VERDICT_RECHECK;
}

static void leave_modified(struct fake *fake, const struct work_pair *pair) {
	(void)fake;
	pair->out->finding.verdict = VERDICT_LEFT;
	pair->out->finding.reason = REASON_MODIFIED;
}

static void a_target_may_ask_to_be_judged_again(void **state) {
	(void)state;
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 10);
	engine->fake.on_judge = say_modified;
	engine->fake.on_check = leave_modified;
	node_script(nodes[0], &(struct node_step){.status = 412, .target = "/5", .times = -1});
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine_tally(engine)->purged, 9);
	assert_int_equal(engine_tally(engine)->left[REASON_MODIFIED], 1);
	assert_int_equal(node_requests(nodes[0]), 10);
	engine_end(engine, nodes, 1);
}

static void failed_rows_are_deferred_when_asked(void **state) {
	(void)state;
	struct node *nodes[1];
	struct engine *engine = engine_with_nodes(nodes, 1, 10);
	engine->worker_options.defer_failed = true;
	node_script(nodes[0], &(struct node_step){.status = 400, .times = 3});
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(engine->fake.deferred, 3);
	assert_int_equal(engine_tally(engine)->purged, 7);
	engine_end(engine, nodes, 1);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(purges_all_when_nothing_is_wrong),
		cmocka_unit_test(candidates_that_the_scan_did_not_judge_are_checked_first),
		cmocka_unit_test(what_the_check_finds_live_is_never_sent),
		cmocka_unit_test(a_judgement_that_grew_old_in_the_lane_is_made_again),
		cmocka_unit_test(a_busy_node_is_asked_again_until_it_works),
		cmocka_unit_test(a_row_that_stays_busy_fails_after_its_attempts),
		cmocka_unit_test(a_node_that_is_only_busy_does_not_hold_up_the_end),
		cmocka_unit_test(four_hundreds_are_the_rows_own_failure),
		cmocka_unit_test(a_first_refusal_is_tried_again_with_a_fresh_signature),
		cmocka_unit_test(one_row_that_is_refused_is_that_rows_failure),
		cmocka_unit_test(five_refused_rows_stop_the_node_and_no_other),
		cmocka_unit_test(a_dead_node_costs_a_few_requests_and_no_other_node),
		cmocka_unit_test(a_node_that_comes_back_is_used_again),
		cmocka_unit_test(a_node_that_hangs_costs_time_outs_and_no_other_node),
		cmocka_unit_test(broken_answers_never_remove_a_row),
		cmocka_unit_test(retry_after_holds_the_whole_node),
		cmocka_unit_test(a_target_may_ask_to_be_judged_again),
		cmocka_unit_test(failed_rows_are_deferred_when_asked),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
