// SPDX-License-Identifier: MPL-2.0
// swift_reap_again_test: what is not the same when a container is gone over again, and what proves
// that it is gone.
#include "support/reap_scene.h"
#include "support/test.h"

#include "common/targets/swift/reaping/reap_plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND 1000000

static const struct reap_answer deleted = SAYS_DELETED;
static const struct reap_answer empty = LISTS("[]");
static const struct reap_answer one = LISTS("[{\"name\": \"a\"}]");
static const struct reap_answer next = LISTS("[{\"name\": \"b\"}]");
static const struct reap_answer ok = {.status = 204};
static const struct reap_answer conflict = {.status = 409};
static const struct reap_answer unknown = {.status = 404};
static const struct reap_answer was_deleted = {
	.status = 404,
	.headers =
		{"X-Backend-Put-Timestamp: 1700000000.00000",
		 "X-Backend-Delete-Timestamp: 1700000001.00000"},
};

static void list_page(struct reap_scene *scene, const struct reap_answer *page) {
	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, page);
}

// --- times

// An older one would leave what was written after the first page, and its container.
static void each_page_and_the_container_have_the_time_of_their_own_listing(void **state) {
	struct reap_scene *scene = *state;

	list_page(scene, &one);
	reap_scene_assert_asks(scene, "X-Timestamp: 1700000000.12345\n");
	scene->late_us += SECOND;
	// The answers of the other servers come later: still one time for all.
	reap_scene_answer(scene, 0, &ok);
	reap_scene_assert_asks(scene, "X-Timestamp: 1700000000.12345\n");
	reap_scene_answers(scene, &ok, 2);
	list_page(scene, &next);
	reap_scene_assert_asks(scene, "X-Timestamp: 1700000001.12345\n");
	reap_scene_answers(scene, &ok, 3);
	scene->late_us += SECOND;
	list_page(scene, &empty);
	scene->late_us += SECOND;
	reap_scene_assert_asks(scene, "/c\n");
	reap_scene_assert_asks(scene, "X-Timestamp: 1700000002.12345\n");
}

static void one_that_is_said_to_be_gone_is_deleted_with_the_time_of_that(void **state) {
	struct reap_scene *scene = *state;

	list_page(scene, &was_deleted);
	reap_scene_assert_asks(scene, "/c\n");
	reap_scene_assert_asks(scene, "X-Timestamp: 1700000000.12345\n");
}

// --- rounds

static void each_round_asks_all_servers_of_the_account(void **state) {
	struct reap_scene *scene = *state;

	list_page(scene, &one);
	reap_scene_answers(scene, &conflict, 3);
	list_page(scene, &empty);
	reap_scene_assert_over(scene, VERDICT_RETRY);
	reap_begin(scene->reap);
	reap_scene_answers(scene, &deleted, 2);
	reap_scene_assert_asks(scene, "HEAD http://10.1.0.3:7202/");
	reap_scene_answer(scene, 0, &ok);
	reap_scene_assert_over(scene, VERDICT_LEFT);
	assert_int_equal(scene->reap->outcome.reason, REASON_LIVE);
}

// What their databases have may not be the same.
static void every_server_that_still_has_objects_is_asked_which(void **state) {
	struct reap_scene *scene = *state;

	list_page(scene, &empty);
	reap_scene_answers(scene, &conflict, 2);
	reap_scene_answer(scene, 0, &ok);
	for (int server = 1; server <= 2; server++) {
		char words[64];

		reap_scene_is_deleted(scene);
		snprintf(words, sizeof(words), "GET http://10.1.0.%d:7201/", server);
		reap_scene_assert_asks(scene, words);
		assert_null(strstr(scene->text, "X-Backend-Storage-Policy-Index"));
		reap_scene_answer(scene, 0, &empty);
	}
	reap_scene_is_deleted(scene);
	reap_scene_assert_asks(scene, "X-Backend-Storage-Policy-Index: 1\n");
}

