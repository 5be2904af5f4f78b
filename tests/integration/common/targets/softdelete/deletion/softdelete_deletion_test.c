// SPDX-License-Identifier: MPL-2.0
// softdelete_deletion_test: a commit whose end was not heard counts once, with all that it did.
//
// The loss is told to the chunk, as transaction.c notes it: no test can end a connection just
// within a commit.
#include "common/db/db.h"
#include "common/targets/softdelete/deletion/deletion.h"
#include "support/db.h"
#include "support/mariadb.h"
#include "support/test.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

static struct mariadb *server;
static struct db *db;
static struct db *other;

static struct preset preset = {
	.tables =
		{{.name = "parts", .key = "item", .goes_with = "items"},
		 {.name = "items", .key = "id", .age = "deleted_at"}},
	.count = 2,
};

static struct deletion_rule rule = {.preset = &preset, .rows_max = 100};

// Five keys: two that are due, with three parts; one that came back to life; one that nobody has;
// one that is in use.
static const char *const keys[] = {"1", "2", "3", "4", "5"};
enum { KEYS = 5 };

static int set_up(void **state) {
	(void)state;
	server = mariadb_start();
	db = test_db_open(server);
	other = test_db_open(server);
	test_db_exec(db, "CREATE TABLE items (id INT PRIMARY KEY, deleted_at DATETIME)");
	test_db_exec(db, "CREATE TABLE parts (id INT PRIMARY KEY, item INT, INDEX (item))");
	test_db_exec(db, "CREATE TABLE uses (item INT, FOREIGN KEY (item) REFERENCES items (id))");
	return 0;
}

static int tear_down(void **state) {
	(void)state;
	db_close(other);
	db_close(db);
	mariadb_stop(server);
	return 0;
}

static int fill(void **state) {
	(void)state;
	test_db_exec(db, "DELETE FROM uses");
	test_db_exec(db, "DELETE FROM parts");
	test_db_exec(db, "DELETE FROM items");
	test_db_exec(
		db,
		"INSERT INTO items VALUES (1, '2020-01-01'), (2, '2020-01-01'), (3, NULL), "
		"(5, '2020-01-01')"
	);
	test_db_exec(db, "INSERT INTO parts VALUES (1, 1), (2, 1), (3, 2)");
	test_db_exec(db, "INSERT INTO uses VALUES (5)");
	return 0;
}

static struct chunk *make_chunk(void) {
	struct chunk *chunk = calloc(1, sizeof(*chunk) + KEYS * sizeof(struct chunk_key));

	assert_non_null(chunk);
	chunk->table = preset_find(&preset, "items");
	strcpy(chunk->cutoff, "2021-01-01");
	chunk->count = KEYS;
	for (size_t i = 0; i < KEYS; i++)
		chunk->keys[i] = (struct chunk_key){keys[i], strlen(keys[i])};
	return chunk;
}

// Makes of what was done a commit whose end was not heard.
static void lose(struct chunk *chunk) {
	chunk->lost = (struct chunk_commit){
		.count = chunk->settled,
		.removed = chunk->removed,
		.stayed = 2,
		.failure_count = chunk->failure_count,
	};
	chunk->settled = chunk->failure_count = 0;
	chunk->removed = (struct removed){.rows = 0};
}

static void assert_all_counted(const struct chunk *chunk) {
	assert_int_equal(chunk->settled, KEYS);
	assert_int_equal(chunk->removed.rows, 2);
	assert_int_equal(chunk->removed.rows_along, 3);
	assert_int_equal(chunk->removed.spared, 1);
	assert_int_equal(chunk->failure_count, 1);
	assert_string_equal(chunk->failures[0].id, "5");
	assert_int_equal(chunk->lost.count, 0);
}

static void run(struct chunk *chunk) {
	assert_int_equal(deletion_run(db, chunk, &rule), 0);
	assert_all_counted(chunk);
}

static void a_commit_that_was_done_counts_with_all_that_it_did(void **state) {
	struct chunk *chunk = make_chunk();

	(void)state;
	run(chunk);
	lose(chunk);
	run(chunk);
	chunk_free(chunk);
}

static void a_commit_that_was_not_done_is_done_and_counts_once(void **state) {
	struct chunk *chunk = make_chunk();

	(void)state;
	run(chunk);
	lose(chunk);
	fill(NULL);
	run(chunk);
	assert_int_equal(test_db_int(db, "SELECT COUNT(*) FROM items"), 2);
	assert_int_equal(test_db_int(db, "SELECT COUNT(*) FROM parts"), 0);
	chunk_free(chunk);
}

static void *run_in_thread(void *chunk) {
	return deletion_run(db, chunk, &rule) == 0 ? chunk : NULL;
}

