// SPDX-License-Identifier: MPL-2.0
// db_test: a connection to a real server: its session, statements, rows and texts.
#include "common/db/db.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/base/buf.h"
#include "support/db.h"
#include "support/mariadb.h"
#include "support/odd_server.h"
#include "support/test.h"
#include "support/test_database.h"

static void sets_the_session_whatever_the_server_prefers(void **state) {
	struct db *db = test_db_open(server);

	(void)state;
	// What the server is, the isolation, one statement for the rest of the session; then this
	// one.
	assert_int_equal(test_db_status(db, "QUESTIONS"), 4);
	assert_int_equal(
		test_db_int(
			db,
			mariadb_is_mysql(server)
				? "SELECT @@transaction_isolation = 'READ-COMMITTED'"
				: "SELECT @@tx_isolation = 'READ-COMMITTED'"
		),
		1
	);
	assert_int_equal(
		test_db_int(
			db,
			"SELECT @@autocommit = 1 AND"
			" @@time_zone = '+00:00' AND @@innodb_lock_wait_timeout = 1 AND"
			" @@lock_wait_timeout = 1 AND @@character_set_client = 'utf8mb4' AND"
			" @@character_set_connection = 'utf8mb4' AND"
			" @@character_set_results = 'utf8mb4' AND"
			" FIND_IN_SET('STRICT_ALL_TABLES', @@sql_mode) > 0 AND"
			" NOT FIND_IN_SET('NO_BACKSLASH_ESCAPES', @@sql_mode)"
		),
		1
	);
	assert_int_equal(db_is_mariadb(db), !mariadb_is_mysql(server));
	assert_int_equal(db_errno(db), 0);
	assert_string_equal(db_error(db), "");
	db_close(db);
}

static void reads_rows(void **state) {
	struct db *db = test_db_open(server);
	struct db_result *result = NULL;
	size_t len;

	(void)state;
	assert_int_equal(
		db_select(
			db,
			"SELECT 1 AS a, 'x\\0y' AS b, NULL AS c UNION ALL"
			" SELECT -9223372036854775808, '', 9223372036854775807",
			&result
		),
		0
	);
	db_close(db); // all of it is in memory
	assert_int_equal(db_result_rows(result), 2);
	assert_true(db_result_next(result));
	assert_int_equal(db_result_int(result, 0), 1);
	assert_memory_equal(db_result_text(result, 1, &len), "x\0y", 4);
	assert_int_equal(len, 3);
	assert_true(db_result_is_null(result, 2));
	assert_null(db_result_text(result, 2, NULL));
	assert_int_equal(db_result_int(result, 2), 0);
	assert_true(db_result_next(result));
	assert_true(db_result_int(result, 0) == INT64_MIN);
	assert_true(db_result_int(result, 2) == INT64_MAX);
	assert_string_equal(db_result_text(result, 1, &len), "");
	assert_int_equal(len, 0);
	assert_false(db_result_is_null(result, 1));
	assert_false(db_result_next(result));
	assert_false(db_result_next(result));
	db_result_free(result);
	db_result_free(NULL);
	db_close(NULL);
}

// The server's init_connect is for those who are not its administrators.
static void changes_and_reads_all_rows_whatever_the_server_limits(void **state) {
	struct db *db = open_as("writer:w@127.0.0.1", "");
	struct db_result *result = NULL;
	uint64_t affected = 0;

	(void)state;
	assert_int_equal(db_exec(db, "INSERT INTO texts (id) VALUES (1), (2)", NULL), 0);
	assert_int_equal(db_exec(db, "DELETE FROM texts", &affected), 0);
	assert_int_equal(affected, 2);
	assert_int_equal(db_select(db, "SELECT 1 UNION ALL SELECT 2", &result), 0);
	assert_int_equal(db_result_rows(result), 2);
	db_result_free(result);
	db_close(db);
}

static void counts_what_a_statement_changed(void **state) {
	struct db *db = test_db_open(server);
	uint64_t affected = 99;

	(void)state;
	assert_int_equal(db_exec(db, "INSERT INTO texts (id) VALUES (1), (2)", &affected), 0);
	assert_int_equal(affected, 2);
	assert_int_equal(db_exec(db, "UPDATE texts SET word = 'a' WHERE id = 1", &affected), 0);
	assert_int_equal(affected, 1);
	assert_int_equal(db_exec(db, "UPDATE texts SET word = 'a' WHERE id = 1", &affected), 0);
	assert_int_equal(affected, 0);
	assert_int_equal(db_exec(db, "SELECT * FROM texts", &affected), 0);
	assert_int_equal(affected, 0);
	assert_int_equal(db_exec(db, "DELETE FROM texts", &affected), 0);
	assert_int_equal(affected, 2);
	db_close(db);
}

static void waits_for_locks_as_long_as_it_is_told(void **state) {
	const struct {
		int64_t wait_ms;
		int64_t expected_s;
	} cases[] = {{0, mariadb_is_mysql(server) ? 1 : 0}, {2000, 2}, {-1, 1}};
	struct db *db = test_db_open(server);

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(db_set_lock_wait(db, cases[i].wait_ms), 0);
		assert_int_equal(
			test_db_int(db, "SELECT @@innodb_lock_wait_timeout"), cases[i].expected_s
		);
		assert_int_equal(
			test_db_int(db, "SELECT @@lock_wait_timeout"), cases[i].expected_s
		);
	}
	db_close(db);
}

