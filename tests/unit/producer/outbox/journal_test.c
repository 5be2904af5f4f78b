// SPDX-License-Identifier: MPL-2.0
// journal_test: what a pass reads from the state topic and writes to it. Topics, database and lock
// are stood in for.
#include "support/journal_scene.h"
#include "support/test.h"

#include "producer/outbox/journal.h"

#include <errno.h>
#include <string.h>

static void finish_first_pass(struct scene *scene) {
	assert_int_equal(begin_pass(scene), 0);
	assert_int_equal(end_pass(scene, "5/5"), 0);
	assert_string_equal(saved().at, "5/5");
	assert_false(saved().full_running);
}

static void goes_on_where_the_last_pass_ended(void **state) {
	struct scene scene;

	(void)state;
	begin_scene(&scene);
	assert_int_equal(begin_pass(&scene), 0);
	assert_null(scene.pass.wish.resume);
	assert_int_equal(put_page(&scene, "2/2"), 0);
	assert_string_equal(saved().full_at, "2/2");
	assert_int_equal(end_pass(&scene, "5/5"), 0);
	assert_int_equal(begin_pass(&scene), 0);
	assert_string_equal(scene.pass.wish.resume, "5/5");
	end_scene(&scene);
}

static void takes_a_failed_read_for_no_answer_and_not_for_no_cursor(void **state) {
	static const int errors[] = {-EAGAIN, -EACCES, -ESRCH};
	struct scene scene;

	(void)state;
	begin_scene(&scene);
	finish_first_pass(&scene);
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		int puts = scene.world.puts;

		scene.world.get_err = errors[i];
		assert_int_equal(begin_pass(&scene), errors[i]);
		assert_string_equal(scene.pass.facts.error, "the brokers do not answer");
		assert_int_equal(
			scene.hooks.end(scene.hooks.ctx, &scene.pass, errors[i]), errors[i]
		);
		assert_int_equal(scene.world.puts, puts);
	}
	scene.world.get_err = 0;
	assert_int_equal(begin_pass(&scene), 0);
	assert_string_equal(scene.pass.wish.resume, "5/5");
	end_scene(&scene);
}

static void says_what_to_do_about_a_cursor_that_cannot_be_read(void **state) {
	struct scene scene;

	(void)state;
	begin_scene(&scene);
	save_junk();
	assert_int_equal(begin_pass(&scene), -EBADMSG);
	assert_non_null(strstr(scene.pass.facts.error, "start with --full"));
	assert_int_equal(scene.world.puts, 0);
	journal_ask_full(scene.journal);
	assert_int_equal(begin_pass(&scene), 0);
	assert_null(scene.pass.wish.resume);
	assert_true(saved().full_running);
	assert_int_equal(end_pass(&scene, "5/5"), 0);
	assert_int_equal(begin_pass(&scene), 0);
	assert_string_equal(scene.pass.wish.resume, "5/5");
	end_scene(&scene);
}

static void a_full_pass_that_was_asked_for_begins_anew_once(void **state) {
	struct scene scene;

	(void)state;
	begin_scene(&scene);
	assert_int_equal(begin_pass(&scene), 0);
	assert_int_equal(put_page(&scene, "2/2"), 0);
	journal_ask_full(scene.journal);
	assert_int_equal(begin_pass(&scene), 0);
	assert_null(scene.pass.wish.resume);
	assert_int_equal(put_page(&scene, "3/3"), 0);
	assert_int_equal(begin_pass(&scene), 0);
	assert_string_equal(scene.pass.wish.resume, "3/3");
	end_scene(&scene);
}

static void a_full_pass_that_was_asked_for_is_not_forgotten_with_the_pass(void **state) {
	struct scene scene;

	(void)state;
	begin_scene(&scene);
	finish_first_pass(&scene);
	journal_ask_full(scene.journal);
	world->put_err = -EAGAIN;
	assert_int_equal(begin_pass(&scene), 0);
	assert_null(scene.pass.wish.resume);
	assert_int_equal(scene.hooks.end(scene.hooks.ctx, &scene.pass, -EIO), -EIO);
	world->put_err = 0;
	assert_int_equal(begin_pass(&scene), 0);
	assert_null(scene.pass.wish.resume);
	end_scene(&scene);
}

