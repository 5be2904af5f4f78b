// SPDX-License-Identifier: MPL-2.0
// handle_test: what keeps a database from being opened, and for how long a lost one is waited for.
#include "support/test.h"

#include "common/base/clock.h"
#include "common/db/db.h"
#include "common/handle.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

enum { PATIENCE_MS = 30 * 1000 };

static struct {
	int64_t now_ms;
	int64_t pauses_ms[64];
	size_t naps;
	size_t opened;
	int open_error;
	int writable_error;
	bool broke; // the connection, under a statement
	// So many connections do work before they break.
	int works;
} world;

// What stands for a connection: nobody looks inside.
static char connection;

WRAPS(clock_mono_ms);
int64_t __wrap_clock_mono_ms(void) {
	return world.now_ms;
}

WRAPS(db_open);
int __wrap_db_open(
	struct db **out,
	const struct db_url *url,
	const struct db_limits *limits,
	char *error,
	size_t error_bytes
) {
	(void)url;
	(void)limits;
	world.opened++;
	snprintf(error, error_bytes, "%s", world.open_error < 0 ? "no connection" : "");
	if (world.open_error == 0)
		*out = (struct db *)&connection;
	return world.open_error;
}

WRAPS(db_close);
void __wrap_db_close(struct db *db) {
	(void)db;
}

WRAPS(db_check_writable);
int __wrap_db_check_writable(struct db *db) {
	(void)db;
	return world.writable_error;
}

WRAPS(db_error);
const char *__wrap_db_error(const struct db *db) {
	(void)db;
	return "words of the server";
}

WRAPS(db_broke);
bool __wrap_db_broke(const struct db *db) {
	(void)db;
	return world.broke;
}

WRAPS(db_broke_at_work);
bool __wrap_db_broke_at_work(const struct db *db) {
	(void)db;
	return world.broke && world.works > 0;
}

WRAPS(db_begin_work);
void __wrap_db_begin_work(struct db *db) {
	(void)db;
	world.works--;
}

static bool nap(void *ctx, int64_t ms) {
	(void)ctx;
	assert_int_in_range(world.naps, 0, 63);
	world.pauses_ms[world.naps++] = ms;
	world.now_ms += ms;
	return true;
}

static int set_up(void **state) {
	char error[64];

	memset(&world, 0, sizeof(world));
	world.now_ms = 1000;
	return handle_new(
		(struct handle **)state, HANDLE_DB, "mysql://u@127.0.0.1/x", error, sizeof(error)
	);
}

static int tear_down(void **state) {
	handle_free(*state);
	return 0;
}

static void only_what_an_operator_must_mend_is_not_waited_for(void **state) {
	static const int his[] = {-EACCES, -ENOENT, -ENOTSUP};
	static const int awaited[] = {
		-ENOTCONN, -EAGAIN, -ETIME, -EIO, -EBUSY, -EILSEQ, -ENOMEM, -EINVAL};

	for (size_t i = 0; i < sizeof(his) / sizeof(his[0]); i++) {
		world.open_error = his[i];
		assert_int_equal(handle_open(*state), his[i]);
		assert_int_equal(handle_reopen(*state, PATIENCE_MS, nap, NULL), his[i]);
	}
	assert_int_equal(world.naps, 0);
	for (size_t i = 0; i < sizeof(awaited) / sizeof(awaited[0]); i++) {
		world.open_error = awaited[i];
		assert_int_equal(handle_open(*state), -ENOTCONN);
		assert_string_equal(handle_error(*state), "no connection");
		assert_false(handle_broke(*state));
	}
}

static void a_server_that_does_not_say_whether_it_can_be_written_to_is_waited_for(void **state) {
	handle_want_writable(*state, true);
	world.writable_error = -EIO;
	world.broke = true;
	assert_int_equal(handle_open(*state), -ENOTCONN);
	assert_string_equal(handle_error(*state), "words of the server");
	assert_false(handle_broke(*state));
}

static void a_server_without_room_is_told_from_one_that_does_not_answer(void **state) {
	char words[600];

	world.open_error = -EUSERS;
	assert_int_equal(handle_open(*state), -ENOTCONN);
	assert_true(handle_is_full(*state));
	handle_say_unreachable(*state, -ENOTCONN, NULL, words, sizeof(words));
	assert_null(strstr(words, "that the server runs"));
	world.open_error = -ENOTCONN;
	assert_int_equal(handle_open(*state), -ENOTCONN);
	assert_false(handle_is_full(*state));
	handle_say_unreachable(*state, -ENOTCONN, NULL, words, sizeof(words));
	assert_non_null(strstr(words, "that the server runs"));
}

