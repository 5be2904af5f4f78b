// SPDX-License-Identifier: MPL-2.0
// db_test: a connection to a real server: its session, statements, rows, texts and errors.
#include "common/db/db.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "support/db.h"
#include "support/mariadb.h"
#include "support/test.h"

// A server whose defaults are the opposite of what a session wants.
static const char *const odd_options[] = {
	"--sql-mode=NO_BACKSLASH_ESCAPES,ANSI_QUOTES",
	"--default-time-zone=+05:00",
	"--character-set-server=latin1",
	"--loose-skip-character-set-client-handshake",
	"--transaction-isolation=SERIALIZABLE",
	"--autocommit=0",
	"--init-connect=SET sql_safe_updates = 1, sql_select_limit = 1",
	"--secure-file-priv=",
	NULL,
};

static struct mariadb *server;

static int set_up(void **state) {
	struct db *db;

	(void)state;
	server = mariadb_start_with(odd_options);
	db = test_db_open(server);
	test_db_exec(
		db,
		"CREATE TABLE texts (id INT PRIMARY KEY, raw VARBINARY(2000),"
		" word VARCHAR(200) CHARACTER SET utf8mb4, old VARCHAR(200) CHARACTER SET utf8)"
	);
	test_db_exec(db, "CREATE TABLE parents (id INT PRIMARY KEY) ENGINE = InnoDB");
	test_db_exec(
		db,
		"CREATE TABLE children (id INT PRIMARY KEY, parent INT,"
		" FOREIGN KEY (parent) REFERENCES parents (id)) ENGINE = InnoDB"
	);
	test_db_exec(db, "INSERT INTO parents VALUES (1)");
	test_db_exec(db, "INSERT INTO children VALUES (1, 1)");
	test_db_exec(db, "CREATE USER 'reader'@'127.0.0.1' IDENTIFIED BY 'p@ss/w?rd'");
	test_db_exec(db, "GRANT SELECT ON tokenserver.* TO 'reader'@'127.0.0.1'");
	test_db_exec(db, "CREATE USER 'writer'@'127.0.0.1' IDENTIFIED BY 'w'");
	test_db_exec(db, "GRANT INSERT, DELETE ON tokenserver.* TO 'writer'@'127.0.0.1'");
	db_close(db);
	return 0;
}

static int tear_down(void **state) {
	(void)state;
	mariadb_stop(server);
	return 0;
}

// The URL of this server for whoever, by way of a host, with a query or "".
static struct db *open_as(const char *user_and_host, const char *query) {
	char url[512], error[512];
	struct db *db;

	snprintf(
		url,
		sizeof(url),
		"mariadb+pymysql://%s:%d/tokenserver%s",
		user_and_host,
		mariadb_port(server),
		query
	);
	if (test_db_try(&db, url, 20, error, sizeof(error)) < 0)
		fail_msg("%s", error);
	return db;
}

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

static void sorts_what_the_server_refuses(void **state) {
	const bool is_mysql = mariadb_is_mysql(server);
	const struct {
		const char *sql;
		int error;
		unsigned number;
	} cases[] = {
		{"SELECT * FROM nothing", -ENOENT, 1146},
		{"SELECT nothing FROM texts", -ENOENT, 1054},
		{"SELECT * FROM nowhere.texts", -ENOENT, is_mysql ? 1049 : 1146},
		{"USE nowhere", -ENOENT, 1049},
		{"SELEC 1", -EIO, 1064},
		{"", -EIO, 1065},
		{"SELECT 1; SELECT 2", -EIO, 1064},
		{"INSERT INTO parents VALUES (1)", -EIO, 1062},
		{"INSERT INTO children VALUES (2, 2)", -EIO, 1452},
		{"DELETE FROM parents", -EBUSY, 1451},
		{"INSERT INTO texts (id, old) VALUES (9, '\xf0\x9f\xa6\x8a')", -EILSEQ, 1366},
		{"INSERT INTO texts (id, word) VALUES (9, 'a\xff')", -EILSEQ, 1366},
		{"INSERT INTO texts (id, word) VALUES (9, REPEAT('a', 201))", -EIO, 1406},
		{"LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE texts",
		 -EIO,
		 is_mysql ? 3948 : 4166},
	};
	struct db *db = test_db_open(server);
	struct db_result *result = NULL;
	char number[16];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int ret = db_exec(db, cases[i].sql, NULL);

		if (ret != cases[i].error || db_errno(db) != cases[i].number)
			fail_msg("%s: %d, %s", cases[i].sql, ret, db_error(db));
		snprintf(number, sizeof(number), "%u: ", cases[i].number);
		assert_memory_equal(db_error(db), number, strlen(number));
		assert_int_equal(test_db_int(db, "SELECT 7"), 7);
		assert_int_equal(db_errno(db), cases[i].number);
	}
	assert_int_equal(db_select(db, "DO 1", &result), -EINVAL);
	assert_null(result);
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

