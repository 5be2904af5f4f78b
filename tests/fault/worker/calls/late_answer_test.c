// SPDX-License-Identifier: MPL-2.0
// late_answer_test: what an answer means that comes when its task was to end, or to be judged
// again.
#include "support/test.h"

#include "common/base/clock.h"
#include "support/engine.h"
#include "support/node.h"
#include "support/witness.h"

#include <stdlib.h>

enum { NODES = 3, SLOW_MS = 50, DAY_MS = 24 * 3600 * 1000 };

struct scene {
	struct engine *engine;
	struct node *nodes[NODES];
	struct witness witness;
};

static void say_modified(
	struct fake *fake, struct work *work, const struct http_answer *answer, struct finding *io
) {
	(void)fake, (void)work;
	if (answer->status == 412)
		io->verdict = VERDICT_RECHECK;
}

// One task with a call to each node. Those of the first are answered at once, those of the second
// late.
static struct scene *scene_new(int first_status, int second_status) {
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	scene->engine = engine_with_nodes(scene->nodes, NODES, 1);
	scene->engine->target = &fake_target_of_many;
	scene->engine->fake.calls_each = NODES;
	scene->engine->fake.on_judge = say_modified;
	node_script(scene->nodes[0], &(struct node_step){.status = first_status});
	node_script(
		scene->nodes[1], &(struct node_step){.status = second_status, .delay_ms = SLOW_MS}
	);
	witness_watch(&scene->witness, scene->engine);
	return scene;
}

static void scene_end(struct scene *scene) {
	engine_end(scene->engine, scene->nodes, NODES);
	free(scene);
}

// As a dead letter says it: a 401 would be tried again later.
static void the_end_bears_the_status_of_the_answer_that_ended_it(void **state) {
	(void)state;
	struct scene *scene = scene_new(400, 401);
	engine_open(scene->engine);
	engine_run_pass(scene->engine);
	assert_int_equal(scene->witness.fate.verdict, VERDICT_FAILED);
	assert_int_equal(scene->witness.fate.reason, REASON_HTTP_4XX);
	assert_int_equal(scene->witness.fate.status, 400);
	scene_end(scene);
}

static void a_task_that_ends_is_not_judged_again(void **state) {
	(void)state;
	struct scene *scene = scene_new(400, 412);
	engine_open(scene->engine);
	engine_run_pass(scene->engine);
	assert_int_equal(scene->witness.fate.verdict, VERDICT_FAILED);
	assert_int_equal(scene->witness.fate.status, 400);
	assert_int_equal(scene->engine->fake.checks, 0);
	assert_int_equal(node_requests(scene->nodes[0]), 1);
	assert_int_equal(node_requests(scene->nodes[1]), 1);
	scene_end(scene);
}

static void a_refusal_counts_though_the_task_was_to_be_judged_again(void **state) {
	(void)state;
	struct scene *scene = scene_new(412, 400);
	engine_open(scene->engine);
	engine_run_pass(scene->engine);
	assert_int_equal(engine_tally(scene->engine)->failed[REASON_HTTP_4XX], 1);
	assert_int_equal(scene->witness.fate.status, 400);
	assert_int_equal(node_requests(scene->nodes[1]), 1);
	scene_end(scene);
}

static void the_last_attempt_counts_though_the_task_was_to_be_judged_again(void **state) {
	(void)state;
	struct scene *scene = scene_new(412, 503);
	scene->engine->worker_options.retry.attempts = 1;
	engine_open(scene->engine);
	engine_run_pass(scene->engine);
	assert_int_equal(engine_tally(scene->engine)->failed[REASON_HTTP_5XX], 1);
	assert_int_equal(node_requests(scene->nodes[1]), 1);
	scene_end(scene);
}

static void a_second_denial_counts_though_the_task_was_to_be_judged_again(void **state) {
	(void)state;
	struct scene *scene = scene_new(412, 401);
	node_script(scene->nodes[1], &(struct node_step){.status = 401});
	engine_open(scene->engine);
	engine_run_pass(scene->engine);
	assert_int_equal(engine_tally(scene->engine)->denied, 1);
	assert_int_equal(node_requests(scene->nodes[1]), 2);
	scene_end(scene);
}

static void two_answers_that_ask_for_it_have_it_judged_again_once(void **state) {
	(void)state;
	struct scene *scene = scene_new(412, 412);
	engine_open(scene->engine);
	engine_run_pass(scene->engine);
	assert_int_equal(engine_tally(scene->engine)->purged, 1);
	assert_int_equal(scene->engine->fake.checks, 1);
	scene_end(scene);
}

static void a_call_waits_for_its_time_though_its_task_was_judged_again(void **state) {
	(void)state;
	struct scene *scene = scene_new(412, 503);
	struct engine *engine = scene->engine;
	// A time of which the first second is as good as none.
	engine->worker_options.retry.base_ms = engine->worker_options.retry.ceiling_ms = DAY_MS;
	engine->worker_options.retry.time_ms = DAY_MS;
	engine_open(engine);
	engine_start_pass(engine);
	while (node_requests(scene->nodes[0]) < 2 || engine_tally(engine)->requests_done < 2)
		engine_step(engine);
	assert_int_equal(engine->fake.checks, 1);
	assert_int_equal(engine_tally(engine)->retries, 1);
	for (int i = 0; i < 5; i++)
		engine_step(engine);
	assert_int_equal(node_requests(scene->nodes[1]), 1);
	producer_stop(engine->producer);
	worker_quit(engine->worker);
	while (!engine_is_done(engine))
		engine_step(engine);
	assert_int_equal(tally_postponed(engine_tally(engine)), 1);
	scene_end(scene);
}

// The third call is out for long meanwhile.
static void nothing_is_sent_between_the_doubt_and_the_check(void **state) {
	// Tried again after a while, at once.
	static const int statuses[] = {503, 401};
	(void)state;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		struct scene *scene = scene_new(412, statuses[i]);
		struct engine *engine = scene->engine;
		node_script(scene->nodes[2], &(struct node_step){.delay_ms = 3000});
		engine_open(engine);
		engine_start_pass(engine);
		while (engine_tally(engine)->retries < 1)
			engine_step(engine);
		// Longer than any pause before the second attempt.
		for (int64_t end_ms = clock_mono_ms() + 500; clock_mono_ms() < end_ms;)
			worker_step(engine->worker, NULL, 0, 10);
		assert_int_equal(engine->fake.checks, 0);
		for (size_t n = 0; n < NODES; n++)
			assert_int_equal(node_requests(scene->nodes[n]), 1);
		while (!engine_is_done(engine))
			engine_step(engine);
		assert_int_equal(engine_tally(engine)->purged, 1);
		scene_end(scene);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_end_bears_the_status_of_the_answer_that_ended_it),
		cmocka_unit_test(a_task_that_ends_is_not_judged_again),
		cmocka_unit_test(a_refusal_counts_though_the_task_was_to_be_judged_again),
		cmocka_unit_test(the_last_attempt_counts_though_the_task_was_to_be_judged_again),
		cmocka_unit_test(a_second_denial_counts_though_the_task_was_to_be_judged_again),
		cmocka_unit_test(two_answers_that_ask_for_it_have_it_judged_again_once),
		cmocka_unit_test(a_call_waits_for_its_time_though_its_task_was_judged_again),
		cmocka_unit_test(nothing_is_sent_between_the_doubt_and_the_check),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
