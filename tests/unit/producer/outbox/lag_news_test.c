// SPDX-License-Identifier: MPL-2.0
// lag_news_test: what is told of waiting for the workers. Lines are read from a pipe.
#include "support/test.h"

#include "common/base/log.h"
#include "producer/outbox/lag_news.h"
#include "producer/outbox/lag_watch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { T0 = 1000000, SECOND_MS = 1000, MOST = 100 };

struct scene {
	int fds[2];
	struct log *log;
	struct lag_news news;
	struct lag_watch watch;
	bool was_waiting;
	int64_t now_ms;
	char text[4096];
};

static int open_scene(void **state) {
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	assert_int_equal(pipe2(scene->fds, O_NONBLOCK), 0);
	scene->log = log_new(scene->fds[1], LOG_LEVEL_INFO, false);
	assert_non_null(scene->log);
	scene->news = (struct lag_news){.log = scene->log, .lag_max = MOST};
	scene->watch.has_commits = true;
	snprintf(scene->watch.group, sizeof(scene->watch.group), "%s", "purgers");
	scene->now_ms = T0;
	*state = scene;
	return 0;
}

static int close_scene(void **state) {
	struct scene *scene = *state;

	log_free(scene->log);
	close(scene->fds[0]);
	close(scene->fds[1]);
	free(scene);
	return 0;
}

// A second later the lag is this. What is told then; "": nothing.
static const char *after_a_look(struct scene *scene, int64_t lag) {
	bool is_waiting = lag < 0 || lag >= MOST;
	ssize_t bytes;

	scene->now_ms += SECOND_MS;
	scene->watch.lag = lag;
	lag_news_tell(&scene->news, &scene->watch, is_waiting, scene->was_waiting, scene->now_ms);
	scene->was_waiting = is_waiting;
	bytes = read(scene->fds[0], scene->text, sizeof(scene->text) - 1);
	scene->text[bytes < 0 ? 0 : bytes] = '\0';
	return scene->text;
}

static void waiting_is_told_once_and_so_is_its_end(void **state) {
	struct scene *scene = *state;
	const char *line;

	assert_string_equal(after_a_look(scene, MOST - 1), "");
	line = after_a_look(scene, MOST);
	assert_non_null(strstr(line, "\"waiting: the workers are too far behind\""));
	assert_non_null(strstr(line, "\"group\":\"purgers\",\"lag\":100,\"max_queue_lag\":100"));
	assert_null(strstr(line, "hint"));
	assert_string_equal(after_a_look(scene, MOST + 1), "");
	assert_non_null(strstr(after_a_look(scene, 7), "\"going on: the workers have caught up\""));
	assert_string_equal(after_a_look(scene, 6), "");
}

static void workers_that_never_committed_are_asked_for(void **state) {
	struct scene *scene = *state;

	scene->watch.has_commits = false;
	assert_non_null(strstr(after_a_look(scene, MOST), "do workers run, and with this --group?")
	);
}

static void an_unknown_lag_is_told_once_a_minute(void **state) {
	struct scene *scene = *state;
	const char *line;
	int told = 0;

	snprintf(scene->watch.why, sizeof(scene->watch.why), "%s", "no answer");
	line = after_a_look(scene, -1);
	assert_non_null(strstr(line, "\"waiting: how far the workers are is unknown\""));
	assert_non_null(strstr(line, "\"lag\":null,\"max_queue_lag\":100,\"error\":\"no answer\""));
	for (int i = 0; i < 120; i++)
		told += after_a_look(scene, -1)[0] != '\0';
	assert_int_equal(told, 2);
}

static void a_lag_that_is_known_again_is_told(void **state) {
	struct scene *scene = *state;

	assert_string_not_equal(after_a_look(scene, -1), "");
	assert_non_null(strstr(
		after_a_look(scene, 7), "\"going on: how far the workers are is known again\""
	));
}

static void one_that_is_known_again_and_too_long_is_told_though_it_waited(void **state) {
	struct scene *scene = *state;

	assert_string_not_equal(after_a_look(scene, MOST), "");
	assert_string_not_equal(after_a_look(scene, -1), "");
	assert_non_null(
		strstr(after_a_look(scene, MOST), "\"waiting: the workers are too far behind\"")
	);
}

static void a_new_pass_tells_of_what_is_unknown_anew(void **state) {
	struct scene *scene = *state;

	assert_string_not_equal(after_a_look(scene, -1), "");
	assert_string_equal(after_a_look(scene, -1), "");
	lag_news_begin(&scene->news);
	assert_string_not_equal(after_a_look(scene, -1), "");
}

#define STORY(name) cmocka_unit_test_setup_teardown(name, open_scene, close_scene)

int main(void) {
	const struct CMUnitTest tests[] = {
		STORY(waiting_is_told_once_and_so_is_its_end),
		STORY(workers_that_never_committed_are_asked_for),
		STORY(an_unknown_lag_is_told_once_a_minute),
		STORY(a_lag_that_is_known_again_is_told),
		STORY(one_that_is_known_again_and_too_long_is_told_though_it_waited),
		STORY(a_new_pass_tells_of_what_is_unknown_anew),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
