// SPDX-License-Identifier: MPL-2.0
// swift_reap_servers_test: servers that do not answer, that do not agree, or that say what is not
// expected; and containers whose objects are elsewhere.
#include "support/reap_scene.h"
#include "support/test.h"

#include <stdio.h>
#include <string.h>

static const struct reap_answer deleted = SAYS_DELETED;
static const struct reap_answer empty = LISTS("[]");
static const struct reap_answer two = LISTS("[{\"name\": \"a\"}, {\"name\": \"b\"}]");
static const struct reap_answer ok = {.status = 204};
static const struct reap_answer conflict = {.status = 409};
static const struct reap_answer timeout = {.status = 0};

static void assert_asks(struct reap_scene *scene, const char *words) {
	const char *request = reap_scene_request(scene, 0);

	if (strstr(request, words) == NULL)
		fail_msg("'%s' is not in:\n%s", words, request);
}

// --- the account

static void an_account_that_users_see_is_left(void **state) {
	struct reap_scene *scene = *state;

	reap_scene_answer(scene, 0, &ok);
	reap_scene_assert_over(scene, VERDICT_LEFT);
	assert_int_equal(scene->reap->outcome.reason, REASON_LIVE);
	// One of its servers is enough: somebody begins to undelete it.
	reap_scene_anew(scene, false, "c");
	reap_scene_answers(scene, &deleted, 2);
	assert_asks(scene, "HEAD http://10.1.0.3:7202/");
	reap_scene_answer(scene, 0, &ok);
	reap_scene_assert_over(scene, VERDICT_LEFT);
	reap_scene_anew(scene, true, "c");
	reap_scene_answers(scene, &ok, 3);
	assert_asks(scene, "GET ");
}

static void one_that_is_undeleted_between_two_pages_keeps_the_rest(void **state) {
	struct reap_scene *scene = *state;

	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &two);
	reap_scene_answers(scene, &ok, 6);
	assert_asks(scene, "HEAD ");
	reap_scene_answer(scene, 0, &ok);
	reap_scene_assert_over(scene, VERDICT_LEFT);
}

static void an_account_that_one_server_does_not_know_is_asked_for_elsewhere(void **state) {
	struct reap_scene *scene = *state;
	static const struct reap_answer unknown = {.status = 404};

	reap_scene_answer(scene, 0, &unknown);
	assert_asks(scene, "HEAD http://10.1.0.2:7202/");
	reap_scene_answer(scene, 0, &deleted);
	reap_scene_answer(scene, 0, &unknown);
	assert_asks(scene, "GET ");
	reap_scene_anew(scene, false, "c");
	reap_scene_answers(scene, &unknown, 3);
	reap_scene_assert_over(scene, VERDICT_POSTPONED);
	assert_non_null(strstr(finding_words(&scene->reap->outcome), "hash of swift.conf"));
}

static void a_server_that_fails_is_tried_again_on_another(void **state) {
	struct reap_scene *scene = *state;

	reap_scene_answer(scene, 0, &(struct reap_answer){.status = 503});
	assert_int_equal(scene->finding.verdict, VERDICT_RETRY);
	assert_int_equal(scene->finding.reason, REASON_HTTP_5XX);
	assert_asks(scene, "HEAD http://10.1.0.2:7202/");
	reap_scene_answer(scene, 0, &deleted);
	// That is enough; the others are asked once.
	reap_scene_answers(scene, &timeout, 2);
	assert_int_equal(scene->finding.verdict, VERDICT_GO);
	reap_scene_answer(scene, 0, &timeout);
	assert_int_equal(scene->finding.reason, REASON_TIMEOUT);
	assert_asks(scene, "GET http://10.1.0.1:7201/");
	reap_scene_answer(scene, 0, &(struct reap_answer){.status = 412});
	assert_int_equal(scene->finding.verdict, VERDICT_RETRY);
	assert_asks(scene, "GET http://10.1.0.2:7201/");
}