static void a_lost_one_is_waited_for_with_growing_pauses(void **state) {
	world.open_error = -ENOTCONN;
	assert_int_equal(handle_reopen(*state, PATIENCE_MS, nap, NULL), -ENOTCONN);
	assert_int_equal(world.pauses_ms[0], 50);
	assert_int_equal(world.pauses_ms[1], 100);
	assert_true(world.pauses_ms[world.naps - 2] >= 2000);
	assert_true(world.naps < 25);
	assert_int_in_range(world.now_ms, 1000 + PATIENCE_MS - 4000, 1000 + PATIENCE_MS);
}

// As a node of a cluster that was cut off: it lets us connect, and refuses the first statement.
static void one_that_connects_and_serves_nothing_uses_up_the_patience(void **state) {
	size_t rounds = 0;

	assert_int_equal(handle_open(*state), 0);
	while (handle_reopen(*state, PATIENCE_MS, nap, NULL) == 0)
		rounds++;
	assert_int_in_range(rounds, 5, 25);
	assert_int_in_range(world.now_ms, 1000 + PATIENCE_MS - 4000, 1000 + PATIENCE_MS);
	assert_string_equal(handle_error(*state), "words of the server");
}

static void work_that_was_done_begins_the_patience_anew(void **state) {
	assert_int_equal(handle_open(*state), 0);
	assert_int_equal(handle_worked(*state), 0);
	for (int i = 0; i < 8; i++)
		assert_int_equal(handle_reopen(*state, PATIENCE_MS, nap, NULL), 0);
	assert_int_equal(handle_worked(*state), world.now_ms - 1000);
	assert_int_equal(handle_worked(*state), 0);
	world.naps = 0;
	assert_int_equal(handle_reopen(*state, PATIENCE_MS, nap, NULL), 0);
	assert_int_equal(world.naps, 0);
}

// A row that ends every connection must be found before the patience ends, however many losses that
// takes.
static void losses_that_a_statement_may_have_caused_use_up_none(void **state) {
	assert_int_equal(handle_open(*state), 0);
	world.broke = true;
	world.works = 100;
	for (int i = 0; i < 60; i++)
		assert_int_equal(handle_reopen(*state, PATIENCE_MS, nap, NULL), 0);
	assert_true(world.pauses_ms[world.naps - 1] >= 2000);
}

// As a proxy that answers for a server which is not there.
static void one_that_breaks_at_the_first_statement_uses_up_the_patience(void **state) {
	assert_int_equal(handle_open(*state), 0);
	world.broke = true;
	while (handle_reopen(*state, PATIENCE_MS, nap, NULL) == 0)
		assert_false(handle_broke_at_work(*state));
	assert_int_in_range(world.now_ms, 1000 + PATIENCE_MS - 4000, 1000 + PATIENCE_MS);
}

static void after_it_gave_up_the_next_loss_is_a_new_one(void **state) {
	world.open_error = -ENOTCONN;
	assert_int_equal(handle_reopen(*state, PATIENCE_MS, nap, NULL), -ENOTCONN);
	world.now_ms += PATIENCE_MS;
	world.open_error = 0;
	world.naps = 0;
	assert_int_equal(handle_open(*state), 0);
	assert_int_equal(handle_worked(*state), 0);
	assert_int_equal(handle_reopen(*state, PATIENCE_MS, nap, NULL), 0);
	assert_int_equal(world.naps, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(only_what_an_operator_must_mend_is_not_waited_for),
		TEST(a_server_that_does_not_say_whether_it_can_be_written_to_is_waited_for),
		TEST(a_server_without_room_is_told_from_one_that_does_not_answer),
		TEST(a_lost_one_is_waited_for_with_growing_pauses),
		TEST(one_that_connects_and_serves_nothing_uses_up_the_patience),
		TEST(work_that_was_done_begins_the_patience_anew),
		TEST(losses_that_a_statement_may_have_caused_use_up_none),
		TEST(one_that_breaks_at_the_first_statement_uses_up_the_patience),
		TEST(after_it_gave_up_the_next_loss_is_a_new_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
