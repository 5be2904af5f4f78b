// SPDX-License-Identifier: MPL-2.0
// journal_test: what a pass reads from the state topic and writes to it. Topics, database and lock
// are stood in for.
#include "common/handle.h"
#include "common/kafka/topics/kafka_state.h"
#include "common/target/target_scanner.h"
#include "producer/outbox/journal.h"
#include "producer/outbox/lock.h"
#include "producer/outbox/publisher.h"
#include "support/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { DAY_MS = 24 * 3600 * 1000 };

// What the stand-ins answer, and what they were told.
struct world {
	unsigned char cursor[8192]; // in the state topic
	size_t cursor_len; // 0: none
	int get_err, put_err;
	int puts;
	const char *held;
	int held_err; // of the next look
	bool is_lock_lost;
	// Of the candidates, until it was asked.
	bool is_topic_lost;
	int verifies, frees; // of the lock
	int (*on_wait)(void *ctx);
	void *on_wait_ctx;
	char acked[PAGE_CURSOR_BYTES];
};
static struct world *world;

WRAPS(kafka_state_open);
WRAPS(kafka_state_close);
WRAPS(kafka_state_get);
WRAPS(kafka_state_put);
WRAPS(kafka_state_layout);
WRAPS(kafka_state_error);
WRAPS(publisher_begin);
WRAPS(publisher_seal);
WRAPS(publisher_cursor);
WRAPS(publisher_error);
WRAPS(publisher_look);
WRAPS(publisher_on_wait);
WRAPS(publisher_was_lost);

int __wrap_kafka_state_open(
	struct kafka_state **out,
	const struct kafka_options *options,
	const char *target,
	struct log *log,
	char *error,
	size_t error_bytes
) {
	(void)options;
	(void)target;
	(void)log;
	snprintf(error, error_bytes, "%s", "");
	*out = NULL;
	return 0;
}

void __wrap_kafka_state_close(struct kafka_state *state) {
	(void)state;
}

int __wrap_kafka_state_get(
	struct kafka_state *state, const char *key, int64_t timeout_ms, struct buf *out
) {
	(void)state;
	(void)timeout_ms;
	assert_string_equal(key, CURSOR_KEY);
	if (world->get_err < 0)
		return world->get_err;
	if (world->cursor_len == 0)
		return -ENOENT;
	return buf_add(out, (const char *)world->cursor, world->cursor_len);
}

int __wrap_kafka_state_put(
	struct kafka_state *state,
	const char *key,
	const void *bytes,
	size_t len,
	int64_t timeout_ms
) {
	(void)state;
	(void)timeout_ms;
	assert_string_equal(key, CURSOR_KEY);
	if (world->put_err < 0)
		return world->put_err;
	assert_true(len <= sizeof(world->cursor));
	memcpy(world->cursor, bytes, len);
	world->cursor_len = len;
	world->puts++;
	return 0;
}

int __wrap_kafka_state_layout(struct kafka_state *state, int64_t timeout_ms, struct layout *out) {
	(void)state;
	(void)timeout_ms;
	*out = (struct layout){.range_width = 10};
	return 0;
}

const char *__wrap_kafka_state_error(const struct kafka_state *state) {
	(void)state;
	return "the brokers do not answer";
}

static int fake_lock_take(struct lock *lock) {
	(void)lock;
	return 0;
}

static int fake_lock_verify(struct lock *lock) {
	(void)lock;
	world->verifies++;
	return world->is_lock_lost ? -ESTALE : 0;
}

static const char *fake_lock_error(const struct lock *lock) {
	(void)lock;
	return "it was lost";
}

static void fake_lock_free(struct lock *lock) {
	(void)lock;
	world->frees++;
}

static const struct lock_ops fake_lock_ops = {
	.take = fake_lock_take,
	.verify = fake_lock_verify,
	.error = fake_lock_error,
	.free = fake_lock_free,
};

int __wrap_publisher_begin(struct publisher *publisher, const char *run, int64_t range_width) {
	(void)publisher;
	(void)run;
	assert_int_equal(range_width, 10);
	world->acked[0] = '\0';
	return 0;
}

