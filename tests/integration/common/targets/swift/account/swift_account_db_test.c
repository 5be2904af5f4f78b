// SPDX-License-Identifier: MPL-2.0
// swift_account_db_test: what is read in the database of an account.
#include "support/test.h"

#include "common/targets/swift/account/account_db.h"
#include "support/account_sql.h"
#include "support/scratch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char *last_sql; // what was prepared last

WRAPS(sqlite3_prepare_v2);
int __wrap_sqlite3_prepare_v2(
	sqlite3 *db, const char *sql, int bytes, sqlite3_stmt **out, const char **tail
) {
	free(last_sql);
	last_sql = strdup(sql);
	return __real_sqlite3_prepare_v2(db, sql, bytes, out, tail);
}

static struct account_db *open_db(struct scratch *scratch) {
	struct account_db *db = NULL;
	char error[200] = "";

	assert_int_equal(
		account_db_open(&db, scratch_path(scratch, "a.db"), error, sizeof(error)), 0
	);
	assert_string_equal(error, "");
	return db;
}

static void assert_info(struct account_db *db, int64_t containers) {
	struct account_info info;
	char error[200] = "";

	assert_int_equal(account_db_info(db, &info, error, sizeof(error)), 0);
	assert_string_equal(error, "");
	assert_string_equal(info.name, "AUTH_a");
	assert_int_equal(info.name_len, 6);
	assert_string_equal(info.status, "DELETED");
	assert_string_equal(info.put_timestamp, "1795880000.00000");
	assert_string_equal(info.delete_timestamp, "1795880050.00000");
	assert_int_equal(info.containers, containers);
}

// --- names

enum { NAME_BYTES = 64, NAMES_MOST = 64 };

struct names {
	char bytes[NAMES_MOST][NAME_BYTES];
	size_t lens[NAMES_MOST];
	int count;
	int room; // -ECANCELED when there is none
};

static int take(void *ctx, struct name_part name) {
	struct names *names = ctx;

	if (names->count == names->room)
		return -ECANCELED;
	assert_true(name.len <= NAME_BYTES);
	memcpy(names->bytes[names->count], name.bytes, name.len);
	names->lens[names->count++] = name.len;
	return 0;
}

static int read_page(struct account_db *db, struct names *names, int most) {
	struct name_part after = {.len = 0};

	if (names->count > 0)
		after = (struct name_part){
			names->bytes[names->count - 1], names->lens[names->count - 1]};
	return account_db_containers(db, after, most, take, names);
}

static void assert_name(const struct names *names, int at, const char *bytes, size_t len) {
	assert_int_equal(names->lens[at], len);
	assert_memory_equal(names->bytes[at], bytes, len);
}

static void an_account_says_what_it_is(void **state) {
	struct scratch *scratch = *state;
	sqlite3 *writer = account_sql_make(scratch_path(scratch, "a.db"));
	char *before;
	struct account_db *db;

	account_sql_add(writer, "c1", 2, 0);
	account_sql_add(writer, "gone", 4, 1);
	account_sql_close(writer);
	before = scratch_look(scratch->dir);
	db = open_db(scratch);
	assert_info(db, 1);
	assert_info(db, 1);
	account_db_close(db);
	account_db_close(NULL);
	scratch_assert_same(scratch->dir, before);
}

static void containers_come_by_name_and_in_pages(void **state) {
	struct scratch *scratch = *state;
	sqlite3 *writer = account_sql_make(scratch_path(scratch, "a.db"));
	struct names names = {.room = NAMES_MOST};
	struct account_db *db;
	char name[32], *before;

	for (int i = 24; i >= 0; i--) {
		snprintf(name, sizeof(name), "c%02d", i);
		account_sql_add(writer, name, 3, 0);
		snprintf(name, sizeof(name), "c%02dx", i);
		account_sql_add(writer, name, 4, 1);
	}
	account_sql_close(writer);
	before = scratch_look(scratch->dir);
	db = open_db(scratch);
	assert_int_equal(read_page(db, &names, 10), 10);
	assert_int_equal(read_page(db, &names, 10), 10);
	assert_int_equal(read_page(db, &names, 10), 5);
	assert_int_equal(read_page(db, &names, 10), 0);
	assert_int_equal(names.count, 25);
	for (int i = 0; i < 25; i++) {
		snprintf(name, sizeof(name), "c%02d", i);
		assert_name(&names, i, name, 3);
	}
	account_db_close(db);
	scratch_assert_same(scratch->dir, before);
}

