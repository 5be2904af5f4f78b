// SPDX-License-Identifier: MPL-2.0
// many_lanes_test: tasks of many calls beside others, and calls that a check puts in the place of
// others.
#include "support/test.h"

#include "common/http/http_message.h"
#include "common/target/target_calls.h"
#include "support/engine.h"
#include "support/node.h"

#include <stdio.h>

enum { PATIENCE_MS = 60000 };

// The fake target, but what `calls` says otherwise.
struct scene {
	struct engine *engine;
	struct node *nodes[2];
	size_t node_count;
	struct target_calls calls;
	struct target target;
};

static const struct target_calls *many;

static void scene_begin(struct scene *scene, size_t node_count, int64_t count, int64_t calls_each) {
	many = fake_target_of_many.calls;
	*scene = (struct scene){
		.node_count = node_count,
		.calls = *many,
		.target = fake_target_of_many,
	};
	scene->engine = engine_with_nodes(scene->nodes, node_count, count);
	scene->target.calls = &scene->calls;
	scene->engine->target = &scene->target;
	scene->engine->fake.calls_each = calls_each;
	scene->engine->worker_options.lane.patience_ms = PATIENCE_MS;
}

static void scene_end(struct scene *scene) {
	engine_end(scene->engine, scene->nodes, scene->node_count);
}

// --- the ids of the calls change with a check

enum { OTHER = 1000 };
static bool has_other_ids;

static int next_by_ids(
	const void *config,
	const struct work *work,
	size_t index,
	struct call_plan *out,
	struct finding *why
) {
	int found = many->next(config, work, index, out, why);

	if (found > 0 && has_other_ids)
		out->id += OTHER;
	return found;
}

static int make_by_ids(
	const void *config,
	const struct work *work,
	int64_t id,
	const struct send_moment *moment,
	struct http_request *out,
	struct finding *why
) {
	return many->make(config, work, id % OTHER, moment, out, why);
}

static void take_by_ids(
	const void *config,
	struct work *work,
	int64_t id,
	const struct http_answer *answer,
	struct finding *io
) {
	many->take(config, work, id % OTHER, answer, io);
	if (answer->status == 412)
		io->verdict = VERDICT_RECHECK;
}

static void change_ids(struct fake *fake, const struct work_pair *pair) {
	(void)fake, (void)pair;
	has_other_ids = true;
}

static void a_check_may_change_which_calls_there_are(void **state) {
	(void)state;
	struct scene scene;
	scene_begin(&scene, 1, 1, FAKE_CALLS_AT_ONCE);
	scene.calls.next = next_by_ids;
	scene.calls.make = make_by_ids;
	scene.calls.take = take_by_ids;
	has_other_ids = false;
	scene.engine->fake.on_check = change_ids;
	node_script(
		scene.nodes[0], &(struct node_step){.status = 412, .times = FAKE_CALLS_AT_ONCE}
	);
	engine_open(scene.engine);
	engine_run_pass(scene.engine);
	assert_int_equal(engine_tally(scene.engine)->purged, 1);
	scene_end(&scene);
}

// --- one task of many calls, the others of one

static int next_of_first(
	const void *config,
	const struct work *work,
	size_t index,
	struct call_plan *out,
	struct finding *why
) {
	int found = many->next(config, work, index, out, why);

	return work->candidate->key > 0 && (index > 0 || out->id > 0) ? 0 : found;
}

static void a_long_task_takes_turns_with_the_others_of_its_node(void **state) {
	(void)state;
	struct scene scene;
	scene_begin(&scene, 1, 100, 1000);
	scene.calls.next = next_of_first;
	scene.engine->worker_options.lane.inflight_start = 4;
	scene.engine->worker_options.lane.inflight_max = 4;
	node_default(scene.nodes[0], &(struct node_step){.delay_ms = 5});
	engine_open(scene.engine);
	engine_start_pass(scene.engine);
	while (engine_tally(scene.engine)->requests_done < 1000)
		engine_step(scene.engine);
	assert_true(engine_tally(scene.engine)->purged > 50);
	while (!engine_is_done(scene.engine))
		engine_step(scene.engine);
	// Its book wants as many calls of each.
	scene.engine->fake.removed_unasked = 0;
	scene_end(&scene);
}

// --- every third task has a call to the second node, too

static const char *site_of(const struct scene *scene, const struct work *work, int64_t id) {
	return node_url(scene->nodes[work->candidate->key % 3 == 0 && id == 0]);
}

static const struct scene *place;

static int next_by_site(
	const void *config,
	const struct work *work,
	size_t index,
	struct call_plan *out,
	struct finding *why
) {
	int found = many->next(config, work, index, out, why);

	snprintf(out->origin, sizeof(out->origin), "%s", site_of(place, work, out->id));
	return found;
}

static int make_by_site(
	const void *config,
	const struct work *work,
	int64_t id,
	const struct send_moment *moment,
	struct http_request *out,
	struct finding *why
) {
	char url[200];

	(void)config, (void)moment, (void)why;
	snprintf(
		url,
		sizeof(url),
		"%s/%d/%d/",
		site_of(place, work, id),
		(int)work->candidate->key,
		(int)id
	);
	out->method = "DELETE";
	return http_request_url(out, url);
}

static void a_node_that_hangs_holds_up_no_task_of_another_one(void **state) {
	(void)state;
	struct scene scene;
	scene_begin(&scene, 2, 300, 2);
	place = &scene;
	scene.calls.next = next_by_site;
	scene.calls.make = make_by_site;
	scene.engine->worker_options.window = 400;
	scene.engine->worker_options.check_ttl_ms = 300;
	scene.engine->worker_options.http.inflight_max = 1000;
	scene.engine->worker_options.http.request_timeout_ms = PATIENCE_MS;
	scene.engine->worker_options.lane.inflight_start = 200;
	scene.engine->worker_options.lane.inflight_max = 200;
	scene.engine->worker_options.lane.rate_per_s = 150;
	node_default(scene.nodes[1], &(struct node_step){.act = NODE_HANG});
	engine_open(scene.engine);
	engine_start_pass(scene.engine);
	while (engine_tally(scene.engine)->purged < 200)
		engine_step(scene.engine);
	node_stop(scene.nodes[1]);
	scene.nodes[1] = node_start();
	producer_stop(scene.engine->producer);
	worker_quit(scene.engine->worker);
	while (!engine_is_done(scene.engine))
		engine_step(scene.engine);
	scene_end(&scene);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_check_may_change_which_calls_there_are),
		cmocka_unit_test(a_long_task_takes_turns_with_the_others_of_its_node),
		cmocka_unit_test(a_node_that_hangs_holds_up_no_task_of_another_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
