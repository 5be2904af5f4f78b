// SPDX-License-Identifier: MPL-2.0
// swift_probe_test: objects are looked for before their page goes, as long as nothing shows that
// the ring is right.
#include "support/reap_scene.h"
#include "support/test.h"

#include <stdio.h>
#include <string.h>

static const struct reap_answer page = LISTS(
	"[{\"name\": \"a\"}, {\"name\": \"b\"}, {\"name\": \"c\"}, {\"name\": \"d\"}]"
);
static const struct reap_answer empty = LISTS("[]");
static const struct reap_answer there = {.status = 200};
static const struct reap_answer unknown = {.status = 404};
static const struct reap_answer was_there = {
	.status = 404, .headers = {"X-Backend-Timestamp: 1700000000.00000"}};
static const struct reap_answer never = {
	.status = 404, .headers = {"X-Backend-Timestamp: 0000000000.00000"}};
static const struct reap_answer timeout = {.status = 0};
static const struct reap_answer ok = {.status = 204};

static void begin(struct reap_scene *scene) {
	scene->probes = true;
	reap_scene_anew(scene, false, "c");
	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &page);
}

static void some_that_are_there_are_enough(void **state) {
	struct reap_scene *scene = *state;

	begin(scene);
	assert_int_equal(reap_scene_open(scene), 1);
	reap_scene_assert_asks(scene, "HEAD http://10.1.0.1:7200/d1/0/AUTH_a/c/a\n");
	reap_scene_assert_asks(scene, "X-Backend-Storage-Policy-Index: 0\n");
	reap_scene_answer(scene, 0, &there);
	reap_scene_assert_asks(scene, "HEAD http://10.1.0.1:7200/d1/0/AUTH_a/c/b\n");
	// Whoever knows when it went is the right one.
	reap_scene_answer(scene, 0, &was_there);
	reap_scene_assert_asks(scene, "HEAD http://10.1.0.1:7200/d1/0/AUTH_a/c/c\n");
	reap_scene_answer(scene, 0, &never);
	reap_scene_assert_asks(scene, "HEAD http://10.1.0.2:7200/d2/0/AUTH_a/c/c\n");
	reap_scene_answer(scene, 0, &there);
	assert_int_equal(reap_scene_open(scene), 12);
	reap_scene_assert_asks(scene, "DELETE ");
}

static void when_most_are_nowhere_none_is_deleted(void **state) {
	struct reap_scene *scene = *state;

	begin(scene);
	reap_scene_answer(scene, 0, &there);
	reap_scene_answers(scene, &unknown, 6);
	reap_scene_answer(scene, 0, &there);
	// As many as are there: nobody knows.
	reap_scene_assert_over(scene, VERDICT_RETRY);
	assert_string_equal(
		finding_words(&scene->reap->outcome),
		"2 of 4 listed objects are on none of their servers: is the object ring of policy "
		"0 the one of this cluster? If it is: --reap-absent"
	);
	assert_int_equal(scene->reap->counts.objects[REAPED_REMAINING], 4);
	// The third time it is left for later.
	for (int round = 0; round < 2; round++) {
		reap_begin(scene->reap);
		reap_scene_is_deleted(scene);
		reap_scene_answer(scene, 0, &page);
		reap_scene_answers(scene, &never, 12);
	}
	reap_scene_assert_over(scene, VERDICT_POSTPONED);
	assert_int_equal(scene->reap->outcome.reason, REASON_BLOCKED);
}

static void one_that_was_lost_goes_with_the_others(void **state) {
	struct reap_scene *scene = *state;

	begin(scene);
	reap_scene_answers(scene, &unknown, 3);
	reap_scene_answers(scene, &there, 3);
	reap_scene_assert_asks(scene, "DELETE ");
	assert_int_equal(reap_scene_open(scene), 12);
}

static void servers_that_say_nothing_prove_nothing(void **state) {
	struct reap_scene *scene = *state;

	begin(scene);
	// Each object: a time-out, an error, and one that is away.
	for (int object = 0; object < 4; object++) {
		reap_scene_answer(scene, 0, &timeout);
		assert_int_equal(scene->finding.verdict, VERDICT_GO);
		reap_scene_answer(scene, 0, &(struct reap_answer){.status = 503});
		assert_true(reap_scene_unsent(scene, 0));
	}
	reap_scene_assert_asks(scene, "DELETE ");
}

static void a_ring_that_found_enough_is_believed(void **state) {
	struct reap_scene *scene = *state;

	begin(scene);
	reap_scene_answers(scene, &there, 3);
	reap_scene_answers(scene, &ok, 12);
	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &empty);
	reap_scene_answers(scene, &ok, 3);
	reap_scene_assert_over(scene, VERDICT_DONE);
	begin(scene);
	reap_scene_assert_asks(scene, "HEAD ");
	reap_scene_answers(scene, &there, 3);
	reap_scene_assert_asks(scene, "DELETE ");
	begin(scene);
	reap_scene_assert_asks(scene, "DELETE ");
	// Until many are missed.
	reap_scene_answers(scene, &unknown, 12);
	assert_int_equal(scene->reap->counts.absent, 4);
	begin(scene);
	reap_scene_assert_asks(scene, "HEAD ");
}

static void nothing_is_looked_for_when_it_is_said_so(void **state) {
	struct reap_scene *scene = *state;

	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &page);
	reap_scene_assert_asks(scene, "DELETE ");
}

#define IN_A_SCENE(test) cmocka_unit_test_setup_teardown(test, reap_scene_begin, reap_scene_end)

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_SCENE(some_that_are_there_are_enough),
		IN_A_SCENE(when_most_are_nowhere_none_is_deleted),
		IN_A_SCENE(one_that_was_lost_goes_with_the_others),
		IN_A_SCENE(servers_that_say_nothing_prove_nothing),
		IN_A_SCENE(a_ring_that_found_enough_is_believed),
		IN_A_SCENE(nothing_is_looked_for_when_it_is_said_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