static void says_who_is_not_let_in(void **state) {
	static const struct {
		const char *url;
		int error;
		const char *words;
	} cases[] = {
		{"mysql://test:geheim@127.0.0.1:%d/tokenserver", -EACCES, "1045: "},
		{"mysql://test@127.0.0.1:%d/tokenserver", -EACCES, "1045: "},
		{"mysql://nobody:geheim@127.0.0.1:%d/tokenserver", -EACCES, "1045: "},
		{"mysql://test:test@127.0.0.1:%d/nowhere", -ENOENT, "1049: "},
		{"mysql://reader:p%%40ss%%2Fw%%3Frd@127.0.0.1:%d/mysql", -EACCES, "1044: "},
		{"mysql://test:geheim@127.0.0.1:1/tokenserver", -ENOTCONN, "127.0.0.1:1: 200"},
		{"mysql://test:geheim@/tokenserver?unix_socket=/nowhere/s",
		 -ENOTCONN,
		 "/nowhere/s: 200"},
	};
	char url[256], error[512];
	struct db *db;

	(void)state;
	// The client libraries would take it for a password that is not given.
	assert_int_equal(setenv("MYSQL_PWD", "test", 1), 0); // NOLINT(concurrency-mt-unsafe)
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int ret;

		snprintf(url, sizeof(url), cases[i].url, mariadb_port(server));
		ret = test_db_try(&db, url, 5, error, sizeof(error));
		if (ret != cases[i].error || !strstr(error, cases[i].words) || db)
			fail_msg("%s: %d, %s", url, ret, error);
		assert_null(strstr(error, "geheim"));
	}
	unsetenv("MYSQL_PWD"); // NOLINT(concurrency-mt-unsafe)
}

static void says_which_privilege_is_missing(void **state) {
	struct db *db = open_as("reader:p%40ss%2Fw%3Frd@127.0.0.1", "");

	(void)state;
	assert_int_equal(db_exec(db, "DELETE FROM texts", NULL), -EACCES);
	assert_int_equal(db_errno(db), 1142);
	assert_int_equal(db_exec(db, "SET GLOBAL read_only = 1", NULL), -EACCES);
	assert_int_equal(db_exec(db, "CALL two()", NULL), -EACCES);
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

static void tells_a_replica_from_a_primary(void **state) {
	struct db *db = test_db_open(server);
	struct db *writer = open_as("writer:w@127.0.0.1", "");

	(void)state;
	assert_int_equal(db_check_writable(writer), 0);
	test_db_exec(db, "SET GLOBAL read_only = 1");
	assert_int_equal(db_check_writable(writer), -ENOTCONN);
	assert_non_null(strstr(db_error(writer), "not the primary"));
	assert_int_equal(db_exec(writer, "DELETE FROM parents", NULL), -ENOTCONN);
	assert_int_equal(db_errno(writer), 1290);
	test_db_exec(db, "SET GLOBAL read_only = 0");
	assert_int_equal(db_check_writable(writer), 0);
	test_db_exec(writer, "SET SESSION TRANSACTION READ ONLY");
	assert_int_equal(db_exec(writer, "INSERT INTO parents VALUES (5)", NULL), -ENOTCONN);
	assert_int_equal(db_errno(writer), 1792);
	db_close(writer);
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
		cmocka_unit_test(sorts_what_the_server_refuses),
		cmocka_unit_test(reads_to_the_end_of_a_procedure),
		cmocka_unit_test(says_who_is_not_let_in),
		cmocka_unit_test(says_which_privilege_is_missing),
		cmocka_unit_test(reaches_the_server_by_every_way),
		cmocka_unit_test(tells_a_replica_from_a_primary),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
