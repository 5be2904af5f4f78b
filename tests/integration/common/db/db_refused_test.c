// SPDX-License-Identifier: MPL-2.0
// db_refused_test: what a real server refuses, and to whom, and how that is said.
#include "common/db/db.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/db.h"
#include "support/mariadb.h"
#include "support/odd_server.h"
#include "support/test.h"
#include "support/test_database.h"

static int set_up(void **state) {
	struct db *db;
	int err = odd_server_start(state);

	if (err != 0)
		return err;
	db = test_db_open(server);
	test_db_exec(db, "CREATE PROCEDURE two() BEGIN SELECT 5; SELECT 6; END");
	db_close(db);
	return 0;
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
		cmocka_unit_test(sorts_what_the_server_refuses),
		cmocka_unit_test(says_who_is_not_let_in),
		cmocka_unit_test(says_which_privilege_is_missing),
		cmocka_unit_test(tells_a_replica_from_a_primary),
	};

	return cmocka_run_group_tests(tests, set_up, test_database_stop);
}
