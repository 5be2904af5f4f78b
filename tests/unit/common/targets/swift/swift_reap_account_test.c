// SPDX-License-Identifier: MPL-2.0
// swift_reap_account_test: what the account's servers say before a page of a container goes.
#include "support/reap_scene.h"
#include "support/test.h"

#include <string.h>

static const struct reap_answer deleted = SAYS_DELETED;
static const struct reap_answer empty = LISTS("[]");
static const struct reap_answer two = LISTS("[{\"name\": \"a\"}, {\"name\": \"b\"}]");
static const struct reap_answer ok = {.status = 204};
static const struct reap_answer timeout = {.status = 0};

static void an_account_that_users_see_is_left(void **state) {
	struct reap_scene *scene = *state;

	reap_scene_answer(scene, 0, &ok);
	reap_scene_assert_over(scene, VERDICT_LEFT);
	assert_int_equal(scene->reap->outcome.reason, REASON_LIVE);
	// One of its servers is enough: somebody begins to undelete it.
	reap_scene_anew(scene, false, "c");
	reap_scene_answers(scene, &deleted, 2);
	reap_scene_assert_asks(scene, "HEAD http://10.1.0.3:7202/");
	reap_scene_answer(scene, 0, &ok);
	reap_scene_assert_over(scene, VERDICT_LEFT);
	reap_scene_anew(scene, true, "c");
	reap_scene_answers(scene, &ok, 3);
	reap_scene_assert_asks(scene, "GET ");
}

static void one_that_is_undeleted_between_two_pages_keeps_the_rest(void **state) {
	struct reap_scene *scene = *state;

	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &two);
	reap_scene_answers(scene, &ok, 6);
	reap_scene_assert_asks(scene, "HEAD ");
	reap_scene_answer(scene, 0, &ok);
	reap_scene_assert_over(scene, VERDICT_LEFT);
}

static void an_account_that_one_server_does_not_know_is_asked_for_elsewhere(void **state) {
	struct reap_scene *scene = *state;
	static const struct reap_answer unknown = {.status = 404};

	reap_scene_answer(scene, 0, &unknown);
	reap_scene_assert_asks(scene, "HEAD http://10.1.0.2:7202/");
	reap_scene_answers(scene, &deleted, 2);
	reap_scene_assert_asks(scene, "GET ");
	// One of three is not enough.
	reap_scene_anew(scene, false, "c");
	reap_scene_answers(scene, &unknown, 2);
	reap_scene_answer(scene, 0, &deleted);
	reap_scene_assert_over(scene, VERDICT_POSTPONED);
	assert_string_equal(
		finding_words(&scene->reap->outcome),
		"1 of its account's 3 servers say that it is deleted, and more than half have to"
	);
	reap_scene_anew(scene, false, "c");
	reap_scene_answers(scene, &unknown, 3);
	reap_scene_assert_over(scene, VERDICT_POSTPONED);
	assert_non_null(strstr(finding_words(&scene->reap->outcome), "hash of swift.conf"));
}

static void a_server_that_fails_is_tried_again_on_another(void **state) {
	struct reap_scene *scene = *state;

	reap_scene_answer(scene, 0, &(struct reap_answer){.status = 503});
	assert_int_equal(scene->finding.verdict, VERDICT_GO);
	reap_scene_assert_asks(scene, "HEAD http://10.1.0.2:7202/");
	reap_scene_answer(scene, 0, &deleted);
	// The silent ones may know that it was undeleted: they are asked until half of all are
	// heard.
	reap_scene_answer(scene, 0, &timeout);
	assert_int_equal(scene->finding.verdict, VERDICT_RETRY);
	assert_int_equal(scene->finding.reason, REASON_TIMEOUT);
	reap_scene_assert_asks(scene, "HEAD http://10.1.0.1:7202/");
	reap_scene_answer(scene, 0, &timeout);
	reap_scene_assert_asks(scene, "HEAD http://10.1.0.3:7202/");
	reap_scene_answer(scene, 0, &deleted);
	assert_int_equal(scene->finding.verdict, VERDICT_GO);
	reap_scene_assert_asks(scene, "GET http://10.1.0.3:7201/");
	reap_scene_answer(scene, 0, &timeout);
	assert_int_equal(scene->finding.reason, REASON_TIMEOUT);
	reap_scene_assert_asks(scene, "GET http://10.1.0.1:7201/");
	reap_scene_answer(scene, 0, &(struct reap_answer){.status = 412});
	assert_int_equal(scene->finding.verdict, VERDICT_RETRY);
	reap_scene_assert_asks(scene, "GET http://10.1.0.2:7201/");
}

