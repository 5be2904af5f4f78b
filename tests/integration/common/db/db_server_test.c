// SPDX-License-Identifier: MPL-2.0
// db_server_test: what must hold on every kind of server; runs on MariaDB and on MySQL.
#include "common/base/clock.h"
#include "common/db/db.h"
#include "common/db/db_server.h"
#include "support/db.h"
#include "support/mariadb.h"
#include "support/test.h"
#include "support/test_database.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void ends_a_select_after_its_limit_and_only_that_one(void **state) {
	// 10^12 combinations: no machine is done in a second.
	const char *heavy = "COUNT(*) FROM (WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + "
			    "1 FROM n"
			    " WHERE i < 1000) SELECT 1 FROM n a, n b, n c, n d WHERE a.i * b.i % 7 "
			    "= c.i * d.i "
			    "% 11) x";
	struct db *db = test_db_open(server);
	struct db_result *result = NULL;
	int64_t start_ms = clock_mono_ms();

	(void)state;
	assert_int_equal(db_select_limited(db, 250, heavy, &result), -ETIME);
	assert_null(result);
	assert_true(clock_mono_ms() - start_ms >= 200);
	assert_int_equal(db_select_limited(db, 0, heavy, &result), -ETIME);
	assert_int_equal(test_db_int(db, "SELECT SLEEP(0.5)"), 0);
	db_close(db);
}

static void reads_what_others_have_committed(void **state) {
	struct db *db = test_db_open(server);
	struct db *other = test_db_open(server);

	(void)state;
	assert_int_equal(db_begin(db), 0);
	assert_int_equal(test_db_int(db, "SELECT COUNT(*) FROM nodes"), 0);
	test_db_exec(
		other,
		"INSERT INTO nodes (service, node, available, current_load, capacity, downed, "
		"backoff) VALUES (1, 'https://n', 1, 0, 0, 0, 0)"
	);
	assert_int_equal(test_db_int(db, "SELECT COUNT(*) FROM nodes"), 1);
	assert_int_equal(db_rollback(db), 0);
	db_close(other);
	db_close(db);
}

static void asks_whether_it_can_write_without_a_warning(void **state) {
	struct db *db = test_db_open(server);

	(void)state;
	assert_int_equal(test_db_int(db, "SELECT @@warning_count"), 0);
	assert_int_equal(db_check_writable(db), 0);
	assert_int_equal(test_db_int(db, "SELECT @@warning_count"), 0);
	db_close(db);
}

// MySQL keeps what it once told for a day.
static void hears_the_size_of_a_table_as_it_is_now(void **state) {
	static const char size[] = "SELECT TABLE_ROWS FROM information_schema.TABLES WHERE "
				   "TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'users'";
	struct db *db = test_db_open(server);

	(void)state;
	mariadb_sql(server, "ANALYZE TABLE users");
	assert_int_equal(test_db_int(db, size), 0);
	mariadb_sql(
		server,
		"INSERT INTO users (service, email, generation, client_state, created_at, nodeid)"
		" WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 999)"
		" SELECT 1, CONCAT(i, '@x'), 1, 'aa', 1, 1 FROM n"
	);
	assert_true(test_db_int(db, size) > 0);
	db_close(db);
}

static struct db_server find(struct db *db, const char *announced) {
	struct db_result *variables;
	struct db_server found;

	assert_int_equal(db_select(db, db_server_query, &variables), 0);
	db_server_read(variables, announced, &found);
	db_result_free(variables);
	return found;
}

static void knows_its_kind_whatever_a_proxy_announces(void **state) {
	struct db *db = test_db_open(server);
	bool is_mariadb = test_db_int(db, "SELECT VERSION() LIKE '%MariaDB%'") == 1;

	(void)state;
	assert_int_equal(find(db, "5.5.5-10.11.6-MariaDB").is_mariadb, is_mariadb);
	assert_int_equal(find(db, "8.4.3").is_mariadb, is_mariadb);
	db_close(db);
}

static void a_format_of_the_log_counts_where_there_is_a_log(void **state) {
	struct db *db = test_db_open(server);
	int64_t has_log = test_db_int(db, "SELECT @@log_bin");

	(void)state;
	test_db_exec(db, "SET SESSION binlog_format = 'ROW'");
	assert_false(find(db, "").logs_statements);
	test_db_exec(db, "SET SESSION binlog_format = 'STATEMENT'");
	assert_int_equal(find(db, "").logs_statements, has_log);
	db_close(db);
}

static void tells_a_limit_of_the_server_from_none(void **state) {
	struct db *db = test_db_open(server);
	bool is_mariadb = find(db, "").is_mariadb;
	const char *name = is_mariadb ? "max_statement_time" : "max_execution_time";
	char sql[64], words[200];
	struct db_server found;

	(void)state;
	assert_string_equal(find(db, "").statement_limit, "");
	snprintf(sql, sizeof(sql), "SET SESSION %s = 7", name);
	test_db_exec(db, sql);
	found = find(db, "");
	db_server_say_limit(&found, words, sizeof(words));
	assert_ptr_equal(strstr(words, name), words);
	assert_non_null(strstr(words, is_mariadb ? "(seconds)" : "7 (milliseconds)"));
	db_close(db);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			ends_a_select_after_its_limit_and_only_that_one, test_database_fresh
		),
		cmocka_unit_test_setup(reads_what_others_have_committed, test_database_fresh),
		cmocka_unit_test_setup(
			asks_whether_it_can_write_without_a_warning, test_database_fresh
		),
		cmocka_unit_test_setup(
			knows_its_kind_whatever_a_proxy_announces, test_database_fresh
		),
		cmocka_unit_test_setup(
			a_format_of_the_log_counts_where_there_is_a_log, test_database_fresh
		),
		cmocka_unit_test_setup(tells_a_limit_of_the_server_from_none, test_database_fresh),
		cmocka_unit_test_setup(hears_the_size_of_a_table_as_it_is_now, test_database_fresh),
	};

	return cmocka_run_group_tests(tests, test_database_start, test_database_stop);
}