static void begins_anew_when_what_it_published_is_gone(void **state) {
	struct scene scene;

	(void)state;
	begin_scene(&scene);
	finish_first_pass(&scene);
	assert_int_equal(begin_pass(&scene), 0);
	assert_string_equal(scene.pass.wish.resume, "5/5");
	world->is_topic_lost = true;
	assert_int_equal(scene.hooks.end(scene.hooks.ctx, &scene.pass, -ENOENT), -ENOENT);
	assert_int_equal(begin_pass(&scene), 0);
	assert_null(scene.pass.wish.resume);
	assert_int_equal(end_pass(&scene, "6/6"), 0);
	assert_int_equal(begin_pass(&scene), 0);
	assert_string_equal(scene.pass.wish.resume, "6/6");
	end_scene(&scene);
}

// It would publish the same again and again.
static void does_not_go_on_when_the_brokers_refuse_the_cursor(void **state) {
	static const int errors[] = {-EACCES, -ESRCH, -EMSGSIZE};
	struct scene scene;

	(void)state;
	begin_scene(&scene);
	finish_first_pass(&scene);
	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		world->put_err = errors[i];
		assert_int_equal(begin_pass(&scene), errors[i]);
		assert_string_equal(scene.pass.facts.error, "the brokers do not answer");
		world->put_err = 0;
		assert_int_equal(begin_pass(&scene), 0);
		world->put_err = errors[i];
		assert_int_equal(put_page(&scene, "6/6"), errors[i]);
		assert_string_equal(saved().at, "5/5");
	}
	end_scene(&scene);
}

static void notices_what_was_held_only_while_the_pass_ran(void **state) {
	struct scene scene;
	struct page page = {.rows = 1};

	(void)state;
	begin_scene(&scene);
	finish_first_pass(&scene);
	assert_int_equal(begin_pass(&scene), 0);
	page.holds = true;
	scene.world.held = "7";
	assert_int_equal(scene.hooks.page(scene.hooks.ctx, &scene.pass, &page), 0);
	scene.world.held = "";
	assert_int_equal(end_pass(&scene, "6/6"), 0);
	assert_string_equal(saved().held, "7");
	assert_int_equal(begin_pass(&scene), 0);
	assert_null(scene.pass.wish.resume);
	// Once only.
	assert_int_equal(end_pass(&scene, "6/6"), 0);
	assert_int_equal(begin_pass(&scene), 0);
	assert_string_equal(scene.pass.wish.resume, "6/6");
	end_scene(&scene);
}

// It may be over before the next look, and what was passed over then would wait for the next full
// pass that is due.
static void scans_all_again_when_it_could_not_see_what_is_held(void **state) {
	struct scene scene;
	struct page page = {.rows = 1, .holds = true};

	(void)state;
	begin_scene(&scene);
	finish_first_pass(&scene);
	assert_int_equal(begin_pass(&scene), 0);
	scene.world.held_err = -ENOTCONN;
	assert_int_equal(scene.hooks.page(scene.hooks.ctx, &scene.pass, &page), 0);
	assert_int_equal(end_pass(&scene, "6/6"), 0);
	assert_int_equal(begin_pass(&scene), 0);
	assert_null(scene.pass.wish.resume);
	// Once only.
	assert_int_equal(end_pass(&scene, "6/6"), 0);
	assert_int_equal(begin_pass(&scene), 0);
	assert_string_equal(scene.pass.wish.resume, "6/6");
	end_scene(&scene);
}

static void scans_all_again_when_what_was_held_is_over_at_the_first_look(void **state) {
	struct scene scene;
	struct page page = {.rows = 1, .holds = true};

	(void)state;
	begin_scene(&scene);
	finish_first_pass(&scene);
	assert_int_equal(begin_pass(&scene), 0);
	assert_int_equal(scene.hooks.page(scene.hooks.ctx, &scene.pass, &page), 0);
	assert_int_equal(end_pass(&scene, "6/6"), 0);
	assert_int_equal(begin_pass(&scene), 0);
	assert_null(scene.pass.wish.resume);
	end_scene(&scene);
}

