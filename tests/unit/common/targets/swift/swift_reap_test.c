// SPDX-License-Identifier: MPL-2.0
// swift_reap_test: how a container is emptied and deleted.
#include "support/reap_scene.h"
#include "support/test.h"

#include <string.h>

static const struct reap_answer empty = LISTS("[]");
static const struct reap_answer one = LISTS("[{\"name\": \"x?y%41 z\"}]");
static const struct reap_answer ok = {.status = 204};
static const struct reap_answer gone = {.status = 404};
static const struct reap_answer conflict = {.status = 409};

#define STAMP "X-Timestamp: 1700000000.12345\n"
#define ALWAYS "X-Backend-Use-Replication-Network: true\nX-Backend-Allow-Reserved-Names: true\n"

static void an_empty_container_is_deleted_on_each_of_its_servers(void **state) {
	struct reap_scene *scene = *state;

	assert_string_equal(
		reap_scene_request(scene, 0), "HEAD http://10.1.0.1:7202/d1/0/AUTH_a\n" ALWAYS
	);
	reap_scene_is_deleted(scene);
	assert_string_equal(
		reap_scene_request(scene, 0),
		"GET http://10.1.0.3:7201/d3/0/AUTH_a/c?format=json\n" ALWAYS
	);
	reap_scene_answer(scene, 0, &empty);
	assert_int_equal(reap_scene_open(scene), 3);
	assert_string_equal(
		reap_scene_request(scene, 1),
		"DELETE http://10.1.0.2:7201/d2/0/AUTH_a/c\n" ALWAYS STAMP
		"X-Account-Host: 10.0.0.2:6202\nX-Account-Partition: 0\nX-Account-Device: d2\n"
		"X-Account-Override-Deleted: yes\n"
	);
	reap_scene_answers(scene, &ok, 3);
	reap_scene_assert_over(scene, VERDICT_DONE);
	assert_true(scene->reap->is_deleted);
	assert_int_equal(scene->reap->counts.containers[REAPED_DELETED], 1);
}

static void objects_go_first_and_each_of_their_servers_gets_the_same_time(void **state) {
	struct reap_scene *scene = *state;

	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &one);
	assert_int_equal(reap_scene_open(scene), 3);
	assert_string_equal(
		reap_scene_request(scene, 2),
		"DELETE http://10.1.0.3:7200/d3/0/AUTH_a/c/x%3Fy%2541%20z\n" ALWAYS STAMP
		"X-Container-Host: 10.0.0.3:6201\nX-Container-Partition: 0\nX-Container-Device: "
		"d3\nX-Backend-Storage-Policy-Index: 0\n"
	);
	reap_scene_answers(scene, &ok, 3);
	// Whoever undeletes it meanwhile keeps the rest.
	assert_non_null(strstr(reap_scene_request(scene, 0), "HEAD "));
	reap_scene_is_deleted(scene);
	assert_non_null(strstr(reap_scene_request(scene, 0), "?format=json&marker=x%3Fy%2541%20z\n")
	);
	reap_scene_answer(scene, 0, &empty);
	reap_scene_answers(scene, &ok, 3);
	reap_scene_assert_over(scene, VERDICT_DONE);
	assert_int_equal(scene->reap->counts.objects[REAPED_DELETED], 1);
	assert_int_equal(scene->reap->counts.replies[REAPED_DELETED], 3);
}

static const struct reap_answer of_silver = {
	.status = 200,
	.headers =
		{"X-Backend-Sharding-State: collapsed",
		 "X-Backend-Storage-Policy-Index: 0",
		 "X-Backend-Record-Storage-Policy-Index: 1"},
	.body = "[{\"name\": \"o\"}]",
};

