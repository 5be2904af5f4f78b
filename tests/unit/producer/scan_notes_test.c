// SPDX-License-Identifier: MPL-2.0
// scan_notes_test: what pages have for the log is told. Lines are read from a pipe.
#include "support/test.h"

#include "common/base/log.h"
#include "producer/scan_notes.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { TOLD_MOST = 199 };

struct scene {
	int fds[2];
	struct log *log;
	struct scan_notes notes;
	struct page page;
	char text[8192];
};

static void begin(struct scene *scene) {
	*scene = (struct scene){.fds = {-1, -1}};
	assert_int_equal(pipe2(scene->fds, O_NONBLOCK), 0);
	scene->log = log_new(scene->fds[1], LOG_LEVEL_INFO, false);
	assert_non_null(scene->log);
	page_init(&scene->page);
}

static void end(struct scene *scene) {
	page_fini(&scene->page);
	log_free(scene->log);
	close(scene->fds[0]);
	close(scene->fds[1]);
}

// Tells the page, and begins another one. How many lines that were; they are in scene->text then.
static int tell(struct scene *scene) {
	ssize_t len;
	int count = 0;

	scan_notes_page(&scene->notes, scene->log, &scene->page);
	page_fini(&scene->page);
	page_init(&scene->page);
	len = read(scene->fds[0], scene->text, sizeof(scene->text) - 1);
	scene->text[len < 0 ? 0 : len] = '\0';
	for (const char *at = scene->text; (at = strchr(at, '\n')) != NULL; at++)
		count++;
	return count;
}

static void what_a_page_says_is_told_in_its_order(void **state) {
	struct scene scene;
	const char *first, *second, *third;

	(void)state;
	begin(&scene);
	assert_int_equal(tell(&scene), 0);
	page_note(&scene.page, PAGE_INFO, "tag %s goes", "a");
	page_note(&scene.page, PAGE_TROUBLE, "'%s' is odd", "b");
	page_note(&scene.page, PAGE_INFO, "%d%% of it", 100);
	assert_int_equal(tell(&scene), 3);
	first = strstr(scene.text, "\"severity\":\"INFO\",\"message\":\"tag a goes\"");
	second = strstr(scene.text, "\"severity\":\"WARNING\",\"message\":\"'b' is odd\"");
	third = strstr(scene.text, "\"severity\":\"INFO\",\"message\":\"100% of it\"");
	assert_non_null(first);
	assert_true(first < second);
	assert_true(second < third);
	assert_int_equal(scene.notes.troubles, 1);
	assert_int_equal(tell(&scene), 0); // no note of the page before
	end(&scene);
}

static void of_many_troubles_the_first_are_told_and_all_are_counted(void **state) {
	struct scene scene;

	(void)state;
	begin(&scene);
	for (int i = 0; i < TOLD_MOST; i++) {
		page_note(&scene.page, PAGE_TROUBLE, "trouble %d", i);
		assert_int_equal(tell(&scene), 1);
	}
	page_note(&scene.page, PAGE_TROUBLE, "one more");
	page_note(&scene.page, PAGE_TROUBLE, "and another");
	page_note(&scene.page, PAGE_INFO, "all is said");
	assert_int_equal(tell(&scene), 2);
	assert_non_null(strstr(scene.text, "the scan has more to warn of; only counted"));
	assert_non_null(strstr(scene.text, "all is said"));
	page_note(&scene.page, PAGE_TROUBLE, "the last");
	assert_int_equal(tell(&scene), 0);
	assert_int_equal(scene.notes.troubles, TOLD_MOST + 3);
	end(&scene);
}

static void without_a_log_they_are_counted(void **state) {
	struct scan_notes notes = {.troubles = 0};
	struct page page;

	(void)state;
	page_init(&page);
	page_note(&page, PAGE_TROUBLE, "x");
	page_note(&page, PAGE_INFO, "y");
	page_note(&page, PAGE_WARNING, "z");
	scan_notes_page(&notes, NULL, &page);
	assert_int_equal(notes.troubles, 1);
	page_fini(&page);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_page_says_is_told_in_its_order),
		cmocka_unit_test(of_many_troubles_the_first_are_told_and_all_are_counted),
		cmocka_unit_test(without_a_log_they_are_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
