// SPDX-License-Identifier: MPL-2.0
// dlrepo_calls_test: a released tag is deleted where it was published before it goes.
#include "support/test.h"

#include "common/page.h"
#include "common/target/target_calls.h"
#include "common/target/target_remover.h"
#include "common/targets/dlrepo/calls.h"
#include "common/targets/dlrepo/config/config.h"
#include "common/targets/dlrepo/record/record_put.h"
#include "common/targets/dlrepo/remover.h"
#include "common/targets/dlrepo/rule/surplus.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scene {
	struct dlrepo_config config;
	struct page page;
	struct work work;
	struct finding why;
};

static struct scene *begin_with(size_t origins, const struct tag *tag) {
	const struct record_moment moment = {.wall_ms = 1};
	struct scene *scene = calloc(1, sizeof(*scene));

	assert_non_null(scene);
	for (size_t i = 0; i < origins; i++)
		snprintf(scene->config.origins[i], ORIGIN_BYTES, "https://h%zu:443", i);
	scene->config.origin_count = origins;
	scene->config.authorization = (char *)"Basic bWU6cGFzcw==";
	page_init(&scene->page);
	assert_int_equal(record_put_tag(&scene->page, &moment, "b c", tag), 0);
	scene->work.candidate = scene->page.first;
	assert_int_equal(dlrepo_remover.load(&scene->config, &scene->work, &scene->why), 0);
	return scene;
}

static struct scene *begin(size_t origins, bool is_released) {
	return begin_with(
		origins, &(struct tag){.name = (char[]){"t1\xff"}, .is_released = is_released}
	);
}

static void end(struct scene *scene) {
	dlrepo_remover.unload(&scene->config, &scene->work);
	finding_clear(&scene->why);
	page_fini(&scene->page);
	free(scene);
}

// The name of the index-th call; -1: there are not so many; or a negative errno.
static int64_t next(struct scene *scene, size_t index) {
	struct call_plan plan;
	int found = dlrepo_calls.next(&scene->config, &scene->work, index, &plan, &scene->why);

	if (found <= 0)
		return found == 0 ? -1 : found;
	assert_string_equal(plan.origin, scene->config.origins[plan.id]);
	return plan.id;
}

static void take(struct scene *scene, int64_t id, enum verdict verdict) {
	const struct http_answer answer = {.status = 200};
	struct finding finding = {.verdict = verdict};

	dlrepo_calls.take(&scene->config, &scene->work, id, &answer, &finding);
	assert_int_equal(finding.verdict, verdict);
}

static void a_daily_tag_asks_nobody(void **state) {
	struct scene *scene = begin(2, false);

	(void)state;
	assert_int_equal(next(scene, 0), -1);
	end(scene);
	scene = begin(0, false);
	assert_int_equal(next(scene, 0), -1);
	end(scene);
}

static void a_released_one_asks_each_address_until_it_said_yes(void **state) {
	struct scene *scene = begin(3, true);

	(void)state;
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(next(scene, i), i);
	assert_int_equal(next(scene, 3), -1);
	take(scene, 1, VERDICT_GO);
	assert_int_equal(next(scene, 0), 0);
	assert_int_equal(next(scene, 1), 2);
	assert_int_equal(next(scene, 2), -1);
	take(scene, 0, VERDICT_RETRY);
	take(scene, 2, VERDICT_DENIED);
	assert_int_equal(next(scene, 0), 0);
	assert_int_equal(next(scene, 1), 2);
	take(scene, 0, VERDICT_GO);
	take(scene, 2, VERDICT_GO);
	assert_int_equal(next(scene, 0), -1);
	end(scene);
}

static void the_last_of_as_many_as_there_is_room_for_counts_too(void **state) {
	struct scene *scene = begin(DLREPO_ORIGINS_MAX, true);

	(void)state;
	for (int64_t id = 0; id < DLREPO_ORIGINS_MAX; id++) {
		assert_int_equal(next(scene, 0), id);
		take(scene, id, VERDICT_GO);
	}
	assert_int_equal(next(scene, 0), -1);
	end(scene);
}

static void without_an_address_a_released_one_cannot_go(void **state) {
	struct scene *scene = begin(0, true);

	(void)state;
	assert_int_equal(next(scene, 0), -EINVAL);
	assert_non_null(strstr(finding_words(&scene->why), "--publish-url"));
	end(scene);
}

static void where_a_command_chooses_the_addresses_a_released_one_cannot_go(void **state) {
	struct scene *scene = begin(1, true);

	(void)state;
	scene->config.publish_filter = (char *)"choose";
	assert_int_equal(next(scene, 0), -EINVAL);
	assert_non_null(strstr(finding_words(&scene->why), "DLREPO_PUBLISH_FILTER_CMD"));
	end(scene);
}

static void the_request_is_as_dlrepo_makes_it(void **state) {
	const struct send_moment moment = {.now_s = 1};
	struct scene *scene = begin(2, true);
	struct http_request request = {.method = NULL};

	(void)state;
	assert_int_equal(
		dlrepo_calls.make(&scene->config, &scene->work, 1, &moment, &request, &scene->why),
		0
	);
	assert_string_equal(request.method, "DELETE");
	assert_string_equal(request.url, "https://h1:443/branches/b%20c/t1%FF/");
	assert_string_equal(request.headers[0], "Authorization: Basic bWU6cGFzcw==");
	http_request_fini(&request);
	end(scene);
}

static void a_plan_says_what_would_be_done(void **state) {
	struct scene *scene = begin(1, true);
	const char *where;

	(void)state;
	assert_string_equal(
		dlrepo_remover.plan(&scene->config, &scene->work, &where),
		"unpublish and delete released tags"
	);
	assert_string_equal(where, "b c");
	end(scene);
	scene = begin(1, false);
	assert_string_equal(
		dlrepo_remover.plan(&scene->config, &scene->work, &where), "delete daily tags"
	);
	end(scene);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_daily_tag_asks_nobody),
		cmocka_unit_test(a_released_one_asks_each_address_until_it_said_yes),
		cmocka_unit_test(the_last_of_as_many_as_there_is_room_for_counts_too),
		cmocka_unit_test(without_an_address_a_released_one_cannot_go),
		cmocka_unit_test(where_a_command_chooses_the_addresses_a_released_one_cannot_go),
		cmocka_unit_test(the_request_is_as_dlrepo_makes_it),
		cmocka_unit_test(a_plan_says_what_would_be_done),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
