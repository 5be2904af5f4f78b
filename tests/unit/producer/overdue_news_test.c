// SPDX-License-Identifier: MPL-2.0
// overdue_news_test: what is told of rows that are overdue. Lines are read from a pipe.
#include "support/test.h"

#include "common/base/log.h"
#include "common/target/pass.h"
#include "producer/overdue_news.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct scene {
	int fds[2];
	struct log *log;
	struct overdue_news news;
	char text[8192];
};

static void begin(struct scene *scene) {
	*scene = (struct scene){.fds = {-1, -1}};
	assert_int_equal(pipe2(scene->fds, O_NONBLOCK), 0);
	scene->log = log_new(scene->fds[1], LOG_LEVEL_INFO, false);
	assert_non_null(scene->log);
	scene->news.log = scene->log;
}

static void end(struct scene *scene) {
	log_free(scene->log);
	close(scene->fds[0]);
	close(scene->fds[1]);
}

// How many lines since the last call; they are in scene->text then.
static int lines(struct scene *scene) {
	ssize_t len = read(scene->fds[0], scene->text, sizeof(scene->text) - 1);
	int count = 0;

	scene->text[len < 0 ? 0 : len] = '\0';
	for (const char *at = scene->text; (at = strchr(at, '\n')) != NULL; at++)
		count++;
	return count;
}

static void tell_page(struct scene *scene, int rows) {
	struct overdue page = {.before_ms = 2000};

	for (int i = 0; i < rows; i++)
		overdue_add(&page, 1000, "7", "https://n");
	overdue_news_page(&scene->news, &page);
}

static void each_of_the_first_is_named(void **state) {
	struct scene scene;

	(void)state;
	begin(&scene);
	tell_page(&scene, 1);
	assert_int_equal(lines(&scene), 1);
	assert_non_null(strstr(scene.text, "\"severity\":\"WARNING\""));
	assert_non_null(strstr(scene.text, "record has not been purged since it was due"));
	assert_non_null(strstr(
		scene.text, "\"id\":\"7\",\"node\":\"https://n\",\"since\":\"1970-01-01T00:00:01Z\""
	));
	overdue_news_end(&scene.news, &(struct pass_wish){.id = ""}, true);
	assert_int_equal(lines(&scene), 0); // all were named
	end(&scene);
}

static void the_others_are_counted_once(void **state) {
	struct scene scene;

	(void)state;
	begin(&scene);
	tell_page(&scene, OVERDUE_NAMED - 1);
	tell_page(&scene, 100);
	tell_page(&scene, 100);
	assert_int_equal(lines(&scene), OVERDUE_NAMED);
	overdue_news_end(&scene.news, &(struct pass_wish){.id = ""}, false);
	assert_int_equal(lines(&scene), 1);
	assert_non_null(
		strstr(scene.text, "\"count\":199,\"oldest_due_at\":\"1970-01-01T00:00:01Z\"")
	);
	end(&scene);
}

static bool are_all(struct overdue_news *news, const struct pass_wish *wish, bool is_at_end) {
	overdue_news_end(news, wish, is_at_end);
	return news->is_all;
}

static void only_a_pass_over_all_rows_has_a_number_to_compare(void **state) {
	struct overdue_news news = {.log = NULL};
	const struct pass_wish whole = {.warn_after_ms = 1};
	struct pass_wish parts[] = {whole, whole, whole, whole, whole, whole};

	(void)state;
	parts[0].resume = "x";
	parts[1].has_range_start = true;
	parts[2].has_range_end = true;
	parts[3].max_records = 1;
	parts[4].warn_after_ms = 0;
	parts[5].is_short = true;
	assert_true(are_all(&news, &whole, true));
	assert_false(are_all(&news, &whole, false));
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		assert_false(are_all(&news, &parts[i], true));
	news.is_limited = true;
	assert_false(are_all(&news, &whole, true));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_of_the_first_is_named),
		cmocka_unit_test(the_others_are_counted_once),
		cmocka_unit_test(only_a_pass_over_all_rows_has_a_number_to_compare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