static void a_server_that_is_away_is_passed_over(void **state) {
	struct reap_scene *scene = *state;

	assert_true(reap_scene_unsent(scene, 0));
	assert_true(reap_scene_unsent(scene, 0));
	reap_scene_assert_asks(scene, "HEAD http://10.1.0.3:7202/");
	assert_false(reap_scene_unsent(scene, 0));
	reap_scene_anew(scene, false, "c");
	reap_scene_answers(scene, &deleted, 2);
	assert_true(reap_scene_unsent(scene, 0));
	assert_true(reap_scene_unsent(scene, 0));
	reap_scene_answer(scene, 0, &two);
	// The third server of each.
	assert_true(reap_scene_unsent(scene, 5));
	assert_true(reap_scene_unsent(scene, 2));
	reap_scene_answers(scene, &ok, 4);
	assert_int_equal(scene->reap->counts.objects[REAPED_DELETED], 2);
	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &empty);
	assert_true(reap_scene_unsent(scene, 2));
	reap_scene_answers(scene, &ok, 2);
	reap_scene_assert_over(scene, VERDICT_DONE);
}

static void a_server_that_is_of_another_time_stops_it(void **state) {
	// The scene's is 1700000000.
	static const struct reap_answer fine = {
		.status = 404,
		.headers = {"X-Account-Status: Deleted", "Date: Tue, 14 Nov 2023 22:12:21 GMT"}};
	static const struct reap_answer behind = {
		.status = 404,
		.headers = {"X-Account-Status: Deleted", "Date: Tue, 14 Nov 2023 22:12:19 GMT"}};
	struct reap_scene *scene = *state;

	reap_scene_answer(scene, 0, &fine);
	reap_scene_assert_asks(scene, "HEAD http://10.1.0.2:7202/");
	reap_scene_answer(scene, 0, &behind);
	reap_scene_assert_over(scene, VERDICT_POSTPONED);
	assert_string_equal(
		finding_words(&scene->reap->outcome),
		"our clock is 61 s ahead of that of '10.1.0.2': nothing is deleted before they "
		"agree"
	);
}

static void a_page_that_takes_long_ends_before_its_end(void **state) {
	static const struct reap_answer many = LISTS(
		"[{\"name\": \"a\"}, {\"name\": \"b\"}, {\"name\": \"c\"}, {\"name\": "
		"\"d\"}, {\"name\": \"e\"}, {\"name\": \"f\"}, {\"name\": \"g\"}, {\"name\": "
		"\"h\"}, {\"name\": \"i\"}, {\"name\": \"j\"}, {\"name\": \"k\"}, {\"name\": "
		"\"l\"}, {\"name\": \"m\"}, {\"name\": \"n\"}, {\"name\": \"o\"}, {\"name\": "
		"\"p\"}, {\"name\": \"q\"}, {\"name\": \"r\"}, {\"name\": \"s\"}, {\"name\": "
		"\"t\"}, {\"name\": \"u\"}, {\"name\": \"v\"}, {\"name\": \"w\"}]"
	);
	struct reap_scene *scene = *state;

	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &many);
	assert_int_equal(reap_scene_open(scene), 64);
	scene->late_us = 10000000;
	reap_scene_answer(scene, 0, &ok);
	assert_int_equal(reap_scene_open(scene), 64);
	// Of the 22nd object two requests are open: its third one goes as well.
	scene->late_us++;
	reap_scene_answer(scene, 0, &ok);
	assert_int_equal(reap_scene_open(scene), 64);
	reap_scene_answers(scene, &ok, 64);
	reap_scene_assert_asks(scene, "HEAD ");
	reap_scene_is_deleted(scene);
	reap_scene_assert_asks(scene, "&marker=v\n");
	assert_int_equal(scene->reap->counts.objects[REAPED_DELETED], 22);
}

static void what_is_written_while_a_listing_is_made_is_newer_than_the_delete(void **state) {
	struct reap_scene *scene = *state;

	reap_scene_is_deleted(scene);
	scene->late_us = 5000000;
	reap_scene_answer(scene, 0, &two);
	reap_scene_assert_asks(scene, "X-Timestamp: 1700000000.12345\n");
}

#define IN_A_SCENE(test) cmocka_unit_test_setup_teardown(test, reap_scene_begin, reap_scene_end)

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_SCENE(an_account_that_users_see_is_left),
		IN_A_SCENE(one_that_is_undeleted_between_two_pages_keeps_the_rest),
		IN_A_SCENE(an_account_that_one_server_does_not_know_is_asked_for_elsewhere),
		IN_A_SCENE(a_server_that_fails_is_tried_again_on_another),
		IN_A_SCENE(a_server_that_is_away_is_passed_over),
		IN_A_SCENE(a_server_that_is_of_another_time_stops_it),
		IN_A_SCENE(a_page_that_takes_long_ends_before_its_end),
		IN_A_SCENE(what_is_written_while_a_listing_is_made_is_newer_than_the_delete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
