// SPDX-License-Identifier: MPL-2.0
// swift_remover_test: what of a container is handed on when others go on with it, and what is told
// of it at its end.
#include "support/reap_scene.h"
#include "support/test.h"

#include "common/candidate.h"
#include "common/target/target_remover.h"
#include "common/target/work.h"
#include "common/targets/swift/config/config.h"
#include "common/targets/swift/record/container_record.h"
#include "common/targets/swift/remover.h"

#include <stdlib.h>
#include <string.h>

static const struct reap_answer empty = LISTS("[]");
static const struct reap_answer two = LISTS("[{\"name\": \"a\"}, {\"name\": \"b c\"}]");
static const struct reap_answer ok = {.status = 204};
static const struct reap_answer conflict = {.status = 409};

static struct work work_of(struct reap_scene *scene) {
	return (struct work){.state = scene->reap};
}

// Puts what is left of the work in its place, as another process would begin with it.
static void hand_on(struct reap_scene *scene) {
	const struct swift_config config = {.cluster = scene->cluster};
	struct candidate copy = {.id = NULL};
	struct work begun = work_of(scene), next = {.candidate = &copy};

	assert_true(swift_remover.rest(&config, &begun, &copy));
	assert_int_equal(swift_remover.load(&config, &next, NULL), 0);
	reap_free(scene->reap);
	scene->reap = next.state;
}

static void assert_begins_anew(struct reap_scene *scene) {
	struct candidate copy = {.id = NULL};
	struct work work = work_of(scene);

	assert_false(swift_remover.rest(NULL, &work, &copy));
}

static struct work_result result_of(struct reap_scene *scene) {
	struct work work = work_of(scene);
	struct work_result result = {.finding = {.verdict = VERDICT_GO}};
	const struct work_pair pair = {&work, &result};

	assert_int_equal(swift_remover.remove(NULL, NULL, &pair, 1), 0);
	return result;
}

static int64_t gone_along(struct reap_scene *scene) {
	struct work work = work_of(scene);

	return swift_remover.gone_along(NULL, &work);
}

static void take_two(struct reap_scene *scene) {
	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &two);
	reap_scene_answers(scene, &ok, 6);
}

static void who_goes_on_begins_behind_the_last_page_that_was_done(void **state) {
	struct reap_scene *scene = *state;

	take_two(scene);
	hand_on(scene);
	// All servers of the account are asked again.
	assert_non_null(strstr(reap_scene_request(scene, 0), "HEAD http://10.1.0.1:7202/"));
	reap_scene_is_deleted(scene);
	assert_non_null(strstr(reap_scene_request(scene, 0), "/c?format=json&marker=b%20c\n"));
	// And the next one begins there, too.
	hand_on(scene);
	reap_scene_is_deleted(scene);
	assert_non_null(strstr(reap_scene_request(scene, 0), "/c?format=json&marker=b%20c\n"));
}

static void a_page_that_is_not_done_is_listed_again_by_who_goes_on(void **state) {
	static const struct reap_answer more = LISTS("[{\"name\": \"d\"}]");
	struct reap_scene *scene = *state;

	take_two(scene);
	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &more);
	reap_scene_answers(scene, &ok, 2);
	hand_on(scene);
	reap_scene_is_deleted(scene);
	assert_non_null(strstr(reap_scene_request(scene, 0), "/c?format=json&marker=b%20c\n"));
}

static void one_without_a_page_that_was_done_begins_anew(void **state) {
	struct reap_scene *scene = *state;

	assert_begins_anew(scene);
	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &two);
	assert_begins_anew(scene);
}

static void one_that_users_see_goes_when_the_operator_says_so(void **state) {
	struct reap_scene *scene = *state;
	const struct swift_config config = {.cluster = scene->cluster, .reap_half_undeleted = true};
	struct candidate copy = {.id = NULL};
	struct work begun = work_of(scene), next = {.candidate = &copy};

	take_two(scene);
	assert_true(swift_remover.rest(&config, &begun, &copy));
	assert_int_equal(swift_remover.load(&config, &next, NULL), 0);
	reap_free(scene->reap);
	scene->reap = next.state;
	reap_scene_answers(scene, &ok, 3);
	assert_non_null(strstr(reap_scene_request(scene, 0), "GET "));
}

// Its objects count as gone along with it.
static void a_container_that_is_deleted_is_told_with_its_objects(void **state) {
	struct reap_scene *scene = *state;
	struct work_result result;

	take_two(scene);
	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &empty);
	reap_scene_answers(scene, &ok, 3);
	result = result_of(scene);
	assert_int_equal(result.finding.verdict, VERDICT_DONE);
	assert_int_equal(result.rows.removed, 1);
	assert_int_equal(gone_along(scene), 2);
}

static void one_that_is_undeleted_is_told_as_live_with_the_objects_that_went(void **state) {
	struct reap_scene *scene = *state;
	struct work_result result;

	take_two(scene);
	reap_scene_answer(scene, 0, &ok);
	result = result_of(scene);
	assert_int_equal(result.finding.verdict, VERDICT_LEFT);
	assert_int_equal(result.finding.reason, REASON_LIVE);
	assert_int_equal(result.rows.removed, 0);
	assert_int_equal(gone_along(scene), 2);
	assert_begins_anew(scene);
}

static void one_that_waits_is_told_with_the_servers_that_refuse(void **state) {
	static const struct reap_answer unknown = {.status = 404};
	struct reap_scene *scene = *state;
	struct work_result result;

	for (int round = 1; round <= 3; round++) {
		reap_scene_is_deleted(scene);
		reap_scene_answer(scene, 0, &empty);
		reap_scene_answer(scene, 0, &conflict);
		reap_scene_answer(scene, 0, &unknown);
		reap_scene_answer(scene, 0, &(struct reap_answer){.status = 507});
		while (scene->reap->phase == REAP_ASK) {
			reap_scene_is_deleted(scene);
			reap_scene_answer(scene, 0, &empty);
		}
		reap_scene_answer(scene, 0, &conflict);
		reap_scene_answer(scene, 0, &unknown);
		reap_scene_answer(scene, 0, &(struct reap_answer){.status = 507});
		if (round < 3)
			reap_begin(scene->reap);
	}
	result = result_of(scene);
	assert_int_equal(result.finding.verdict, VERDICT_POSTPONED);
	assert_int_equal(result.finding.reason, REASON_BLOCKED);
	assert_int_equal(result.rows.removed, 0);
	assert_string_equal(
		finding_words(&result.finding),
		"of its 3 container servers 0 deleted it, 1 still have objects of it, 1 do not "
		"know it and 1 did not do it"
	);
	finding_clear(&result.finding);
}

#define IN_A_SCENE(test) cmocka_unit_test_setup_teardown(test, reap_scene_begin, reap_scene_end)

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_SCENE(who_goes_on_begins_behind_the_last_page_that_was_done),
		IN_A_SCENE(a_page_that_is_not_done_is_listed_again_by_who_goes_on),
		IN_A_SCENE(one_without_a_page_that_was_done_begins_anew),
		IN_A_SCENE(one_that_users_see_goes_when_the_operator_says_so),
		IN_A_SCENE(a_container_that_is_deleted_is_told_with_its_objects),
		IN_A_SCENE(one_that_is_undeleted_is_told_as_live_with_the_objects_that_went),
		IN_A_SCENE(one_that_waits_is_told_with_the_servers_that_refuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
