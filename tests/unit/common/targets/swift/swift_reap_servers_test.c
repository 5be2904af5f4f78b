// SPDX-License-Identifier: MPL-2.0
// swift_reap_servers_test: container servers that do not answer, that do not agree, or that say
// what is not expected.
#include "support/reap_scene.h"
#include "support/test.h"

#include <stdio.h>
#include <string.h>

static const struct reap_answer empty = LISTS("[]");
static const struct reap_answer two = LISTS("[{\"name\": \"a\"}, {\"name\": \"b\"}]");
static const struct reap_answer ok = {.status = 204};
static const struct reap_answer conflict = {.status = 409};

static void a_listing_that_is_not_understood_is_not_taken(void **state) {
	static const struct reap_answer answers[] = {
		LISTS("{}"),
		LISTS("[{\"name\": 1}]"),
		LISTS("[{\"name\": \"\"}]"),
		LISTS("[{\"name\": \"a\"}"),
		// No state: it may have shards.
		{.status = 200,
		 .headers = {"X-Backend-Storage-Policy-Index: 0"},
		 .body = "[{\"name\": \"a\"}]"},
		{.status = 200,
		 .headers = {"X-Backend-Sharding-State: unsharded"},
		 .body = "[{\"name\": \"a\"}]"},
	};

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct reap_scene *scene = *state;

		reap_scene_anew(scene, false, "c");
		reap_scene_is_deleted(scene);
		reap_scene_answer(scene, 0, &answers[i]);
		assert_int_equal(scene->finding.verdict, VERDICT_RETRY);
		assert_string_equal(
			finding_words(&scene->finding), "a listing that is not understood"
		);
		reap_scene_assert_asks(scene, "GET http://10.1.0.1:7201/");
	}
}

static void a_page_that_does_not_lead_on_is_not_taken(void **state) {
	struct reap_scene *scene = *state;

	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &two);
	reap_scene_answers(scene, &ok, 6);
	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &two);
	assert_int_equal(scene->finding.verdict, VERDICT_RETRY);
	reap_scene_assert_asks(scene, "GET ");
}

static void a_page_whose_end_does_not_lead_on_is_not_taken(void **state) {
	struct reap_scene *scene = *state;
	static const struct reap_answer back = LISTS("[{\"name\": \"c\"}, {\"name\": \"a\"}]");

	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &two);
	reap_scene_answers(scene, &ok, 6);
	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &back);
	assert_int_equal(scene->finding.verdict, VERDICT_RETRY);
	assert_string_equal(finding_words(&scene->finding), "a listing that is not understood");
	reap_scene_assert_asks(scene, "GET ");
}

static void objects_of_a_policy_that_is_not_known_or_has_no_ring_stay(void **state) {
	static const struct {
		const char *policy, *words;
	} rows[] = {
		{"X-Backend-Storage-Policy-Index: 7", "storage policy 7 is not in"},
		{"X-Backend-Storage-Policy-Index: 2", "object-2.ring.gz"},
	};

	for (size_t i = 0; i < 2; i++) {
		struct reap_scene *scene = *state;
		const struct reap_answer page = {
			.status = 200,
			.headers = {"X-Backend-Sharding-State: unsharded", rows[i].policy},
			.body = "[{\"name\": \"a\"}]",
		};

		reap_scene_anew(scene, false, "c");
		reap_scene_is_deleted(scene);
		reap_scene_answer(scene, 0, &page);
		reap_scene_assert_over(scene, VERDICT_POSTPONED);
		assert_non_null(strstr(finding_words(&scene->reap->outcome), rows[i].words));
		assert_int_equal(scene->reap->counts.objects[REAPED_REMAINING], 1);
	}
}

static void a_server_that_still_has_objects_is_asked_which(void **state) {
	struct reap_scene *scene = *state;

	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &empty);
	reap_scene_answer(scene, 0, &ok);
	reap_scene_answer(scene, 0, &conflict);
	reap_scene_answer(scene, 0, &ok);
	reap_scene_is_deleted(scene);
	reap_scene_assert_asks(scene, "GET http://10.1.0.2:7201/");
	reap_scene_answer(scene, 0, &two);
	reap_scene_answers(scene, &ok, 6);
	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &empty);
	// And for objects of the other policies, at the same server.
	for (int policy = 1; policy <= 2; policy++) {
		char words[64];

		reap_scene_is_deleted(scene);
		reap_scene_assert_asks(scene, "GET http://10.1.0.2:7201/");
		snprintf(words, sizeof(words), "X-Backend-Storage-Policy-Index: %d\n", policy);
		reap_scene_assert_asks(scene, words);
		reap_scene_answer(scene, 0, &empty);
	}
	// Only the one that did not delete it is asked again.
	assert_int_equal(reap_scene_open(scene), 1);
	reap_scene_assert_asks(scene, "DELETE http://10.1.0.2:7201/d2/0/AUTH_a/c\n");
	reap_scene_answer(scene, 0, &ok);
	reap_scene_assert_over(scene, VERDICT_DONE);
	assert_true(scene->reap->is_deleted);
}

#define IN_A_SCENE(test) cmocka_unit_test_setup_teardown(test, reap_scene_begin, reap_scene_end)

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_SCENE(a_listing_that_is_not_understood_is_not_taken),
		IN_A_SCENE(a_page_that_does_not_lead_on_is_not_taken),
		IN_A_SCENE(a_page_whose_end_does_not_lead_on_is_not_taken),
		IN_A_SCENE(objects_of_a_policy_that_is_not_known_or_has_no_ring_stay),
		IN_A_SCENE(a_server_that_still_has_objects_is_asked_which),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
