// SPDX-License-Identifier: MPL-2.0
// swift_reap_shards_test: containers whose objects are in shards.
#include "support/reap_scene.h"
#include "support/test.h"

#include "common/candidate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct reap_answer empty = LISTS("[]");
static const struct reap_answer two = LISTS("[{\"name\": \"a\"}, {\"name\": \"b\"}]");
static const struct reap_answer ok = {.status = 204};
static const struct reap_answer conflict = {.status = 409};

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
static const struct reap_answer sharding_no_more = {
	.status = 200,
	.headers = {"X-Backend-Sharding-State: sharding", "X-Backend-Storage-Policy-Index: 0"},
	.body = "[]",
};
static const struct reap_answer shards = {
	.status = 200,
	.headers = {"X-Backend-Sharding-State: sharded", "X-Backend-Record-Type: shard"},
	.body = "[{\"name\": \".shards_AUTH_a/c-1\"}, {\"name\": \"AUTH_a/c\"}]",
};

// Each server of the shard, and each policy.
static void answer_checks_of_a_shard(struct reap_scene *scene) {
	for (int server = 1; server <= 3; server++) {
		char words[100];

		reap_scene_is_deleted(scene);
		snprintf(
			words,
			sizeof(words),
			"GET http://10.1.0.%d:7201/d%d/0/.shards_AUTH_a/c-1?format=json\n",
			server,
			server
		);
		reap_scene_assert_asks(scene, words);
		reap_scene_answer(scene, 0, &empty);
	}
	for (int policy = 0; policy <= 2; policy++) {
		char words[64];

		reap_scene_is_deleted(scene);
		snprintf(words, sizeof(words), "X-Backend-Storage-Policy-Index: %d\n", policy);
		reap_scene_assert_asks(scene, words);
		reap_scene_answer(scene, 0, &empty);
	}
}

static void a_sharded_container_is_emptied_shard_by_shard(void **state) {
	struct reap_scene *scene = *state;

	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &sharded);
	reap_scene_assert_asks(scene, "/d3/0/AUTH_a/c?format=json&states=listing\n");
	reap_scene_assert_asks(scene, "X-Backend-Record-Type: shard\n");
	reap_scene_answer(scene, 0, &shards);
	reap_scene_is_deleted(scene);
	reap_scene_assert_asks(
		scene, "GET http://10.1.0.3:7201/d3/0/.shards_AUTH_a/c-1?format=json\n"
	);
	reap_scene_answer(scene, 0, &two);
	reap_scene_assert_asks(scene, "DELETE http://10.1.0.1:7200/d1/0/AUTH_a/c/a\n");
	reap_scene_assert_asks(scene, "X-Backend-Quoted-Container-Path: .shards_AUTH_a/c-1\n");
	reap_scene_answers(scene, &ok, 6);
	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &empty);
	answer_checks_of_a_shard(scene);
	// The entry that names the container itself is none of its shards, and no shard is deleted.
	reap_scene_assert_asks(scene, "DELETE http://10.1.0.1:7201/d1/0/AUTH_a/c\n");
	reap_scene_answers(scene, &conflict, 3);
	reap_scene_assert_over(scene, VERDICT_POSTPONED);
	assert_int_equal(scene->reap->outcome.reason, REASON_BLOCKED);
	assert_non_null(strstr(finding_words(&scene->reap->outcome), "container-sharder"));
}

static void a_server_of_a_shard_that_has_more_is_heard(void **state) {
	struct reap_scene *scene = *state;

	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &sharded);
	reap_scene_answer(scene, 0, &shards);
	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &empty);
	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &two);
	reap_scene_assert_asks(scene, "DELETE http://10.1.0.1:7200/d1/0/AUTH_a/c/a\n");
	reap_scene_assert_asks(scene, "X-Backend-Quoted-Container-Path: .shards_AUTH_a/c-1\n");
}

static void one_that_is_being_sharded_is_walked_itself_after_its_shards(void **state) {
	struct reap_scene *scene = *state;

	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &sharding);
	reap_scene_answer(scene, 0, &shards);
	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &empty);
	reap_scene_is_deleted(scene);
	reap_scene_assert_asks(scene, "GET http://10.1.0.3:7201/d3/0/AUTH_a/c?format=json\n");
	reap_scene_answer(scene, 0, &sharding);
	reap_scene_assert_asks(scene, "DELETE http://10.1.0.1:7200/d1/0/AUTH_a/c/a\n");
	assert_null(strstr(scene->text, "Quoted-Container-Path"));
}