static void they_are_asked_once_in_a_round(void **state) {
	struct reap_scene *scene = *state;

	list_page(scene, &empty);
	reap_scene_answers(scene, &conflict, 3);
	while (scene->reap->phase == REAP_ASK)
		list_page(scene, &empty);
	reap_scene_assert_asks(scene, "DELETE ");
	reap_scene_answers(scene, &conflict, 3);
	reap_scene_assert_over(scene, VERDICT_RETRY);
	assert_int_equal(scene->reap->outcome.reason, REASON_BLOCKED);
	assert_string_equal(
		finding_words(&scene->reap->outcome),
		"of its 3 container servers 0 deleted it, 3 still have objects of it, 0 do not "
		"know it and 0 did not do it"
	);
}

// --- pages

static void a_page_that_is_too_long_is_asked_for_in_short_ones(void **state) {
	struct reap_scene *scene = *state;
	struct reap_answer page = one;
	char *body = malloc(REAP_BODY_BYTES_MOST + 1);

	assert_non_null(body);
	memset(body, ' ', REAP_BODY_BYTES_MOST);
	body[REAP_BODY_BYTES_MOST] = '\0';
	page.body = body;
	list_page(scene, &page);
	assert_int_equal(scene->finding.verdict, VERDICT_GO);
	reap_scene_assert_asks(
		scene, "GET http://10.1.0.3:7201/d3/0/AUTH_a/c?format=json&limit=250\n"
	);
	reap_scene_answer(scene, 0, &one);
	reap_scene_assert_asks(scene, "DELETE ");
	free(body);
}

// --- proofs

static void a_server_that_does_not_know_it_proves_nothing(void **state) {
	struct reap_scene *scene = *state;

	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &unknown);
	reap_scene_answer(scene, 0, &empty);
	reap_scene_answers(scene, &unknown, 3);
	reap_scene_assert_over(scene, VERDICT_RETRY);
}

static void one_that_a_server_has_objects_of_is_not_gone(void **state) {
	struct reap_scene *scene = *state;

	list_page(scene, &was_deleted);
	reap_scene_answers(scene, &unknown, 2);
	reap_scene_answer(scene, 0, &conflict);
	while (scene->reap->phase == REAP_ASK)
		list_page(scene, &empty);
	reap_scene_answers(scene, &unknown, 2);
	reap_scene_answer(scene, 0, &conflict);
	reap_scene_assert_over(scene, VERDICT_RETRY);
}

static void a_shard_that_was_deleted_proves_nothing_of_its_container(void **state) {
	static const struct reap_answer sharded = {
		.status = 200,
		.headers =
			{"X-Backend-Sharding-State: sharded", "X-Backend-Storage-Policy-Index: 0"},
		.body = "[]",
	};
	static const struct reap_answer shards = {
		.status = 200,
		.headers = {"X-Backend-Record-Type: shard"},
		.body = "[{\"name\": \".shards_AUTH_a/c-1\"}]",
	};
	struct reap_scene *scene = *state;

	list_page(scene, &sharded);
	reap_scene_answer(scene, 0, &shards);
	while (scene->reap->phase == REAP_ASK)
		list_page(scene, &was_deleted);
	reap_scene_answers(scene, &unknown, 3);
	reap_scene_assert_over(scene, VERDICT_RETRY);
}

#define IN_A_SCENE(test) cmocka_unit_test_setup_teardown(test, reap_scene_begin, reap_scene_end)

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_SCENE(each_page_and_the_container_have_the_time_of_their_own_listing),
		IN_A_SCENE(one_that_is_said_to_be_gone_is_deleted_with_the_time_of_that),
		IN_A_SCENE(each_round_asks_all_servers_of_the_account),
		IN_A_SCENE(every_server_that_still_has_objects_is_asked_which),
		IN_A_SCENE(they_are_asked_once_in_a_round),
		IN_A_SCENE(a_page_that_is_too_long_is_asked_for_in_short_ones),
		IN_A_SCENE(a_server_that_does_not_know_it_proves_nothing),
		IN_A_SCENE(one_that_a_server_has_objects_of_is_not_gone),
		IN_A_SCENE(a_shard_that_was_deleted_proves_nothing_of_its_container),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