static void a_server_that_is_away_is_passed_over(void **state) {
	struct reap_scene *scene = *state;

	assert_true(reap_scene_unsent(scene, 0));
	assert_true(reap_scene_unsent(scene, 0));
	assert_asks(scene, "HEAD http://10.1.0.3:7202/");
	assert_false(reap_scene_unsent(scene, 0));
	reap_scene_answer(scene, 0, &deleted);
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

// --- the listing

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
		assert_asks(scene, "GET http://10.1.0.1:7201/");
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
	assert_asks(scene, "GET ");
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
	assert_asks(scene, "GET ");
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

// --- what servers have that the listing had not

static void a_server_that_still_has_objects_is_asked_which(void **state) {
	struct reap_scene *scene = *state;

	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &empty);
	reap_scene_answer(scene, 0, &ok);
	reap_scene_answer(scene, 0, &conflict);
	reap_scene_answer(scene, 0, &ok);
	reap_scene_is_deleted(scene);
	assert_asks(scene, "GET http://10.1.0.2:7201/");
	reap_scene_answer(scene, 0, &two);
	reap_scene_answers(scene, &ok, 6);
	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &empty);
	// And for objects of the other policies, at the same server.
	for (int policy = 1; policy <= 2; policy++) {
		char words[64];

		reap_scene_is_deleted(scene);
		assert_asks(scene, "GET http://10.1.0.2:7201/");
		snprintf(words, sizeof(words), "X-Backend-Storage-Policy-Index: %d\n", policy);
		assert_asks(scene, words);
		reap_scene_answer(scene, 0, &empty);
	}
	// Only the one that did not delete it is asked again.
	assert_int_equal(reap_scene_open(scene), 1);
	assert_asks(scene, "DELETE http://10.1.0.2:7201/d2/0/AUTH_a/c\n");
	reap_scene_answer(scene, 0, &ok);
	reap_scene_assert_over(scene, VERDICT_DONE);
	assert_true(scene->reap->is_deleted);
}

static const struct reap_answer sharded = {
	.status = 200,
	.headers = {"X-Backend-Sharding-State: sharded", "X-Backend-Storage-Policy-Index: 0"},
	.body = "[]",
};
static const struct reap_answer sharding = {
	.status = 200,
	.headers = {"X-Backend-Sharding-State: sharding", "X-Backend-Storage-Policy-Index: 0"},
	.body = "[{\"name\": \"a\"}]",
};
static const struct reap_answer shards = {
	.status = 200,
	.headers = {"X-Backend-Sharding-State: sharded", "X-Backend-Record-Type: shard"},
	.body = "[{\"name\": \".shards_AUTH_a/c-1\"}, {\"name\": \"AUTH_a/c\"}]",
};

static void a_sharded_container_is_emptied_shard_by_shard(void **state) {
	struct reap_scene *scene = *state;

	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &sharded);
	assert_asks(scene, "/d3/0/AUTH_a/c?format=json&states=listing\n");
	assert_asks(scene, "X-Backend-Record-Type: shard\n");
	reap_scene_answer(scene, 0, &shards);
	reap_scene_is_deleted(scene);
	assert_asks(scene, "GET http://10.1.0.3:7201/d3/0/.shards_AUTH_a/c-1?format=json\n");
	reap_scene_answer(scene, 0, &two);
	assert_asks(scene, "DELETE http://10.1.0.1:7200/d1/0/AUTH_a/c/a\n");
	assert_asks(scene, "X-Backend-Quoted-Container-Path: .shards_AUTH_a/c-1\n");
	reap_scene_answers(scene, &ok, 6);
	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &empty);
	// The entry that names the container itself is none of its shards, and no shard is deleted.
	assert_asks(scene, "DELETE http://10.1.0.1:7201/d1/0/AUTH_a/c\n");
	reap_scene_answers(scene, &conflict, 3);
	reap_scene_assert_over(scene, VERDICT_POSTPONED);
	assert_int_equal(scene->reap->outcome.reason, REASON_BLOCKED);
	assert_non_null(strstr(finding_words(&scene->reap->outcome), "container-sharder"));
}