static void moves_no_cursor_while_it_cannot_see_what_is_held(void **state) {
	struct scene scene;

	(void)state;
	begin_scene(&scene);
	assert_int_equal(begin_pass(&scene), 0);
	scene.world.held_err = -ENOTCONN;
	assert_int_equal(put_page(&scene, "2/2"), 0);
	assert_string_equal(saved().full_at, "");
	assert_int_equal(put_page(&scene, "3/3"), 0);
	assert_string_equal(saved().full_at, "3/3");
	// At the end it is worth another connection.
	assert_int_equal(put_page(&scene, "4/4"), 0);
	scene.world.held_err = -ENOTCONN;
	assert_int_equal(scene.hooks.end(scene.hooks.ctx, &scene.pass, 0), 0);
	assert_string_equal(saved().full_at, "4/4");
	assert_int_equal(begin_pass(&scene), 0);
	assert_int_equal(end_pass(&scene, "5/5"), 0);
	scene.world.held_err = -ENOTCONN;
	assert_int_equal(scene.hooks.end(scene.hooks.ctx, &scene.pass, 0), 0);
	assert_string_equal(saved().at, "5/5");
	end_scene(&scene);
}

static void writes_nothing_without_the_lock(void **state) {
	struct scene scene;

	(void)state;
	begin_scene(&scene);
	assert_int_equal(begin_pass(&scene), 0);
	assert_int_equal(put_page(&scene, "2/2"), 0);
	scene.world.is_lock_lost = true;
	assert_int_equal(put_page(&scene, "3/3"), -ESTALE);
	assert_string_equal(scene.pass.facts.error, "it was lost");
	assert_int_equal(scene.hooks.end(scene.hooks.ctx, &scene.pass, -ESTALE), -ESTALE);
	assert_string_equal(saved().full_at, "2/2");
	// Nor at the end.
	scene.world.is_lock_lost = false;
	assert_int_equal(begin_pass(&scene), 0);
	scene.world.is_lock_lost = true;
	assert_int_equal(end_pass(&scene, "5/5"), -ESTALE);
	assert_true(saved().full_running);
	assert_string_equal(saved().full_at, "2/2");
	end_scene(&scene);
}

static int wait_a_second(void) {
	return world->on_wait(world->on_wait_ctx);
}

static void saves_while_it_waits_for_the_workers_but_nothing_twice(void **state) {
	struct scene scene;
	struct page small = {.rows = 1, .cursor = "2/2"};
	int puts, verifies;

	(void)state;
	begin_scene(&scene);
	assert_int_equal(begin_pass(&scene), 0);
	assert_int_equal(scene.hooks.page(scene.hooks.ctx, &scene.pass, &small), 0);
	assert_string_equal(saved().full_at, "");
	assert_int_equal(wait_a_second(), 0);
	assert_string_equal(saved().full_at, "2/2");
	puts = scene.world.puts;
	verifies = scene.world.verifies;
	assert_int_equal(wait_a_second(), 0);
	assert_int_equal(scene.world.puts, puts);
	assert_int_equal(scene.world.verifies, verifies + 1);
	// What the brokers did not take is saved later.
	scene.world.held = "9";
	world->put_err = -EAGAIN;
	assert_int_equal(wait_a_second(), 0);
	world->put_err = 0;
	assert_int_equal(wait_a_second(), 0);
	assert_string_equal(saved().held, "9");
	end_scene(&scene);
}

static void stops_waiting_when_the_lock_is_lost(void **state) {
	struct scene scene;

	(void)state;
	begin_scene(&scene);
	assert_int_equal(begin_pass(&scene), 0);
	assert_int_equal(put_page(&scene, "2/2"), 0);
	scene.world.is_lock_lost = true;
	assert_int_equal(wait_a_second(), -ESTALE);
	assert_string_equal(scene.pass.facts.error, "it was lost");
	end_scene(&scene);
}

