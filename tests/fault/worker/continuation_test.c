// SPDX-License-Identifier: MPL-2.0
// continuation_test: a task that is too long for its partition leaves, and what is left of it goes
// on. A source on librdkafka's mock cluster, a worker, and the fake target.
#include "support/test.h"

#include "common/base/clock.h"
#include "support/engine.h"
#include "support/node.h"
#include "support/source_scene.h"

#include <poll.h>

enum { NODES = 6, CALLS = 1000, HOLD_UP_MS = 200, FAILURES = 60 };

// Of the scene's records only the first one has calls.
struct story {
	struct scene *scene;
	struct node *nodes[NODES];
	struct engine engine; // its options and fake target
	struct worker *worker;
};

static void open_story(struct story *story) {
	struct worker_setup setup = {
		.target = &fake_target_of_many,
		.config = &story->engine.fake,
		.options = &story->engine.worker_options,
	};

	scene_open(story->scene);
	setup.queue = story->scene->queue;
	assert_int_equal(worker_new(&story->worker, &setup), 0);
	worker_begin_pass(story->worker);
}

static void close_story(struct story *story) {
	worker_free(story->worker);
	scene_close(story->scene);
}

static void begin_story(struct story *story) {
	story->scene = scene_begin();
	scene_close(story->scene);
	story->scene->setup.hold_up_ms = HOLD_UP_MS;
	engine_init(&story->engine, RECORDS);
	story->engine.fake.calls_each = CALLS;
	story->engine.fake.request_every = RECORDS;
	story->engine.fake.node_count = NODES;
	story->engine.worker_options.window = FAKE_CALLS_AT_ONCE;
	for (size_t i = 0; i < NODES; i++) {
		story->nodes[i] = node_start();
		node_default(story->nodes[i], &(struct node_step){.delay_ms = 10});
		node_script(story->nodes[i], &(struct node_step){.times = 20, .delay_ms = 5});
		node_script(
			story->nodes[i],
			&(struct node_step){.status = 503, .times = FAILURES / NODES}
		);
		story->engine.fake.nodes[i] = node_url(story->nodes[i]);
	}
	fake_init(&story->engine.fake);
	open_story(story);
}

static void end_story(struct story *story) {
	worker_free(story->worker);
	scene_end(story->scene);
	for (size_t i = 0; i < NODES; i++)
		node_stop(story->nodes[i]);
	fake_fini(&story->engine.fake);
	queue_memory_free(story->engine.queue);
}

static void step(struct story *story) {
	struct scene *scene = story->scene;
	struct pollfd fd = {.fd = source_fd(scene->source), .events = POLLIN};
	int64_t wait_ms;

	source_serve(scene->source, clock_mono_ms());
	worker_sweep(story->worker);
	wait_ms = source_wait_ms(scene->source, clock_mono_ms());
	worker_step(story->worker, &fd, 1, wait_ms < 100 ? wait_ms : 100);
	if (clock_mono_ms() > scene->give_up_ms)
		fail_msg("it takes too long; last error: %s", source_error(scene->source));
}

static void run_until_drained(struct story *story) {
	while (!source_is_drained(story->scene->source) || worker_in_work(story->worker) > 0)
		step(story);
}

static size_t requests(const struct story *story) {
	size_t count = 0;

	for (size_t i = 0; i < NODES; i++)
		count += node_requests(story->nodes[i]);
	return count;
}

static void a_task_that_holds_up_its_partition_leaves_and_goes_on_where_it_was(void **state) {
	(void)state;
	struct story story;
	begin_story(&story);
	run_until_drained(&story);
	assert_true(source_counts(story.scene->source)->retried >= 2);
	assert_int_equal(source_counts(story.scene->source)->dead, 0);
	assert_int_equal(fake_removed(&story.engine.fake), RECORDS);
	assert_int_equal(story.engine.fake.removed_unasked, 0);
	assert_int_equal(story.engine.fake.requested_twice, 0);
	assert_int_equal(requests(&story), CALLS + FAILURES);
	assert_int_equal(scene_committed(story.scene), RECORDS);
	end_story(&story);
}

static void what_was_killed_goes_on_from_where_it_last_left(void **state) {
	(void)state;
	struct story story;
	size_t before;
	begin_story(&story);
	while (source_counts(story.scene->source)->retried < 2)
		step(&story);
	before = requests(&story);
	while (requests(&story) < before + 20)
		step(&story);
	close_story(&story); // before it left again
	before = requests(&story);
	assert_true(before < CALLS);
	open_story(&story);
	run_until_drained(&story);
	assert_int_equal(story.engine.fake.removed_unasked, 0);
	assert_true(story.engine.fake.removed[0]);
	// It was at 20 calls and more before that, and far from the end.
	assert_in_range(requests(&story), CALLS + FAILURES, CALLS + FAILURES + 400);
	end_story(&story);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_task_that_holds_up_its_partition_leaves_and_goes_on_where_it_was
		),
		cmocka_unit_test(what_was_killed_goes_on_from_where_it_last_left),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