static void run_beside_a_late_commit(size_t piece) {
	struct chunk *chunk = make_chunk();
	pthread_t thread;
	void *done;

	run(chunk);
	lose(chunk);
	chunk->losses.size = piece;
	fill(NULL);
	test_db_exec(other, "BEGIN");
	test_db_exec(other, "DELETE FROM parts");
	test_db_exec(other, "DELETE FROM items WHERE id IN (1, 2)");
	assert_int_equal(pthread_create(&thread, NULL, run_in_thread, chunk), 0);
	test_db_wait_for_row_lock(other);
	test_db_exec(other, "COMMIT");
	assert_int_equal(pthread_join(thread, &done), 0);
	assert_ptr_equal(done, chunk);
	assert_all_counted(chunk);
	chunk_free(chunk);
}

static void a_commit_that_is_done_late_counts_with_all_that_it_did(void **state) {
	(void)state;
	run_beside_a_late_commit(0);
}

static void a_commit_in_pieces_that_is_done_late_counts_with_all_that_it_did(void **state) {
	(void)state;
	run_beside_a_late_commit(KEYS);
}

// One key with ten parts, three of which one transaction may have.
static struct chunk *make_large(struct deletion_rule *small) {
	struct chunk *chunk = make_chunk();

	*small = (struct deletion_rule){.preset = &preset, .rows_max = 3};
	chunk->count = 1;
	test_db_exec(db, "DELETE FROM parts");
	test_db_exec(db, "INSERT INTO parts SELECT seq, 1 FROM " MARIADB_NUMBERS(10));
	return chunk;
}

static void assert_large_is_gone(const struct chunk *chunk) {
	assert_int_equal(chunk->settled, 1);
	assert_int_equal(chunk->removed.rows, 1);
	assert_int_equal(chunk->removed.rows_along, 10);
	assert_int_equal(test_db_int(db, "SELECT COUNT(*) FROM items WHERE id = 1"), 0);
	assert_int_equal(test_db_int(db, "SELECT COUNT(*) FROM parts"), 0);
}

static void what_goes_with_a_row_goes_in_pieces_and_counts_once(void **state) {
	struct deletion_rule small;
	struct chunk *chunk = make_large(&small);

	(void)state;
	assert_int_equal(deletion_run(db, chunk, &small), 0);
	assert_large_is_gone(chunk);
	chunk_free(chunk);
}

static void a_piece_whose_commit_was_not_heard_counts_when_it_was_done(void **state) {
	struct deletion_rule small;

	(void)state;
	for (int was_done = 0; was_done < 2; was_done++) {
		struct chunk *chunk;

		fill(NULL);
		chunk = make_large(&small);
		chunk->along = (struct chunk_along){.is_counted = true, .left = 10, .lost = 3};
		if (was_done)
			test_db_exec(db, "DELETE FROM parts LIMIT 3");
		assert_int_equal(deletion_run(db, chunk, &small), 0);
		assert_large_is_gone(chunk);
		assert_false(chunk_is_in_doubt(chunk));
		chunk_free(chunk);
	}
}

static void a_row_that_is_not_due_keeps_all_that_goes_with_it(void **state) {
	struct deletion_rule small;
	struct chunk *chunk = make_large(&small);

	(void)state;
	test_db_exec(db, "UPDATE items SET deleted_at = NULL WHERE id = 1");
	assert_int_equal(deletion_run(db, chunk, &small), 0);
	assert_int_equal(chunk->removed.spared, 1);
	assert_int_equal(chunk->removed.rows_along, 0);
	assert_int_equal(test_db_int(db, "SELECT COUNT(*) FROM parts"), 10);
	chunk_free(chunk);
}

static void a_row_that_is_held_keeps_all_that_goes_with_it(void **state) {
	struct deletion_rule small;
	struct chunk *chunk = make_large(&small);

	(void)state;
	test_db_exec(db, "INSERT INTO uses VALUES (1)");
	assert_int_equal(deletion_run(db, chunk, &small), 0);
	assert_int_equal(chunk->failure_count, 1);
	assert_int_equal(chunk->failures[0].reason, REASON_BLOCKED);
	assert_int_equal(chunk->removed.rows_along, 0);
	assert_int_equal(test_db_int(db, "SELECT COUNT(*) FROM parts"), 10);
	chunk_free(chunk);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_commit_that_was_done_counts_with_all_that_it_did, fill),
		cmocka_unit_test_setup(a_commit_that_was_not_done_is_done_and_counts_once, fill),
		cmocka_unit_test_setup(
			a_commit_that_is_done_late_counts_with_all_that_it_did, fill
		),
		cmocka_unit_test_setup(
			a_commit_in_pieces_that_is_done_late_counts_with_all_that_it_did, fill
		),
		cmocka_unit_test_setup(what_goes_with_a_row_goes_in_pieces_and_counts_once, fill),
		cmocka_unit_test_setup(
			a_piece_whose_commit_was_not_heard_counts_when_it_was_done, fill
		),
		cmocka_unit_test_setup(a_row_that_is_not_due_keeps_all_that_goes_with_it, fill),
		cmocka_unit_test_setup(a_row_that_is_held_keeps_all_that_goes_with_it, fill),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
