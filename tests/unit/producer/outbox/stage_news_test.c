// SPDX-License-Identifier: MPL-2.0
// stage_news_test: what is told while a pass waits for the end of a stage. Lines are read from a
// pipe.
#include "support/test.h"

#include "common/base/log.h"
#include "producer/outbox/stage_news.h"
#include "producer/outbox/standing.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { T0 = 1000000, MINUTE_S = 60 };

static const int64_t second_ms = 1000;

struct scene {
	int fds[2];
	struct log *log;
	struct stage_news news;
	struct standing standing;
	char text[4096];
};

static int open_scene(void **state) {
	rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(1);
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	assert_int_equal(pipe2(scene->fds, O_NONBLOCK), 0);
	scene->log = log_new(scene->fds[1], LOG_LEVEL_INFO, false);
	assert_non_null(scene->log);
	scene->news = (struct stage_news){.log = scene->log, .group = "purgers"};
	rd_kafka_topic_partition_list_add(list, "purge.fruit", 0);
	standing_init(&scene->standing, list);
	rd_kafka_topic_partition_list_destroy(list);
	scene->standing.commits->elems[0].offset = 1;
	scene->standing.begins->elems[0].offset = 0;
	scene->standing.ends->elems[0].offset = 4;
	stage_news_begin(&scene->news);
	*state = scene;
	return 0;
}

static int close_scene(void **state) {
	struct scene *scene = *state;

	standing_fini(&scene->standing);
	log_free(scene->log);
	close(scene->fds[0]);
	close(scene->fds[1]);
	free(scene);
	return 0;
}

// What was told since the last time; "": nothing.
static const char *told(struct scene *scene) {
	ssize_t bytes = read(scene->fds[0], scene->text, sizeof(scene->text) - 1);

	scene->text[bytes < 0 ? 0 : bytes] = '\0';
	return scene->text;
}

// What is told of a wait that has lasted for so long.
static const char *after(struct scene *scene, int64_t waited_s) {
	stage_news_wait(
		&scene->news,
		&scene->standing,
		"nobody answers",
		waited_s * second_ms,
		T0 + waited_s * second_ms
	);
	return told(scene);
}

static void a_short_wait_is_no_news(void **state) {
	struct scene *scene = *state;

	assert_string_equal(after(scene, 0), "");
	assert_string_equal(after(scene, 4), "");
	stage_news_end(&scene->news, 4 * second_ms);
	assert_string_equal(told(scene), "");
}

static void a_long_one_is_told_then_once_a_minute_and_so_is_its_end(void **state) {
	struct scene *scene = *state;
	const char *line = after(scene, 5);

	assert_non_null(strstr(line, "\"waiting: the next stage begins when"));
	assert_non_null(
		strstr(line, "\"group\":\"purgers\",\"left\":3,\"where\":\"purge.fruit: 3\"")
	);
	assert_null(strstr(line, "hint"));
	for (int64_t s = 6; s < 5 + MINUTE_S; s += 9)
		assert_string_equal(after(scene, s), "");
	line = after(scene, 5 + MINUTE_S);
	assert_non_null(strstr(line, "\"still waiting: "));
	assert_non_null(strstr(line, "\"waited_s\":65"));
	assert_string_equal(after(scene, 6 + MINUTE_S), "");
	stage_news_end(&scene->news, 70 * second_ms);
	assert_non_null(strstr(told(scene), "\"going on: the workers have finished the stage\""));
}

static void hints_at_workers_that_are_not_there(void **state) {
	struct scene *scene = *state;

	scene->standing.commits->elems[0].offset = RD_KAFKA_OFFSET_INVALID;
	assert_non_null(strstr(after(scene, 5), "no worker of this group has committed anything"));
}

static void says_why_it_does_not_know(void **state) {
	struct scene *scene = *state;
	char words[STAGE_WORDS_BYTES];
	const char *line;

	standing_fini(&scene->standing);
	line = after(scene, 5);
	assert_non_null(strstr(line, "\"left\":null,\"where\":null"));
	assert_non_null(strstr(line, "\"error\":\"nobody answers\""));
	stage_news_words(&scene->standing, "nobody answers", words);
	assert_string_equal(words, "how many records are left is unknown (nobody answers)");
}

static void going_on_without_the_rest_is_a_warning(void **state) {
	struct scene *scene = *state;
	char words[STAGE_WORDS_BYTES];
	const char *line;

	stage_news_late(&scene->news, &scene->standing, "", 60 * second_ms);
	line = told(scene);
	assert_non_null(strstr(line, "\"severity\":\"WARNING\""));
	assert_non_null(strstr(line, "did not finish the stage within --stage-wait"));
	assert_non_null(strstr(line, "\"left\":3,\"where\":\"purge.fruit: 3\",\"waited_s\":60"));
	stage_news_words(&scene->standing, "", words);
	assert_string_equal(words, "3 record(s) are left (purge.fruit: 3)");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_short_wait_is_no_news, open_scene, close_scene),
		cmocka_unit_test_setup_teardown(
			a_long_one_is_told_then_once_a_minute_and_so_is_its_end,
			open_scene,
			close_scene
		),
		cmocka_unit_test_setup_teardown(
			hints_at_workers_that_are_not_there, open_scene, close_scene
		),
		cmocka_unit_test_setup_teardown(says_why_it_does_not_know, open_scene, close_scene),
		cmocka_unit_test_setup_teardown(
			going_on_without_the_rest_is_a_warning, open_scene, close_scene
		),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