static void a_short_pass_keeps_the_lock_and_leaves_the_cursor(void **state) {
	struct scene scene;
	int puts;

	(void)state;
	begin_scene(&scene);
	finish_first_pass(&scene);
	puts = scene.world.puts;
	scene.pass = (struct pass){.wish = {.id = "s", .started_wall_ms = 2000, .is_short = true}};
	assert_int_equal(scene.hooks.begin(scene.hooks.ctx, scene.handle, &scene.pass), 0);
	assert_null(scene.pass.wish.resume);
	assert_int_equal(put_page(&scene, "9/9"), 0);
	assert_int_equal(wait_a_second(), 0);
	assert_int_equal(end_pass(&scene, "9/9"), 0);
	assert_int_equal(scene.world.puts, puts);
	assert_int_equal(begin_pass(&scene), 0);
	assert_string_equal(scene.pass.wish.resume, "5/5");
	end_scene(&scene);
}

static void writes_no_cursor_where_pages_have_none(void **state) {
	struct scene scene;

	(void)state;
	begin_scene_without_cursors(&scene);
	for (int pass = 0; pass < 2; pass++) {
		assert_int_equal(begin_pass(&scene), 0);
		assert_null(scene.pass.wish.resume);
		assert_int_equal(put_page(&scene, ""), 0);
		assert_int_equal(wait_a_second(), 0);
		scene.world.is_topic_lost = true;
		assert_int_equal(end_pass(&scene, ""), 0);
		journal_ask_full(scene.journal);
	}
	assert_int_equal(scene.world.puts, 0);
	end_scene(&scene);
}

static void looks_at_the_lock_once_a_second_where_it_writes_none(void **state) {
	struct scene scene;

	(void)state;
	begin_scene_without_cursors(&scene);
	assert_int_equal(begin_pass(&scene), 0);
	for (int ms = 0; ms < 2000; ms += 100) {
		assert_int_equal(put_page(&scene, ""), 0);
		scene.world.now_ms += 100;
	}
	assert_int_equal(scene.world.verifies, 1);
	assert_int_equal(wait_a_second(), 0);
	assert_int_equal(scene.world.verifies, 2);
	scene.world.is_lock_lost = true;
	assert_int_equal(put_page(&scene, ""), 0);
	assert_int_equal(wait_a_second(), -ESTALE);
	scene.world.now_ms += 1000;
	assert_int_equal(put_page(&scene, ""), -ESTALE);
	assert_string_equal(scene.pass.facts.error, "it was lost");
	end_scene(&scene);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(goes_on_where_the_last_pass_ended),
		cmocka_unit_test(takes_a_failed_read_for_no_answer_and_not_for_no_cursor),
		cmocka_unit_test(says_what_to_do_about_a_cursor_that_cannot_be_read),
		cmocka_unit_test(a_full_pass_that_was_asked_for_begins_anew_once),
		cmocka_unit_test(a_full_pass_that_was_asked_for_is_not_forgotten_with_the_pass),
		cmocka_unit_test(begins_anew_when_what_it_published_is_gone),
		cmocka_unit_test(does_not_go_on_when_the_brokers_refuse_the_cursor),
		cmocka_unit_test(notices_what_was_held_only_while_the_pass_ran),
		cmocka_unit_test(scans_all_again_when_what_was_held_is_over_at_the_first_look),
		cmocka_unit_test(scans_all_again_when_it_could_not_see_what_is_held),
		cmocka_unit_test(moves_no_cursor_while_it_cannot_see_what_is_held),
		cmocka_unit_test(writes_nothing_without_the_lock),
		cmocka_unit_test(saves_while_it_waits_for_the_workers_but_nothing_twice),
		cmocka_unit_test(stops_waiting_when_the_lock_is_lost),
		cmocka_unit_test(a_short_pass_keeps_the_lock_and_leaves_the_cursor),
		cmocka_unit_test(writes_no_cursor_where_pages_have_none),
		cmocka_unit_test(looks_at_the_lock_once_a_second_where_it_writes_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