static void keeps_a_transaction_to_itself_until_it_is_committed(void **state) {
	const char *count = "SELECT COUNT(*) FROM texts";
	struct db *db = test_db_open(server);
	struct db *other = test_db_open(server);

	(void)state;
	assert_int_equal(db_begin(db), 0);
	test_db_exec(db, "INSERT INTO texts (id) VALUES (1)");
	assert_int_equal(test_db_int(other, count), 0);
	assert_int_equal(db_rollback(db), 0);
	assert_int_equal(test_db_int(db, count), 0);
	assert_int_equal(db_begin(db), 0);
	test_db_exec(db, "INSERT INTO texts (id) VALUES (1)");
	assert_int_equal(db_commit(db), 0);
	assert_int_equal(test_db_int(other, count), 1);
	assert_int_equal(db_begin(db), 0);
	test_db_exec(db, "DELETE FROM texts");
	db_close(db);
	assert_int_equal(test_db_int(other, count), 1);
	test_db_exec(other, "DELETE FROM texts");
	db_close(other);
}

static void brings_every_byte_there_and_back(void **state) {
	static const char *const words[] = {
		"",
		"a",
		"'",
		"\\",
		"\\'",
		"'' OR 1=1 -- ",
		"\"`%_;\n\r\t\x1a",
		"\xc3\xa4\xe2\x82\xac",
		"\xf0\x9f\xa6\x8a",
		"\xf0\x9f\xa6\x8a'\xf0\x9f\xa6\x8a\\",
		"e\xcc\x81",
	};
	struct db *db = test_db_open(server);
	struct db_result *result = NULL;
	struct buf sql = {0};
	char bytes[512];
	size_t len;

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		buf_str(&sql, "SELECT CONVERT(");
		db_quote(db, &sql, words[i], strlen(words[i]));
		assert_int_equal(buf_str(&sql, " USING utf8mb4)"), 0);
		assert_int_equal(db_select(db, buf_text(&sql), &result), 0);
		assert_true(db_result_next(result));
		assert_string_equal(db_result_text(result, 0, NULL), words[i]);
		db_result_free(result);
		buf_clear(&sql);
	}
	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(i < 256 ? i : 511 - i);
	buf_str(&sql, "INSERT INTO texts (id, raw) VALUES (1, ");
	db_quote(db, &sql, bytes, sizeof(bytes));
	assert_int_equal(buf_str(&sql, ")"), 0);
	test_db_exec(db, buf_text(&sql));
	assert_int_equal(db_select(db, "SELECT raw FROM texts", &result), 0);
	assert_true(db_result_next(result));
	assert_memory_equal(db_result_text(result, 0, &len), bytes, sizeof(bytes));
	assert_int_equal(len, sizeof(bytes));
	db_result_free(result);
	test_db_exec(db, "DELETE FROM texts");
	buf_fini(&sql);
	db_close(db);
}

static void reads_to_the_end_of_a_procedure(void **state) {
	struct db *db = test_db_open(server);

	(void)state;
	test_db_exec(db, "CREATE PROCEDURE two() BEGIN SELECT 5; SELECT 6; END");
	test_db_exec(db, "CALL two()");
	assert_int_equal(test_db_int(db, "CALL two()"), 5);
	assert_int_equal(test_db_int(db, "SELECT 7"), 7);
	test_db_exec(db, "CREATE PROCEDURE bad() BEGIN SELECT 5; SELECT * FROM nothing; END");
	assert_int_equal(db_exec(db, "CALL bad()", NULL), -ENOENT);
	assert_int_equal(test_db_int(db, "SELECT 7"), 7);
	db_close(db);
}

static void reaches_the_server_by_every_way(void **state) {
	struct db *db = open_as("test:test@localhost", "");
	char query[300];

	(void)state;
	assert_int_equal(test_db_int(db, "SELECT USER() = 'test@127.0.0.1'"), 1);
	db_close(db);
	snprintf(query, sizeof(query), "?unix_socket=%s", mariadb_socket(server));
	db = open_as("test:test@nowhere.invalid", query);
	assert_int_equal(test_db_int(db, "SELECT USER() = 'test@localhost'"), 1);
	db_close(db);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sets_the_session_whatever_the_server_prefers),
		cmocka_unit_test(reads_rows),
		cmocka_unit_test(changes_and_reads_all_rows_whatever_the_server_limits),
		cmocka_unit_test(counts_what_a_statement_changed),
		cmocka_unit_test(waits_for_locks_as_long_as_it_is_told),
		cmocka_unit_test(keeps_a_transaction_to_itself_until_it_is_committed),
		cmocka_unit_test(brings_every_byte_there_and_back),
		cmocka_unit_test(reads_to_the_end_of_a_procedure),
		cmocka_unit_test(reaches_the_server_by_every_way),
	};

	return cmocka_run_group_tests(tests, odd_server_start, test_database_stop);
}