static void names_are_bytes_and_nul_is_one_of_them(void **state) {
	struct scratch *scratch = *state;
	sqlite3 *writer = account_sql_make(scratch_path(scratch, "a.db"));
	struct names names = {.room = NAMES_MOST};
	struct account_db *db;

	account_sql_add(writer, "uni-\xC3\xA9", 6, 0);
	account_sql_add(writer, "c1", 2, 0);
	account_sql_add(writer, "c1\0", 3, 0);
	account_sql_add(writer, "C1", 2, 0);
	account_sql_add(writer, "\0versions\0ver", 13, 0);
	account_sql_add(writer, "\0versions\0ves", 13, 0);
	account_sql_close(writer);
	db = open_db(scratch);
	for (int i = 0; i < 6; i++)
		assert_int_equal(read_page(db, &names, 1), 1);
	assert_int_equal(read_page(db, &names, 1), 0);
	assert_name(&names, 0, "\0versions\0ver", 13);
	assert_name(&names, 1, "\0versions\0ves", 13);
	assert_name(&names, 2, "C1", 2);
	assert_name(&names, 3, "c1", 2);
	assert_name(&names, 4, "c1\0", 3);
	assert_name(&names, 5, "uni-\xC3\xA9", 6);
	account_db_close(db);
}

static void containers_are_looked_up_in_the_index(void **state) {
	struct scratch *scratch = *state;
	sqlite3 *other = account_sql_make(scratch_path(scratch, "a.db"));
	struct names names = {.room = NAMES_MOST};
	struct account_db *db = open_db(scratch);
	char sql[400];
	sqlite3_stmt *row;

	assert_int_equal(read_page(db, &names, 10), 0);
	account_db_close(db);
	snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", last_sql);
	assert_int_equal(__real_sqlite3_prepare_v2(other, sql, -1, &row, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(row), SQLITE_ROW);
	assert_non_null(
		strstr((const char *)sqlite3_column_text(row, 3),
		       "INDEX ix_container_deleted_name (deleted=? AND name>?)")
	);
	// No second line: nothing has to be sorted.
	assert_int_equal(sqlite3_step(row), SQLITE_DONE);
	sqlite3_finalize(row);
	account_sql_close(other);
}

// --- beside a writer

static void nothing_is_left_open_for_a_writer_to_wait_for(void **state) {
	struct scratch *scratch = *state;
	sqlite3 *writer = account_sql_make(scratch_path(scratch, "a.db"));
	struct names names = {.room = 1};
	struct account_db *db;

	account_sql_add(writer, "c1", 2, 0);
	account_sql_add(writer, "c2", 2, 0);
	db = open_db(scratch);
	assert_info(db, 2);
	assert_int_equal(read_page(db, &names, 10), -ECANCELED);
	account_sql_run(writer, "BEGIN EXCLUSIVE; COMMIT");
	names.room = NAMES_MOST;
	assert_int_equal(read_page(db, &names, 1), 1);
	account_sql_add(writer, "c3", 2, 0);
	assert_info(db, 3);
	assert_int_equal(read_page(db, &names, 10), 1);
	assert_name(&names, 2, "c3", 2);
	account_db_close(db);
	account_sql_close(writer);
}

static void a_database_that_somebody_locked_is_busy(void **state) {
	struct scratch *scratch = *state;
	sqlite3 *writer = account_sql_make(scratch_path(scratch, "a.db"));
	struct names names = {.room = NAMES_MOST};
	struct account_db *db = open_db(scratch);
	struct account_info info;
	char error[200] = "";

	account_sql_run(writer, "BEGIN IMMEDIATE");
	assert_info(db, 0);
	account_sql_run(writer, "COMMIT; BEGIN EXCLUSIVE");
	assert_int_equal(account_db_info(db, &info, error, sizeof(error)), -EBUSY);
	assert_string_equal(error, "database is locked");
	assert_int_equal(read_page(db, &names, 10), -EBUSY);
	assert_string_equal(account_db_error(db), "database is locked");
	account_sql_run(writer, "ROLLBACK");
	assert_info(db, 0);
	account_db_close(db);
	account_sql_close(writer);
}

// Rows that reach the file before they are committed.
static void begin_much(sqlite3 *writer) {
	char name[32];

	account_sql_run(writer, "PRAGMA synchronous = FULL; PRAGMA cache_size = 5; BEGIN");
	for (int i = 0; i < 3000; i++) {
		snprintf(name, sizeof(name), "rubbish-%d", i);
		account_sql_add(writer, name, strlen(name), 0);
	}
}

static void what_a_dead_writer_left_is_busy_until_another_one_mended_it(void **state) {
	struct scratch *scratch = *state;
	sqlite3 *writer = account_sql_make(scratch_path(scratch, "alive.db"));
	struct names names = {.room = NAMES_MOST};
	struct account_info info;
	struct account_db *db;
	char error[200] = "", *before;

	account_sql_add(writer, "c1", 2, 0);
	begin_much(writer);
	scratch_copy(scratch, "alive.db", "a.db");
	scratch_copy(scratch, "alive.db-journal", "a.db-journal");
	account_sql_run(writer, "ROLLBACK");
	account_sql_close(writer);
	before = scratch_look(scratch->dir);
	db = open_db(scratch);
	assert_int_equal(account_db_info(db, &info, error, sizeof(error)), -EBUSY);
	assert_non_null(strstr(error, "a writer was cut off"));
	assert_int_equal(read_page(db, &names, 10), -EBUSY);
	assert_int_equal(names.count, 0);
	scratch_assert_same(scratch->dir, before);
	writer = account_sql_open(scratch_path(scratch, "a.db"));
	account_sql_run(writer, "BEGIN IMMEDIATE; COMMIT");
	account_sql_close(writer);
	assert_info(db, 1);
	assert_int_equal(read_page(db, &names, 10), 1);
	assert_name(&names, 0, "c1", 2);
	account_db_close(db);
}

// --- what is pending

static void what_is_pending_is_the_size_of_a_file(void **state) {
	struct scratch *scratch = *state;
	char path[SCRATCH_PATH_BYTES], long_path[4300];
	int64_t bytes = 7;

	snprintf(path, sizeof(path), "%s", scratch_path(scratch, "a.db"));
	assert_int_equal(account_db_pending(path, &bytes), 0);
	assert_int_equal(bytes, 0);
	scratch_make_file(scratch, "a.db.pending", "", 0);
	assert_int_equal(account_db_pending(path, &bytes), 0);
	assert_int_equal(bytes, 0);
	scratch_make_file(scratch, "a.db.pending", ":gAIo", 5);
	assert_int_equal(account_db_pending(path, &bytes), 0);
	assert_int_equal(bytes, 5);
	scratch_make_file(scratch, "file", "", 0);
	assert_int_equal(account_db_pending(scratch_path(scratch, "file/a.db"), &bytes), -ENOTDIR);
	assert_int_equal(bytes, 0);
	memset(long_path, 'x', sizeof(long_path) - 1);
	long_path[sizeof(long_path) - 1] = '\0';
	assert_int_equal(account_db_pending(long_path, &bytes), -ENAMETOOLONG);
}

static int forget_sql(void **state) {
	free(last_sql);
	last_sql = NULL;
	return scratch_end(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, scratch_begin, forget_sql)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(an_account_says_what_it_is),
		TEST(containers_come_by_name_and_in_pages),
		TEST(names_are_bytes_and_nul_is_one_of_them),
		TEST(containers_are_looked_up_in_the_index),
		TEST(nothing_is_left_open_for_a_writer_to_wait_for),
		TEST(a_database_that_somebody_locked_is_busy),
		TEST(what_a_dead_writer_left_is_busy_until_another_one_mended_it),
		TEST(what_is_pending_is_the_size_of_a_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