static const struct reap_answer more_shards = {
	.status = 200,
	.headers = {"X-Backend-Sharding-State: sharding", "X-Backend-Record-Type: shard"},
	.body = "[{\"name\": \".shards_AUTH_a/c-1\"}, {\"name\": \".shards_AUTH_a/c-2\"}]",
};

// Its rest is a record, which is read by another worker.
static void go_on_elsewhere(struct reap_scene *scene) {
	struct container_record rest, read;
	struct candidate candidate = {.data = NULL};

	assert_true(reap_rest(scene->reap, &rest));
	assert_int_equal(container_record_pack(&rest, &candidate.data, &candidate.data_bytes), 0);
	assert_int_equal(container_record_read(&read, &candidate), 0);
	free(candidate.data);
	reap_free(scene->reap);
	assert_int_equal(
		reap_new(
			&scene->reap,
			scene->cluster,
			&(struct reap_rule){.takes_absent = true},
			&read
		),
		0
	);
	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &sharding);
	reap_scene_answer(scene, 0, &more_shards);
	reap_scene_is_deleted(scene);
}

static void one_that_is_held_in_a_shard_goes_on_with_that_one(void **state) {
	struct reap_scene *scene = *state;
	struct container_record rest;

	reap_scene_is_deleted(scene);
	assert_false(reap_rest(scene->reap, &rest));
	reap_scene_answer(scene, 0, &sharding);
	reap_scene_answer(scene, 0, &more_shards);
	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &empty);
	reap_scene_is_deleted(scene);
	reap_scene_assert_asks(scene, "/d3/0/.shards_AUTH_a/c-2?format=json\n");
	reap_scene_answer(scene, 0, &two);
	reap_scene_answers(scene, &ok, 6);
	go_on_elsewhere(scene);
	reap_scene_assert_asks(scene, "/d3/0/.shards_AUTH_a/c-2?format=json&marker=b\n");
	reap_scene_answer(scene, 0, &empty);
	// Then what is being moved, which does not get less.
	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &sharding);
	reap_scene_answers(scene, &ok, 3);
	go_on_elsewhere(scene);
	reap_scene_assert_asks(scene, "/d3/0/AUTH_a/c?format=json&marker=a\n");
	reap_scene_answer(scene, 0, &sharding_no_more);
	// And what is looked for once more.
	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &empty);
	reap_scene_is_deleted(scene);
	reap_scene_assert_asks(scene, "/d2/0/.shards_AUTH_a/c-1?format=json\n");
	go_on_elsewhere(scene);
	reap_scene_assert_asks(scene, "/d2/0/.shards_AUTH_a/c-1?format=json\n");
}

static void a_shard_that_is_not_there_any_more_has_it_begin_with_the_first(void **state) {
	struct reap_scene *scene = *state;

	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &sharded);
	reap_scene_answer(
		scene,
		0,
		&(struct reap_answer){
			.status = 200,
			.headers = {"X-Backend-Record-Type: shard"},
			.body = "[{\"name\": \".shards_AUTH_a/c-0\"}]",
		}
	);
	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &two);
	reap_scene_answers(scene, &ok, 6);
	go_on_elsewhere(scene);
	reap_scene_assert_asks(scene, "/d3/0/.shards_AUTH_a/c-1?format=json\n");
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
	reap_scene_assert_asks(scene, "X-Backend-Storage-Policy-Index: 1\n");
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
		IN_A_SCENE(a_sharded_container_is_emptied_shard_by_shard),
		IN_A_SCENE(a_server_of_a_shard_that_has_more_is_heard),
		IN_A_SCENE(one_that_is_being_sharded_is_walked_itself_after_its_shards),
		IN_A_SCENE(one_that_is_held_in_a_shard_goes_on_with_that_one),
		IN_A_SCENE(a_shard_that_is_not_there_any_more_has_it_begin_with_the_first),
		IN_A_SCENE(one_that_is_sharded_meanwhile_is_begun_anew),
		IN_A_SCENE(a_shard_that_nobody_knows_keeps_its_container),
		IN_A_SCENE(a_list_of_shards_that_is_not_understood_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
