// SPDX-License-Identifier: MPL-2.0
// tried_again_test: what is known of a row from before, when it is judged again or leaves.
#include "support/test.h"

#include "support/engine.h"
#include "support/node.h"
#include "support/witness.h"

#include <errno.h>

static void why_it_failed_is_said_though_it_was_judged_again(void **state) {
	(void)state;
	struct node *node;
	struct witness witness;
	struct engine *engine = engine_with_nodes(&node, 1, 40);
	engine->worker_options.check_ttl_ms = 30;
	engine->worker_options.retry.attempts = 50;
	engine->worker_options.retry.base_ms = engine->worker_options.retry.ceiling_ms = 150;
	engine->worker_options.lane.inflight_start = engine->worker_options.lane.inflight_max = 40;
	engine->worker_options.lane.breaker_failures = 60;
	engine->worker_options.lane.probe_interval_ms = 1000;
	engine->worker_options.lane.patience_ms = 400;
	node_refuse(node);
	witness_watch(&witness, engine);
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(witness.finished, 40);
	assert_true(engine->fake.checks > 0);
	assert_int_equal(witness.wordless, 0);
	engine_end(engine, &node, 1);
}

static int lose_first_commit(struct fake *fake, const struct work_pair *pairs, size_t count) {
	if (fake->user != NULL)
		return 0;
	fake->user = fake;
	for (size_t i = 0; i < count; i++)
		pairs[i].out->commit_unknown = true;
	return -EAGAIN;
}

static int fail_then(struct fake *fake) {
	return fake->user == NULL ? 0 : -EIO;
}

static void a_row_that_may_be_gone_counts_though_its_check_fails(void **state) {
	(void)state;
	struct engine *engine = engine_with_nodes(NULL, 0, 2);
	engine->fake.all_counted = true;
	engine->worker_options.max_records = 1;
	engine->worker_options.check_ttl_ms = 30;
	engine->worker_options.batch_rows = 1;
	engine->worker_options.batch_threads = 1;
	engine->worker_options.retry.base_ms = engine->worker_options.retry.ceiling_ms = 300;
	engine->fake.on_remove = lose_first_commit;
	engine->fake.on_check_batch = fail_then;
	engine_open(engine);
	engine_run_pass(engine);
	assert_int_equal(tally_failed(engine_tally(engine)), 1);
	assert_int_equal(engine_tally(engine)->purged, 0);
	assert_int_equal(engine_tally(engine)->left[REASON_LIMIT], 1);
	engine_end(engine, NULL, 0);
}

// Its first call is on its way, and the others wait for their lane.
static void one_that_only_holds_up_others_has_not_failed(void **state) {
	(void)state;
	struct node *node;
	struct witness witness;
	struct engine *engine = engine_with_nodes(&node, 1, 1);
	engine->target = &fake_target_of_many;
	engine->fake.calls_each = 3;
	engine->worker_options.lane.inflight_start = engine->worker_options.lane.inflight_max = 1;
	node_default(node, &(struct node_step){.delay_ms = 300});
	witness_watch(&witness, engine);
	engine_open(engine);
	engine_start_pass(engine);
	while (engine_tally(engine)->requests < 1)
		engine_step(engine);
	witness.lease.leave_before_ms = INT64_MAX;
	worker_sweep(engine->worker);
	while (!engine_is_done(engine))
		engine_step(engine);
	assert_int_equal(witness.fate.verdict, VERDICT_POSTPONED);
	assert_int_equal(witness.fate.reason, REASON_HELD);
	engine_end(engine, &node, 1);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(why_it_failed_is_said_though_it_was_judged_again),
		cmocka_unit_test(a_row_that_may_be_gone_counts_though_its_check_fails),
		cmocka_unit_test(one_that_only_holds_up_others_has_not_failed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
