// SPDX-License-Identifier: MPL-2.0
// orders_test: what becomes of signals that follow each other.
#include "support/test.h"

#include "cli/front/orders.h"
#include "common/base/log.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

enum { DRAIN_MS = 1000 };

struct scene {
	struct orders orders;
	struct log *log;
	int log_fds[2];
	int stops, cuts, late_cuts, leaves, rests, resumes;
};

static void stop(void *ctx) {
	((struct scene *)ctx)->stops++;
}

static void cut_off(void *ctx, bool is_late) {
	struct scene *scene = ctx;

	scene->cuts++;
	scene->late_cuts += is_late;
}

static void leave(void *ctx) {
	((struct scene *)ctx)->leaves++;
}

static void quiet(void *ctx) {
	((struct scene *)ctx)->rests++;
}

static void resume(void *ctx) {
	((struct scene *)ctx)->resumes++;
}

static const struct orders_actions actions = {
	.stop_words = "stopping",
	.quiet_words = "quiet",
	.stop = stop,
	.cut_off = cut_off,
	.quiet = quiet,
	.resume = resume,
	.leave = leave,
};

static int set_up(void **state) {
	static struct scene scene;

	scene = (struct scene){.orders = {.actions = &actions, .drain_timeout_ms = DRAIN_MS}};
	assert_int_equal(pipe(scene.log_fds), 0);
	scene.log = log_new(scene.log_fds[1], LOG_LEVEL_INFO, false);
	assert_non_null(scene.log);
	scene.orders.ctx = &scene;
	scene.orders.log = scene.log;
	*state = &scene;
	return orders_open(&scene.orders);
}

static int tear_down(void **state) {
	struct scene *scene = *state;

	orders_close(&scene->orders);
	log_free(scene->log);
	close(scene->log_fds[0]);
	close(scene->log_fds[1]);
	return 0;
}

static void send(struct scene *scene, int signal) {
	kill(getpid(), signal);
	orders_obey(&scene->orders, 0);
}

// How many lines have the words, of those that were written since the last call.
static int lines_with(struct scene *scene, const char *words) {
	char text[4096];
	ssize_t len;
	int count = 0;

	LOG(scene->log, LOG_LEVEL_INFO, "end"); // there is something to read
	len = read(scene->log_fds[0], text, sizeof(text) - 1);
	assert_true(len > 0);
	text[len] = '\0';
	for (const char *at = text; (at = strstr(at, words)) != NULL; at++)
		count++;
	return count;
}

static void a_stop_is_asked_for_once_and_a_second_time_cuts_it_off(void **state) {
	struct scene *scene = *state;

	send(scene, SIGTERM);
	assert_int_equal(scene->stops, 1);
	assert_int_equal(scene->cuts, 0);
	orders_keep_deadline(&scene->orders, DRAIN_MS);
	assert_int_equal(scene->cuts, 0);
	orders_keep_deadline(&scene->orders, DRAIN_MS + 1);
	assert_int_equal(scene->late_cuts, 1);
	send(scene, SIGINT);
	assert_int_equal(scene->cuts - scene->late_cuts, 1);
}

static void leaving_for_good_stops_too_and_cuts_off_no_stop_that_has_begun(void **state) {
	struct scene *scene = *state;

	send(scene, SIGUSR2);
	assert_int_equal(scene->leaves, 1);
	assert_int_equal(scene->stops, 1);
	send(scene, SIGUSR2);
	assert_int_equal(scene->leaves, 2);
	assert_int_equal(scene->stops, 1);
	assert_int_equal(scene->cuts, 0);
}

static void that_it_goes_on_is_not_told_of_one_that_stops(void **state) {
	struct scene *scene = *state;

	send(scene, SIGCONT);
	assert_int_equal(lines_with(scene, "going on"), 1);
	send(scene, SIGTERM);
	send(scene, SIGCONT);
	assert_int_equal(lines_with(scene, "going on"), 0);
}

static void that_nothing_is_in_work_is_told_once_a_pause(void **state) {
	struct scene *scene = *state;

	orders_note_still(&scene->orders, true, 5);
	assert_int_equal(lines_with(scene, "nothing is in work"), 0);
	for (int pause = 0; pause < 2; pause++) {
		send(scene, SIGTSTP);
		orders_note_still(&scene->orders, false, 5);
		assert_int_equal(lines_with(scene, "nothing is in work"), 0);
		for (int step = 0; step < 3; step++)
			orders_note_still(&scene->orders, true, 5);
		assert_int_equal(lines_with(scene, "nothing is in work"), 1);
		send(scene, SIGCONT);
		orders_note_still(&scene->orders, true, 5);
		assert_int_equal(lines_with(scene, "nothing is in work"), 0);
	}
}

static void a_signal_and_a_pause_hold_each_by_itself(void **state) {
	struct scene *scene = *state;

	send(scene, SIGTSTP);
	orders_pause(&scene->orders, true);
	assert_int_equal(scene->rests, 1);
	send(scene, SIGCONT);
	assert_true(orders_rest(&scene->orders));
	assert_int_equal(scene->resumes, 0);
	assert_int_equal(lines_with(scene, "going on once the pause is over"), 1);
	send(scene, SIGTSTP);
	orders_pause(&scene->orders, false);
	assert_true(orders_rest(&scene->orders));
	assert_int_equal(scene->resumes, 0);
	send(scene, SIGCONT);
	assert_false(orders_rest(&scene->orders));
	assert_int_equal(scene->resumes, 1);
	assert_int_equal(scene->rests, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(a_stop_is_asked_for_once_and_a_second_time_cuts_it_off),
		TEST(leaving_for_good_stops_too_and_cuts_off_no_stop_that_has_begun),
		TEST(that_it_goes_on_is_not_told_of_one_that_stops),
		TEST(a_signal_and_a_pause_hold_each_by_itself),
		TEST(that_nothing_is_in_work_is_told_once_a_pause),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
