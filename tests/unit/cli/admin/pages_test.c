// SPDX-License-Identifier: MPL-2.0
// pages_test: which request gets which answer.
#include "support/test.h"

#include "cli/admin/pages.h"

#include <stdlib.h>
#include <string.h>

static const struct numbers_of of = {.command = "run", .target = "fruit", .version = "1.2"};

struct scene {
	struct numbers numbers;
	struct page_facts facts;
	struct page_answer answer;
};

static int set_up(void **state) {
	struct scene *scene = calloc(1, sizeof(*scene));

	numbers_init(&scene->numbers);
	scene->numbers.parts = NUMBERS_WORKER;
	scene->facts = (struct page_facts){
		.numbers = &scene->numbers, .of = &of, .still_ms = 1000, .now_wall_ms = 5};
	*state = scene;
	return 0;
}

static int tear_down(void **state) {
	struct scene *scene = *state;

	buf_fini(&scene->answer.body);
	free(scene);
	return 0;
}

static const struct page_answer *ask(struct scene *scene, const struct page_request *request) {
	buf_fini(&scene->answer.body);
	scene->answer = (struct page_answer){.status = 0};
	pages_answer(request, &scene->facts, &scene->answer);
	return &scene->answer;
}

static const struct page_answer *get(struct scene *scene, const char *path) {
	return ask(scene, &(struct page_request){.method = "GET", .path = path});
}

static void each_page_has_its_own(void **state) {
	const struct page_answer *answer = get(*state, "/metrics");

	assert_int_equal(answer->status, 200);
	assert_string_equal(answer->type, "text/plain; version=0.0.4; charset=utf-8");
	assert_memory_equal(buf_text(&answer->body), "# HELP ", 7);
	answer = get(*state, "/status");
	assert_int_equal(answer->status, 200);
	assert_string_equal(answer->type, "application/json");
	assert_memory_equal(buf_text(&answer->body), "{\"command\":\"run\"", 16);
	assert_string_equal(buf_text(&get(*state, "/livez")->body), "alive\n");
	assert_string_equal(buf_text(&get(*state, "/readyz")->body), "ready\n");
}

static void a_loop_that_hangs_is_told_and_its_last_numbers_too(void **state) {
	struct scene *scene = *state;

	scene->numbers.idle_ms = 2000;
	assert_int_equal(get(scene, "/livez")->status, 503);
	assert_string_equal(buf_text(&scene->answer.body), "the loop has made no step for 2 s\n");
	assert_int_equal(get(scene, "/readyz")->status, 503);
	assert_int_equal(get(scene, "/metrics")->status, 200);
	assert_non_null(strstr(buf_text(&get(scene, "/status")->body), "\"live\":false"));
}

static void only_get_and_head_are_taken(void **state) {
	static const char *const methods[] = {"POST", "PUT", "DELETE", "get", ""};

	for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
		const struct page_answer *answer = ask(
			*state, &(struct page_request){.method = methods[i], .path = "/livez"}
		);

		assert_int_equal(answer->status, 405);
		assert_string_equal(answer->allow, "GET, HEAD");
	}
	assert_int_equal(
		ask(*state, &(struct page_request){.method = "HEAD", .path = "/livez"})->status, 200
	);
	assert_null(((struct scene *)*state)->answer.allow);
}

static void a_body_is_refused(void **state) {
	assert_int_equal(
		ask(*state,
		    &(struct page_request){.method = "GET", .path = "/livez", .has_body = true})
			->status,
		413
	);
}

static void another_path_is_told_which_there_are(void **state) {
	static const char *const paths[] = {"/", "/metrics/", "/LIVEZ", "", "/../metrics"};

	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		const struct page_answer *answer = get(*state, paths[i]);

		assert_int_equal(answer->status, 404);
		assert_non_null(strstr(buf_text(&answer->body), "/metrics: "));
		assert_non_null(strstr(buf_text(&answer->body), "/livez: "));
		assert_non_null(strstr(buf_text(&answer->body), "/readyz: "));
		assert_non_null(strstr(buf_text(&answer->body), "/status: "));
	}
}