static void fewer_servers_of_an_object_name_all_of_its_container(void **state) {
	struct reap_scene *scene = *state;

	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &of_silver);
	assert_int_equal(reap_scene_open(scene), 2);
	assert_non_null(
		strstr(reap_scene_request(scene, 0),
		       "X-Container-Host: 10.0.0.1:6201,10.0.0.3:6201\nX-Container-Partition: 0\n"
		       "X-Container-Device: d1,d3\n")
	);
	assert_non_null(strstr(reap_scene_request(scene, 1), "X-Container-Device: d2\n"));
	assert_non_null(strstr(scene->text, "X-Backend-Storage-Policy-Index: 1\n"));
	// Its files are in two places for now.
	assert_non_null(strstr(scene->text, "X-Backend-Next-Part-Power: 1\n"));
}

static void as_many_bad_answers_as_good_ones_leave_it_open(void **state) {
	struct reap_scene *scene = *state;

	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &of_silver);
	reap_scene_answer(scene, 0, &ok);
	reap_scene_answer(scene, 0, &conflict);
	assert_int_equal(scene->reap->counts.objects[REAPED_POSSIBLY], 1);
	assert_int_equal(scene->reap->counts.objects[REAPED_DELETED], 0);
}

static void names_are_bytes(void **state) {
	struct reap_scene *scene = *state;
	static const struct reap_answer odd = LISTS(
		"[{\"name\": \"\\u0000v\\u0000a\"}, {\"name\": \"a/../b\"}, "
		"{\"name\": \"\\u00f6\\ud83d\\ude00\"}]"
	);

	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &odd);
	assert_non_null(strstr(reap_scene_request(scene, 0), "/c/%00v%00a\n"));
	assert_non_null(strstr(reap_scene_request(scene, 3), "/c/a/../b\n"));
	assert_non_null(strstr(reap_scene_request(scene, 6), "/c/%C3%B6%F0%9F%98%80\n"));
}

static void answers_of_an_object_are_judged_together(void **state) {
	static const struct {
		int status[3];
		int64_t deleted, possibly, remaining, absent;
	} rows[] = {
		{{204, 204, 204}, 1, 0, 0, 0},
		{{204, 204, 500}, 1, 0, 0, 0},
		{{204, 404, 204}, 1, 0, 0, 0},
		{{204, 404, 0}, 0, 1, 0, 0},
		{{204, 507, 409}, 0, 1, 0, 0},
		{{404, 404, 404}, 0, 0, 0, 1},
		{{404, 404, 0}, 0, 0, 1, 0},
		{{409, 409, 409}, 0, 0, 1, 0},
		{{0, 0, 0}, 0, 0, 1, 0},
		{{503, 503, 503}, 0, 0, 1, 0},
	};

	for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
		struct reap_scene *scene = *state;
		const struct counts *counts;

		reap_scene_anew(scene, false, "c");
		counts = &scene->reap->counts;
		reap_scene_is_deleted(scene);
		reap_scene_answer(scene, 0, &one);
		for (int i = 0; i < 3; i++)
			reap_scene_answer(
				scene, 0, &(struct reap_answer){.status = rows[row].status[i]}
			);
		assert_int_equal(counts->objects[REAPED_DELETED], rows[row].deleted);
		assert_int_equal(counts->objects[REAPED_POSSIBLY], rows[row].possibly);
		assert_int_equal(counts->objects[REAPED_REMAINING], rows[row].remaining);
		assert_int_equal(counts->absent, rows[row].absent);
		// One that fails stops nothing else.
		assert_non_null(strstr(reap_scene_request(scene, 0), "HEAD "));
	}
}

static void an_object_that_stays_keeps_its_container_and_waits_after_three_rounds(void **state) {
	struct reap_scene *scene = *state;

	for (int round = 1; round <= 3; round++) {
		reap_scene_is_deleted(scene);
		reap_scene_answer(scene, 0, &one);
		reap_scene_answers(scene, &conflict, 3);
		reap_scene_is_deleted(scene);
		reap_scene_answer(scene, 0, &empty);
		reap_scene_assert_over(scene, round < 3 ? VERDICT_RETRY : VERDICT_POSTPONED);
		assert_int_equal(scene->reap->outcome.reason, REASON_BLOCKED);
		if (round < 3)
			reap_begin(scene->reap);
	}
	assert_string_equal(
		finding_words(&scene->reap->outcome), "1 of its objects were deleted on no server"
	);
	assert_int_equal(scene->reap->counts.containers[REAPED_REMAINING], 1);
}

