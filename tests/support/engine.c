// SPDX-License-Identifier: MPL-2.0
// engine: producer, queue and worker around a fake target.
#include "support/test.h"

#include "support/engine.h"

#include "common/base/clock.h"
#include "support/node.h"

#include <stdlib.h>

enum { GIVE_UP_MS = 120 * 1000 };

void engine_init(struct engine *engine, int64_t count) {
	*engine = (struct engine){
		.fake = {.count = count, .judged_by_scan = true},
		.target = &fake_target,
		.worker_options =
			{
				.window = 256,
				.batch_rows = 50,
				.batch_threads = 2,
				.linger_ms = 1,
				.check_ttl_ms = 10000,
				.reconnect_ms = 100,
				.http =
					{
						.inflight_max = 64,
						.request_timeout_ms = 20000,
						.connect_timeout_ms = 20000,
						.user_agent = "purgefleet/test",
						.body_drop_bytes = 4096,
					},
				.lane =
					{
						.inflight_start = 16,
						.inflight_max = 16,
						.breaker_failures = 5,
						.probe_interval_ms = 20,
						.denied_rows = 5,
						.patience_ms = 500,
						.hold_max_ms = 5000,
					},
				.retry =
					{
						.attempts = 6,
						.base_ms = 2,
						.ceiling_ms = 20,
						.time_ms = 5000,
						.hold_time_ms = 5000,
					},
			},
		.producer_options = {.page_rows = 100, .backlog_ms = 5000, .estimate_ms = 5000},
		.queue = queue_memory_new(256),
	};
	assert_non_null(engine->queue);
}

static void on_wake(void *ctx) {
	worker_wake(((struct engine *)ctx)->worker);
}

void engine_open(struct engine *engine) {
	struct worker_setup worker = {
		.target = engine->target,
		.config = &engine->fake,
		.options = &engine->worker_options,
	};
	struct producer_setup producer = {
		.target = engine->target,
		.config = &engine->fake,
		.hooks = engine->producer_hooks,
		.options = &engine->producer_options,
		.wake = on_wake,
		.wake_ctx = engine,
	};

	fake_init(&engine->fake);
	if (engine->take == NULL)
		engine->take = queue_memory_take_side(engine->queue);
	producer.queue = queue_memory_put_side(engine->queue);
	worker.queue = engine->take;
	assert_int_equal(worker_new(&engine->worker, &worker), 0);
	assert_int_equal(producer_new(&engine->producer, &producer), 0);
}

void engine_close(struct engine *engine) {
	producer_stop(engine->producer);
	producer_free(engine->producer);
	worker_free(engine->worker);
	queue_memory_free(engine->queue);
	fake_fini(&engine->fake);
}

void engine_start_pass(struct engine *engine) {
	engine->pass_ended = false;
	worker_begin_pass(engine->worker);
	producer_start_pass(engine->producer, false);
}

void engine_step(struct engine *engine) {
	worker_step(engine->worker, NULL, 0, 100);
	if (!engine->pass_ended)
		engine->pass_ended = producer_take_report(engine->producer, &engine->report);
}

bool engine_is_done(struct engine *engine) {
	return engine->pass_ended && worker_in_work(engine->worker) == 0;
}

void engine_run_pass(struct engine *engine) {
	int64_t give_up_ms = clock_mono_ms() + GIVE_UP_MS;

	engine_start_pass(engine);
	while (!engine_is_done(engine)) {
		engine_step(engine);
		if (clock_mono_ms() > give_up_ms)
			fail_msg(
				"the pass does not end: %zu in work", worker_in_work(engine->worker)
			);
	}
}

const struct tally *engine_tally(const struct engine *engine) {
	return worker_tally(engine->worker);
}

struct engine *engine_with_nodes(struct node **nodes, size_t node_count, int64_t count) {
	struct engine *engine = malloc(sizeof(*engine));

	assert_non_null(engine);
	engine_init(engine, count);
	for (size_t i = 0; i < node_count; i++) {
		nodes[i] = node_start();
		engine->fake.nodes[i] = node_url(nodes[i]);
	}
	engine->fake.node_count = node_count;
	return engine;
}

void engine_end(struct engine *engine, struct node **nodes, size_t node_count) {
	assert_int_equal(engine->fake.removed_unasked, 0);
	assert_int_equal(engine->fake.removed_twice, 0);
	engine_close(engine);
	for (size_t i = 0; i < node_count; i++)
		node_stop(nodes[i]);
	free(engine);
}

void engine_assert_all_have_a_fate(const struct engine *engine) {
	const struct tally *tally = engine_tally(engine);

	assert_int_equal(tally_finished(tally), engine->fake.count);
	assert_int_equal(tally->failed[REASON_NONE], 0);
	assert_int_equal(tally->left[REASON_NONE], 0);
}