static const struct page_answer *post(struct scene *scene, const char *query) {
	return ask(
		scene, &(struct page_request){.method = "POST", .path = "/trigger", .query = query}
	);
}

static void assert_refused(const struct page_answer *answer, int status) {
	assert_int_equal(answer->status, status);
	assert_int_equal(answer->wish, PAGE_WISH_NOTHING);
}

static void a_pass_may_be_asked_for(void **state) {
	struct scene *scene = *state;

	scene->facts.has_trigger = true;
	assert_int_equal(post(scene, NULL)->status, 202);
	assert_int_equal(scene->answer.wish, PAGE_WISH_PASS);
	assert_string_equal(buf_text(&scene->answer.body), "a pass begins now\n");
	scene->facts.is_pass_running = true;
	assert_int_equal(post(scene, NULL)->wish, PAGE_WISH_PASS);
	assert_string_equal(
		buf_text(&scene->answer.body), "a pass is running; another one follows\n"
	);
	scene->numbers.is_paused = 1;
	assert_int_equal(post(scene, NULL)->wish, PAGE_WISH_PASS);
	assert_string_equal(
		buf_text(&scene->answer.body), "it rests; a pass begins when it goes on\n"
	);
	scene->numbers.is_stopping = 1;
	assert_refused(post(scene, NULL), 503);
}

static void a_short_pass_is_asked_for_by_its_word(void **state) {
	static const char *const others[] = {"", "seed", "seeds=1", "Seeds"};
	struct scene *scene = *state;

	scene->facts.has_trigger = true;
	assert_refused(post(scene, "seeds"), 400);
	assert_string_equal(
		buf_text(&scene->answer.body),
		"POST /trigger asks for a pass; nothing may follow it\n"
	);
	scene->facts.short_pass = "seeds";
	assert_int_equal(post(scene, "seeds")->status, 202);
	assert_int_equal(scene->answer.wish, PAGE_WISH_SHORT_PASS);
	assert_int_equal(post(scene, NULL)->wish, PAGE_WISH_PASS);
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_refused(post(scene, others[i]), 400);
	assert_non_null(strstr(buf_text(&scene->answer.body), "POST /trigger?seeds for a short"));
}

static void nobody_asks_for_a_pass_by_reading_or_from_a_browser(void **state) {
	struct scene *scene = *state;
	struct page_request request = {.method = "GET", .path = "/trigger"};

	scene->facts.has_trigger = true;
	assert_refused(ask(scene, &request), 405);
	assert_string_equal(scene->answer.allow, "POST");
	request.method = "HEAD";
	assert_refused(ask(scene, &request), 405);
	request.method = "POST";
	request.is_of_page = true;
	assert_refused(ask(scene, &request), 403);
	request.has_body = true;
	assert_refused(ask(scene, &request), 413);
	assert_int_equal(get(scene, "/livez")->status, 200);
}

static void where_no_pass_may_be_asked_for_there_is_no_such_page(void **state) {
	assert_refused(post(*state, NULL), 404);
	assert_null(strstr(buf_text(&((struct scene *)*state)->answer.body), "/trigger"));
	((struct scene *)*state)->facts.has_trigger = true;
	assert_non_null(strstr(buf_text(&get(*state, "/")->body), "/trigger: "));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(each_page_has_its_own, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_loop_that_hangs_is_told_and_its_last_numbers_too, set_up, tear_down
		),
		cmocka_unit_test_setup_teardown(only_get_and_head_are_taken, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_body_is_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			another_path_is_told_which_there_are, set_up, tear_down
		),
		cmocka_unit_test_setup_teardown(a_pass_may_be_asked_for, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_short_pass_is_asked_for_by_its_word, set_up, tear_down
		),
		cmocka_unit_test_setup_teardown(
			nobody_asks_for_a_pass_by_reading_or_from_a_browser, set_up, tear_down
		),
		cmocka_unit_test_setup_teardown(
			where_no_pass_may_be_asked_for_there_is_no_such_page, set_up, tear_down
		),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