static void a_page_that_is_done_is_not_asked_for_again(void **state) {
	struct reap_scene *scene = *state;

	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &one);
	assert_int_equal(scene->reap->marker.len, 0);
	reap_scene_answers(scene, &ok, 3);
	assert_string_equal(buf_text(&scene->reap->marker), "x?y%41 z");
}

static void most_servers_decide_whether_the_container_is_deleted(void **state) {
	struct reap_scene *scene = *state;

	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &empty);
	reap_scene_answer(scene, 0, &ok);
	reap_scene_answer(scene, 0, &(struct reap_answer){.status = 0});
	reap_scene_answer(scene, 0, &ok);
	reap_scene_assert_over(scene, VERDICT_DONE);
	assert_true(scene->reap->is_deleted);
}

static void one_that_is_gone_already_needs_a_proof(void **state) {
	struct reap_scene *scene = *state;
	static const struct reap_answer was_deleted = {
		.status = 404,
		.headers =
			{"X-Backend-Put-Timestamp: 1700000000.00000",
			 "X-Backend-Delete-Timestamp: 1700000001.00000"},
	};

	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &was_deleted);
	reap_scene_answers(scene, &gone, 3);
	reap_scene_assert_over(scene, VERDICT_DONE);
	assert_int_equal(scene->reap->outcome.reason, REASON_GONE);
	assert_false(scene->reap->is_deleted);

	// Without one a wrong ring would make all of them 404.
	reap_scene_anew(scene, false, "c");
	reap_scene_is_deleted(scene);
	reap_scene_answer(scene, 0, &empty);
	reap_scene_answers(scene, &gone, 3);
	reap_scene_assert_over(scene, VERDICT_RETRY);
}

static void one_that_no_server_knows_waits(void **state) {
	// Never there; and there again since it was deleted.
	static const struct reap_answer answers[] = {
		{.status = 404,
		 .headers =
			 {"X-Backend-Put-Timestamp: 0000000000.00000",
			  "X-Backend-Delete-Timestamp: 0000000000.00000"}},
		{.status = 404,
		 .headers =
			 {"X-Backend-Put-Timestamp: 1700000002.00000",
			  "X-Backend-Delete-Timestamp: 1700000001.00000"}},
		{.status = 404},
	};

	for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
		struct reap_scene *scene = *state;

		reap_scene_anew(scene, false, "c");
		reap_scene_is_deleted(scene);
		reap_scene_answers(scene, &answers[i], 3);
		reap_scene_assert_over(scene, VERDICT_POSTPONED);
		assert_int_equal(scene->reap->outcome.reason, REASON_UNKNOWN);
	}
}

#define IN_A_SCENE(test) cmocka_unit_test_setup_teardown(test, reap_scene_begin, reap_scene_end)

int main(void) {
	const struct CMUnitTest tests[] = {
		IN_A_SCENE(an_empty_container_is_deleted_on_each_of_its_servers),
		IN_A_SCENE(objects_go_first_and_each_of_their_servers_gets_the_same_time),
		IN_A_SCENE(fewer_servers_of_an_object_name_all_of_its_container),
		IN_A_SCENE(as_many_bad_answers_as_good_ones_leave_it_open),
		IN_A_SCENE(names_are_bytes),
		IN_A_SCENE(answers_of_an_object_are_judged_together),
		IN_A_SCENE(an_object_that_stays_keeps_its_container_and_waits_after_three_rounds),
		IN_A_SCENE(a_page_that_is_done_is_not_asked_for_again),
		IN_A_SCENE(most_servers_decide_whether_the_container_is_deleted),
		IN_A_SCENE(one_that_is_gone_already_needs_a_proof),
		IN_A_SCENE(one_that_no_server_knows_waits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
