// SPDX-License-Identifier: MPL-2.0
// lease_test: what the engine does with candidates that are no longer ours, or that hold up others.
#include "support/test.h"

#include "support/engine.h"
#include "support/node.h"

#include <stdlib.h>
#include <string.h>

enum { COUNT = 200, HALF = COUNT / 2 };

// The take side of the queue in memory, but its candidates are lent: those below HALF by the first
// lease.
struct lender {
	struct queue_take side; // first
	struct queue_take *memory;
	struct lease leases[2];
	struct fate fates[COUNT]; // by key
	char messages[COUNT][64];
	size_t finished;
};

static struct lender *of(struct queue_take *side) {
	return (struct lender *)side;
}

static size_t lend(struct queue_take *side, struct candidate **out, size_t max) {
	struct lender *lender = of(side);
	size_t count = lender->memory->ops->take(lender->memory, out, max);

	for (size_t i = 0; i < count; i++)
		out[i]->origin.lease = &lender->leases[out[i]->key < HALF ? 0 : 1];
	return count;
}

static int fd_of(const struct queue_take *side) {
	const struct lender *lender = (const struct lender *)side;

	return lender->memory->ops->fd(lender->memory);
}

static void take_back(
	struct queue_take *side, struct candidate *candidate, const struct fate *fate
) {
	struct lender *lender = of(side);
	char *message = lender->messages[candidate->key];

	lender->finished++;
	lender->fates[candidate->key] = *fate;
	strncpy(message, fate->message, sizeof(lender->messages[0]) - 1);
	lender->memory->ops->finish(lender->memory, candidate, fate);
}

static void stop(struct queue_take *side) {
	of(side)->memory->ops->stop(of(side)->memory);
}

static const struct queue_take_ops lender_ops = {
	.take = lend,
	.fd = fd_of,
	.finish = take_back,
	.stop = stop,
};

struct scene {
	struct engine engine;
	struct node *node;
	struct lender lender;
};

static struct scene *scene_new(void) {
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	engine_init(&scene->engine, COUNT);
	scene->node = node_start();
	scene->engine.fake.nodes[0] = node_url(scene->node);
	scene->engine.fake.node_count = 1;
	scene->lender.side.ops = &lender_ops;
	scene->lender.memory = queue_memory_take_side(scene->engine.queue);
	scene->engine.take = &scene->lender.side;
	return scene;
}

static void scene_end(struct scene *scene) {
	assert_int_equal(scene->engine.fake.removed_unasked, 0);
	assert_int_equal(scene->engine.fake.removed_twice, 0);
	assert_int_equal(scene->lender.finished, COUNT);
	engine_close(&scene->engine);
	node_stop(scene->node);
	free(scene);
}

static void run_to_the_end(struct engine *engine) {
	while (!engine_is_done(engine))
		engine_step(engine);
}

static void revoke_first(struct scene *scene) {
	scene->lender.leases[0].revoked = true;
	worker_sweep(scene->engine.worker);
}

static void nothing_is_removed_once_the_lease_is_revoked(void **state) {
	(void)state;
	struct scene *scene = scene_new();
	struct engine *engine = &scene->engine;
	// Removes wait for a full batch, which never comes.
	engine->worker_options.linger_ms = 60000;
	engine->worker_options.batch_rows = HALF;
	engine_open(engine);
	engine_start_pass(engine);
	while (engine_tally(engine)->requests_done < 10)
		engine_step(engine);
	revoke_first(scene);
	run_to_the_end(engine);
	for (int key = 0; key < HALF; key++)
		assert_int_equal(engine->fake.removed[key], 0);
	assert_int_equal(engine_tally(engine)->purged, HALF);
	assert_int_equal(engine_tally(engine)->abandoned, HALF);
	scene_end(scene);
}

static void what_waits_for_its_node_is_not_sent_once_revoked(void **state) {
	(void)state;
	struct scene *scene = scene_new();
	struct engine *engine = &scene->engine;
	engine->worker_options.lane.inflight_max = 4;
	engine_open(engine);
	node_default(scene->node, &(struct node_step){.delay_ms = 5});
	engine_start_pass(engine);
	while (engine_tally(engine)->requests < 20)
		engine_step(engine);
	revoke_first(scene);
	size_t before = (size_t)engine_tally(engine)->requests;
	run_to_the_end(engine);
	assert_int_equal(engine_tally(engine)->requests, before + HALF);
	assert_true(engine_tally(engine)->abandoned > 0);
	assert_int_equal(engine_tally(engine)->purged + engine_tally(engine)->abandoned, COUNT);
	for (int key = HALF; key < COUNT; key++)
		assert_int_equal(engine->fake.removed[key], 1);
	scene_end(scene);
}

static void a_task_that_waits_for_a_retry_is_dropped_too(void **state) {
	(void)state;
	struct scene *scene = scene_new();
	struct engine *engine = &scene->engine;
	engine->worker_options.retry.base_ms = engine->worker_options.retry.ceiling_ms = 60000;
	engine->worker_options.retry.time_ms = 600000;
	engine->worker_options.lane.patience_ms = 600000;
	engine_open(engine);
	node_script(scene->node, &(struct node_step){.status = 503, .target = "/0", .times = -1});
	engine_start_pass(engine);
	while (engine_tally(engine)->purged < COUNT - 1)
		engine_step(engine);
	revoke_first(scene);
	assert_int_equal(worker_in_work(engine->worker), 0);
	run_to_the_end(engine);
	assert_int_equal(engine_tally(engine)->abandoned, 1);
	assert_int_equal(engine_tally(engine)->failed[REASON_HTTP_5XX], 0);
	scene_end(scene);
}