static void one_that_is_being_sharded_is_walked_itself_after_its_shards(void **state) {
	struct reap_scene *scene = *state;

	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &sharding);
	reap_scene_answer(scene, 0, &shards);
	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &empty);
	reap_scene_is_deleted(scene);
	assert_asks(scene, "GET http://10.1.0.3:7201/d3/0/AUTH_a/c?format=json\n");
	reap_scene_answer(scene, 0, &sharding);
	assert_asks(scene, "DELETE http://10.1.0.1:7200/d1/0/AUTH_a/c/a\n");
	assert_null(strstr(scene->text, "Quoted-Container-Path"));
}

static void one_that_is_sharded_meanwhile_is_begun_anew(void **state) {
	struct reap_scene *scene = *state;

	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &empty);
	reap_scene_answer(scene, 0, &conflict);
	reap_scene_answers(scene, &ok, 2);
	// What the one that refused has, and then what there is of policy 1.
	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &empty);
	reap_scene_is_deleted(scene);
	assert_asks(scene, "X-Backend-Storage-Policy-Index: 1\n");
	reap_scene_answer(scene, 0, &sharded);
	reap_scene_assert_over(scene, VERDICT_RETRY);
	assert_string_equal(finding_words(&scene->reap->outcome), "it was sharded meanwhile");
}

static void a_shard_that_nobody_knows_keeps_its_container(void **state) {
	struct reap_scene *scene = *state;
	static const struct reap_answer unknown = {.status = 404};

	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &sharded);
	reap_scene_answer(scene, 0, &shards);
	reap_scene_is_deleted(scene);
	reap_scene_answers(scene, &unknown, 3);
	reap_scene_assert_over(scene, VERDICT_POSTPONED);
}

static void a_list_of_shards_that_is_not_understood_ends_it(void **state) {
	struct reap_scene *scene = *state;
	static const struct reap_answer odd = {
		.status = 200,
		.headers = {"X-Backend-Record-Type: shard"},
		.body = "[{\"name\": \"no slash\"}]",
	};

	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &sharded);
	// A server that does not know of shards lists objects.
	reap_scene_answer(scene, 0, &two);
	assert_int_equal(scene->finding.verdict, VERDICT_RETRY);
	reap_scene_answer(scene, 0, &odd);
	reap_scene_assert_over(scene, VERDICT_POSTPONED);
	assert_int_equal(scene->reap->outcome.reason, REASON_UNKNOWN);
}

#define IN_A_SCENE(test) cmocka_unit_test_setup_teardown(test, reap_scene_begin, reap_scene_end)

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_SCENE(an_account_that_users_see_is_left),
		IN_A_SCENE(one_that_is_undeleted_between_two_pages_keeps_the_rest),
		IN_A_SCENE(an_account_that_one_server_does_not_know_is_asked_for_elsewhere),
		IN_A_SCENE(a_server_that_fails_is_tried_again_on_another),
		IN_A_SCENE(a_server_that_is_away_is_passed_over),
		IN_A_SCENE(a_listing_that_is_not_understood_is_not_taken),
		IN_A_SCENE(a_page_that_does_not_lead_on_is_not_taken),
		IN_A_SCENE(a_page_whose_end_does_not_lead_on_is_not_taken),
		IN_A_SCENE(objects_of_a_policy_that_is_not_known_or_has_no_ring_stay),
		IN_A_SCENE(a_server_that_still_has_objects_is_asked_which),
		IN_A_SCENE(a_sharded_container_is_emptied_shard_by_shard),
		IN_A_SCENE(one_that_is_being_sharded_is_walked_itself_after_its_shards),
		IN_A_SCENE(one_that_is_sharded_meanwhile_is_begun_anew),
		IN_A_SCENE(a_shard_that_nobody_knows_keeps_its_container),
		IN_A_SCENE(a_list_of_shards_that_is_not_understood_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