// All that is published is acknowledged at once.
int __wrap_publisher_seal(struct publisher *publisher, const char *cursor) {
	(void)publisher;
	snprintf(world->acked, sizeof(world->acked), "%s", cursor);
	return 0;
}

const char *__wrap_publisher_cursor(const struct publisher *publisher) {
	(void)publisher;
	return world->acked;
}

const char *__wrap_publisher_error(const struct publisher *publisher) {
	(void)publisher;
	return "";
}

void __wrap_publisher_look(struct publisher *publisher) {
	(void)publisher;
}

void __wrap_publisher_on_wait(struct publisher *publisher, int (*call)(void *ctx), void *ctx) {
	(void)publisher;
	world->on_wait = call;
	world->on_wait_ctx = ctx;
}

bool __wrap_publisher_was_lost(struct publisher *publisher) {
	bool was_lost = world->is_topic_lost;

	(void)publisher;
	world->is_topic_lost = false;
	return was_lost;
}

static int look_at_held(const void *config, struct handle *handle, char *out, size_t out_bytes) {
	int err = world->held_err;

	(void)config;
	(void)handle;
	world->held_err = 0;
	snprintf(out, out_bytes, "%s", world->held);
	return err;
}

static const struct target_scanner scanner = {.held = look_at_held};
static const struct target target = {.name = "fruit", .scanner = &scanner};

struct scene {
	struct world world;
	struct lock lock;
	struct journal *journal;
	struct handle *handle;
	struct producer_hooks hooks;
	struct pass pass;
};

static void begin_scene(struct scene *scene) {
	const struct journal_setup setup = {
		.target = &target,
		.lock = &scene->lock,
		.full_interval_ms = DAY_MS,
	};
	char error[64];

	*scene = (struct scene){.world = {.held = ""}, .lock = {.ops = &fake_lock_ops}};
	world = &scene->world;
	assert_int_equal(journal_new(&scene->journal, &setup, error, sizeof(error)), 0);
	assert_int_equal(handle_new(&scene->handle, HANDLE_NONE, "", error, sizeof(error)), 0);
	scene->hooks = journal_hooks(scene->journal);
}

static void end_scene(struct scene *scene) {
	scene->hooks.close(scene->hooks.ctx);
	assert_int_equal(scene->world.frees, 1);
	journal_free(scene->journal);
	assert_int_equal(scene->world.frees, 1);
	handle_free(scene->handle);
}

static int begin_pass(struct scene *scene) {
	scene->pass = (struct pass){.wish = {.id = "p", .started_wall_ms = 1000}};
	return scene->hooks.begin(scene->hooks.ctx, scene->handle, &scene->pass);
}

// So many rows that the cursor is saved.
static struct page page_to(const char *cursor) {
	struct page page = {.rows = 1000000};

	snprintf(page.cursor, sizeof(page.cursor), "%s", cursor);
	return page;
}

static int put_page(struct scene *scene, const char *cursor) {
	struct page page = page_to(cursor);

	return scene->hooks.page(scene->hooks.ctx, &scene->pass, &page);
}

static int end_pass(struct scene *scene, const char *cursor) {
	struct page page = {.end_of_pass = true};
	int err;

	snprintf(page.cursor, sizeof(page.cursor), "%s", cursor);
	err = scene->hooks.page(scene->hooks.ctx, &scene->pass, &page);
	return scene->hooks.end(scene->hooks.ctx, &scene->pass, err);
}

static struct cursor saved(void) {
	struct cursor cursor;

	assert_int_equal(cursor_unpack(&cursor, world->cursor, world->cursor_len), 0);
	return cursor;
}

static void save_junk(void) {
	memcpy(world->cursor, "junk", 4);
	world->cursor_len = 4;
}

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
		cmocka_unit_test(moves_no_cursor_while_it_cannot_see_what_is_held),
		cmocka_unit_test(writes_nothing_without_the_lock),
		cmocka_unit_test(saves_while_it_waits_for_the_workers_but_nothing_twice),
		cmocka_unit_test(stops_waiting_when_the_lock_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
