// SPDX-License-Identifier: MPL-2.0
// pausing_test: when a command rests because of a pause, and when it goes on.
#include "support/test.h"

#include "cli/front/orders.h"
#include "cli/pausing.h"
#include "common/kafka/topics/control_watch.h"

#include <stdio.h>

struct scene {
	struct orders orders;
	struct pausing pausing;
	struct control control;
	int rests, resumes;
};

WRAPS(control_watch_look);

// The watch is the scene.
void __wrap_control_watch_look(struct control_watch *watch, struct control *out) {
	*out = ((const struct scene *)(const void *)watch)->control;
}

static void quiet(void *ctx) {
	((struct scene *)ctx)->rests++;
}

static void resume(void *ctx) {
	((struct scene *)ctx)->resumes++;
}

static const struct orders_actions actions = {.quiet = quiet, .resume = resume};

static int set_up(void **state) {
	static struct scene scene;

	scene = (struct scene){.orders = {.actions = &actions, .ctx = &scene}};
	scene.pausing.watch = (void *)&scene;
	scene.pausing.orders = &scene.orders;
	*state = &scene;
	return 0;
}

static void learn(struct scene *scene, bool is_paused, const char *reason) {
	scene->control = (struct control){.is_paused = is_paused, .since_ms = 5};
	snprintf(scene->control.reason, sizeof(scene->control.reason), "%s", reason);
	pausing_obey(&scene->pausing);
	pausing_obey(&scene->pausing);
}

static void without_a_pause_it_works(void **state) {
	struct scene *scene = *state;

	learn(scene, false, "");
	assert_false(orders_rest(&scene->orders));
	assert_int_equal(scene->rests, 0);
	assert_int_equal(scene->resumes, 0);
}

static void it_rests_from_the_start_on_when_there_is_a_pause(void **state) {
	struct scene *scene = *state;

	learn(scene, true, "a");
	learn(scene, true, "b");
	assert_true(orders_rest(&scene->orders));
	assert_int_equal(scene->rests, 1);
	assert_int_equal(scene->resumes, 0);
	learn(scene, false, "");
	assert_false(orders_rest(&scene->orders));
	assert_int_equal(scene->resumes, 1);
}

static void what_is_not_understood_is_a_pause(void **state) {
	struct scene *scene = *state;

	learn(scene, false, "");
	snprintf(scene->control.fault, sizeof(scene->control.fault), "%s", "it cannot be decoded");
	scene->control.is_paused = true;
	pausing_obey(&scene->pausing);
	assert_true(orders_rest(&scene->orders));
}

static void a_signal_holds_it_beyond_the_pause(void **state) {
	struct scene *scene = *state;

	learn(scene, true, "a");
	scene->orders.is_quiet = true;
	learn(scene, false, "");
	assert_true(orders_rest(&scene->orders));
	assert_int_equal(scene->resumes, 0);
}

static void one_that_stops_is_held_by_nothing_new(void **state) {
	struct scene *scene = *state;

	learn(scene, false, "");
	scene->orders.stopping = true;
	learn(scene, true, "a");
	assert_int_equal(scene->rests, 0);
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(without_a_pause_it_works),
		TEST(it_rests_from_the_start_on_when_there_is_a_pause),
		TEST(what_is_not_understood_is_a_pause),
		TEST(a_signal_holds_it_beyond_the_pause),
		TEST(one_that_stops_is_held_by_nothing_new),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
