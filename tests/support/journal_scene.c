// SPDX-License-Identifier: MPL-2.0
// journal_scene: what stands in for topics, database and lock.
#include "support/journal_scene.h"

#include "common/base/clock.h"
#include "common/handle.h"
#include "common/kafka/topics/kafka_state.h"
#include "common/target/target_scanner.h"
#include "producer/outbox/publisher.h"
#include "support/test.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { DAY_MS = 24 * 3600 * 1000 };

struct world *world;

WRAPS(clock_mono_ms);
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

static const struct target_scanner scanner = {.has_cursors = true, .held = look_at_held};
static const struct target target = {.name = "fruit", .scanner = &scanner};
static const struct target_scanner whole_scanner = {.has_cursors = false};
static const struct target whole_target = {.name = "fruit", .scanner = &whole_scanner};

int64_t __wrap_clock_mono_ms(void) {
	return world->now_ms;
}

static void begin_scene_of(struct scene *scene, const struct target *of) {
	const struct journal_setup setup = {
		.target = of,
		.lock = &scene->lock,
		.full_interval_ms = DAY_MS,
	};
	char error[64];

	*scene = (struct scene){
		.world = {.held = "", .now_ms = 1000000}, .lock = {.ops = &fake_lock_ops}};
	world = &scene->world;
	assert_int_equal(journal_new(&scene->journal, &setup, error, sizeof(error)), 0);
	assert_int_equal(handle_new(&scene->handle, HANDLE_NONE, "", error, sizeof(error)), 0);
	scene->hooks = journal_hooks(scene->journal);
}

void begin_scene(struct scene *scene) {
	begin_scene_of(scene, &target);
}

void begin_scene_without_cursors(struct scene *scene) {
	begin_scene_of(scene, &whole_target);
}

void end_scene(struct scene *scene) {
	scene->hooks.close(scene->hooks.ctx);
	assert_int_equal(scene->world.frees, 1);
	journal_free(scene->journal);
	assert_int_equal(scene->world.frees, 1);
	handle_free(scene->handle);
}

int begin_pass(struct scene *scene) {
	scene->pass = (struct pass){.wish = {.id = "p", .started_wall_ms = 1000}};
	return scene->hooks.begin(scene->hooks.ctx, scene->handle, &scene->pass);
}

// So many rows that the cursor is saved.
static struct page page_to(const char *cursor) {
	struct page page = {.rows = 1000000};

	snprintf(page.cursor, sizeof(page.cursor), "%s", cursor);
	return page;
}

int put_page(struct scene *scene, const char *cursor) {
	struct page page = page_to(cursor);

	return scene->hooks.page(scene->hooks.ctx, &scene->pass, &page);
}

int end_pass(struct scene *scene, const char *cursor) {
	struct page page = {.end_of_pass = true};
	int err;

	snprintf(page.cursor, sizeof(page.cursor), "%s", cursor);
	err = scene->hooks.page(scene->hooks.ctx, &scene->pass, &page);
	return scene->hooks.end(scene->hooks.ctx, &scene->pass, err);
}

struct cursor saved(void) {
	struct cursor cursor;

	assert_int_equal(cursor_unpack(&cursor, world->cursor, world->cursor_len), 0);
	return cursor;
}

void save_junk(void) {
	memcpy(world->cursor, "junk", 4);
	world->cursor_len = 4;
}