// Those that are out when the lease is revoked.
static void expect_nothing_more_after(int status) {
	struct scene *scene = scene_new();
	struct engine *engine = &scene->engine;
	engine->worker_options.lane.inflight_max = 4;
	engine_open(engine);
	node_script(scene->node, &(struct node_step){.status = status, .delay_ms = 50, .times = 4});
	engine_start_pass(engine);
	while (engine_tally(engine)->requests == 0)
		engine_step(engine);
	size_t before = (size_t)engine_tally(engine)->requests;
	revoke_first(scene);
	run_to_the_end(engine);
	assert_int_equal(node_requests(scene->node), before + HALF);
	assert_int_equal(engine_tally(engine)->abandoned, HALF);
	scene_end(scene);
}

static void what_is_to_be_tried_again_is_not_once_revoked(void **state) {
	(void)state;
	expect_nothing_more_after(401);
	expect_nothing_more_after(503);
}

static void those_that_hold_up_others_leave_when_they_wait(void **state) {
	(void)state;
	struct scene *scene = scene_new();
	struct engine *engine = &scene->engine;
	engine->worker_options.lane.inflight_max = 1;
	engine_open(engine);
	node_default(scene->node, &(struct node_step){.delay_ms = 100});
	engine_start_pass(engine);
	while (engine_tally(engine)->requests < 2 || engine_tally(engine)->taken < COUNT)
		engine_step(engine);
	scene->lender.leases[0].leave_before_ms = INT64_MAX;
	scene->lender.leases[1].leave_before_ms = INT64_MAX;
	worker_sweep(engine->worker);
	run_to_the_end(engine);
	assert_int_equal(
		engine_tally(engine)->purged + tally_postponed(engine_tally(engine)), COUNT
	);
	assert_true(tally_postponed(engine_tally(engine)) > COUNT / 2);
	assert_int_equal(scene->lender.fates[COUNT - 1].verdict, VERDICT_POSTPONED);
	assert_int_equal(scene->lender.fates[COUNT - 1].reason, REASON_HELD);
	scene_end(scene);
}

// All that it may have out is out whenever somebody looks.
static void a_task_that_holds_up_others_plans_no_more_calls(void **state) {
	enum { CALLS = 200 };
	(void)state;
	struct scene *scene = scene_new();
	struct engine *engine = &scene->engine;
	engine->target = &fake_target_of_many;
	engine->fake.calls_each = CALLS;
	engine->fake.request_every = COUNT;
	engine->worker_options.lane.inflight_start = 2 * FAKE_CALLS_AT_ONCE;
	engine->worker_options.lane.inflight_max = 2 * FAKE_CALLS_AT_ONCE;
	engine_open(engine);
	node_default(scene->node, &(struct node_step){.delay_ms = 5});
	engine_start_pass(engine);
	while (engine_tally(engine)->requests_done < 20)
		engine_step(engine);
	scene->lender.leases[0].leave_before_ms = INT64_MAX;
	run_to_the_end(engine);
	assert_int_equal(scene->lender.fates[0].verdict, VERDICT_POSTPONED);
	assert_int_equal(scene->lender.fates[0].reason, REASON_HELD);
	assert_in_range(node_requests(scene->node), 20, CALLS / 2);
	scene_end(scene);
}

static void the_queue_is_told_the_whole_fate(void **state) {
	(void)state;
	struct scene *scene = scene_new();
	struct engine *engine = &scene->engine;
	engine_open(engine);
	node_script(scene->node, &(struct node_step){.status = 400, .target = "/3", .times = -1});
	node_script(scene->node, &(struct node_step){.status = 503, .target = "/4", .times = -1});
	engine_run_pass(engine);
	assert_int_equal(scene->lender.fates[2].verdict, VERDICT_DONE);
	assert_int_equal(scene->lender.fates[3].verdict, VERDICT_FAILED);
	assert_int_equal(scene->lender.fates[3].reason, REASON_HTTP_4XX);
	assert_int_equal(scene->lender.fates[3].status, 400);
	assert_int_equal(scene->lender.fates[3].attempts, 1);
	assert_string_equal(scene->lender.messages[3], "status 400");
	assert_int_equal(scene->lender.fates[4].reason, REASON_HTTP_5XX);
	assert_int_equal(scene->lender.fates[4].status, 503);
	assert_int_equal(scene->lender.fates[4].attempts, 6);
	scene_end(scene);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_removed_once_the_lease_is_revoked),
		cmocka_unit_test(what_waits_for_its_node_is_not_sent_once_revoked),
		cmocka_unit_test(a_task_that_waits_for_a_retry_is_dropped_too),
		cmocka_unit_test(what_is_to_be_tried_again_is_not_once_revoked),
		cmocka_unit_test(those_that_hold_up_others_leave_when_they_wait),
		cmocka_unit_test(a_task_that_holds_up_others_plans_no_more_calls),
		cmocka_unit_test(the_queue_is_told_the_whole_fate),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
