// SPDX-License-Identifier: MPL-2.0
// tokenserver_preflight_test: what is missing is told before anything is touched, with its cure.
#include "support/test.h"

#include "common/db/db.h"
#include "common/targets/tokenserver/preflight.h"
#include "support/db.h"
#include "support/mariadb.h"
#include "support/test_database.h"
#include "support/tokenserver.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static char error[512];

static const struct preflight_wish everything = {
	.will_remove = true,
	.will_count = true,
	.will_defer = true,
};

// A database as it should be, with one record that could be purged.
static int fresh_database(void **state) {
	test_database_fresh(state);
	tokenserver_add_node(server, 1, "https://n1", false);
	tokenserver_add_replaced(server, 7, 1, 1, 1000);
	return 0;
}

static int run(struct db *db, const struct preflight_wish *wish, struct preflight *out) {
	snprintf(error, sizeof(error), "nothing was said");
	return preflight_run(db, wish, out, error, sizeof(error));
}

static void assert_untouched(void) {
	assert_int_equal(tokenserver_replaced_at(server, 7), 1000);
	assert_int_equal(tokenserver_counters(server, 1).available, 10);
	assert_int_equal(tokenserver_counters(server, 1).current_load, 90);
}

// Runs as the test's own user and wants an error whose words contain `words`.
static void assert_refused(int expected, const char *words) {
	struct db *db = test_db_open(server);
	struct preflight found;
	int err = run(db, &everything, &found);

	if (err != expected || strstr(error, words) == NULL)
		fail_msg("%d, not %d with '%s': %s", err, expected, words, error);
	db_close(db);
}

static void finds_the_service_and_the_index(void **state) {
	struct db *db = test_db_open(server);
	struct preflight found;

	(void)state;
	assert_int_equal(run(db, &everything, &found), 0);
	assert_int_equal(found.service, 1);
	assert_string_equal(found.backlog_index, "`replaced_at_idx`");
	db_close(db);
	assert_untouched();
}

static void takes_an_index_of_another_name(void **state) {
	struct db *db = test_db_open(server);
	struct preflight found;

	(void)state;
	mariadb_sql(
		server,
		"ALTER TABLE users DROP INDEX replaced_at_idx, ADD INDEX `a``b` (service, "
		"replaced_at)"
	);
	assert_int_equal(run(db, &everything, &found), 0);
	assert_string_equal(found.backlog_index, "`a``b`");
	db_close(db);
}

static void says_which_table_is_missing(void **state) {
	(void)state;
	mariadb_sql(server, "DROP TABLE nodes");
	assert_refused(-ENOENT, "cannot read table 'nodes': 1146");
	mariadb_sql(server, "DROP TABLE users");
	assert_refused(-ENOENT, "cannot read table 'nodes'");
	mariadb_sql(server, "DROP TABLE services");
	assert_refused(-ENOENT, "cannot read table 'services'");
}

static void says_which_column_is_missing(void **state) {
	(void)state;
	mariadb_sql(server, "ALTER TABLE users DROP COLUMN keys_changed_at");
	assert_refused(-ENOENT, "keys_changed_at");
	mariadb_sql(server, "ALTER TABLE nodes DROP COLUMN current_load");
	mariadb_sql(server, "ALTER TABLE users ADD COLUMN keys_changed_at BIGINT");
	assert_refused(-ENOENT, "current_load");
}

static void says_that_the_service_is_unknown(void **state) {
	(void)state;
	mariadb_sql(server, "UPDATE services SET service = 'sync-1.1'");
	assert_refused(-ENOENT, "has no service 'sync-1.5'");
	assert_untouched();
}

static void says_how_to_make_a_missing_index(void **state) {
	(void)state;
	mariadb_sql(server, "ALTER TABLE users DROP INDEX replaced_at_idx");
	assert_refused(-ENOENT, "CREATE INDEX replaced_at_idx ON users (service, replaced_at)");
	mariadb_sql(server, "ALTER TABLE users ADD INDEX long_idx (service, replaced_at, nodeid)");
	assert_refused(-ENOENT, "CREATE INDEX replaced_at_idx");
	mariadb_sql(server, "CREATE INDEX replaced_at_idx ON users (service, replaced_at)");
	mariadb_sql(server, "ALTER TABLE users DROP INDEX lookup_idx");
	assert_refused(-ENOENT, "CREATE INDEX lookup_idx ON users (email, service, created_at)");
	assert_untouched();
}

static void does_not_count_on_an_index_that_the_server_ignores(void **state) {
	const bool is_mysql = mariadb_is_mysql(server);
	const char *const indexes[] = {"replaced_at_idx", "lookup_idx"};
	char cure[128];

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		mariadb_sqlf(
			server,
			"ALTER TABLE users ALTER INDEX %s %s",
			indexes[i],
			is_mysql ? "INVISIBLE" : "IGNORED"
		);
		snprintf(
			cure,
			sizeof(cure),
			"ALTER TABLE `users` ALTER INDEX `%s` %s",
			indexes[i],
			is_mysql ? "VISIBLE" : "NOT IGNORED"
		);
		assert_refused(-ENOENT, cure);
		mariadb_sql(server, cure);
	}
	assert_untouched();
}

static void refuses_a_table_whose_key_is_not_the_uid(void **state) {
	(void)state;
	mariadb_sql(server, "ALTER TABLE users MODIFY uid BIGINT NOT NULL, DROP PRIMARY KEY");
	assert_refused(-ENOENT, "primary key");
}

static void refuses_a_clock_that_is_apart(void **state) {
	struct db *db = test_db_open(server);
	struct preflight found;

	(void)state;
	test_db_exec(db, "SET timestamp = 1600000000");
	assert_int_equal(run(db, &everything, &found), -ERANGE);
	assert_non_null(strstr(error, "2020-09-13T12:26:40Z"));
	assert_non_null(strstr(error, "more than 60 s apart"));
	test_db_exec(db, "SET timestamp = UNIX_TIMESTAMP(SYSDATE()) - 55");
	assert_int_equal(run(db, &everything, &found), 0);
	test_db_exec(db, "SET timestamp = UNIX_TIMESTAMP(SYSDATE()) + 65");
	assert_int_equal(run(db, &everything, &found), -ERANGE);
	db_close(db);
}

// Every GRANT that is needed. Each test leaves one out.
static const struct {
	const char *grant;
	const char *words; // said when it is missing
	bool will_remove, will_count, will_defer; // which wishes want it
} grants[] = {
	{"SELECT ON tokenserver.services",
	 "GRANT SELECT ON `tokenserver`.services TO 'few'@'127.0.0.1'",
	 true,
	 true,
	 true},
	{"SELECT ON tokenserver.nodes",
	 "GRANT SELECT ON `tokenserver`.nodes TO 'few'@'127.0.0.1'",
	 true,
	 true,
	 true},
	{"SELECT ON tokenserver.users",
	 "GRANT SELECT ON `tokenserver`.users TO 'few'@'127.0.0.1'",
	 true,
	 true,
	 true},
	{"DELETE ON tokenserver.users",
	 "GRANT DELETE ON `tokenserver`.users TO 'few'@'127.0.0.1'",
	 true,
	 false,
	 false},
	{"UPDATE (available, current_load) ON tokenserver.nodes",
	 "GRANT UPDATE (available, current_load) ON `tokenserver`.nodes TO 'few'@'127.0.0.1'",
	 false,
	 true,
	 false},
	{"UPDATE (replaced_at) ON tokenserver.users",
	 "GRANT UPDATE (replaced_at) ON `tokenserver`.users TO 'few'@'127.0.0.1'",
	 false,
	 false,
	 true},
};
enum { READ_GRANTS = 3, GRANTS = sizeof(grants) / sizeof(grants[0]) };

static struct db *open_with_grants_but(size_t missing) {
	char url[100];
	struct db *db;

	mariadb_sql(
		server,
		"DROP USER IF EXISTS 'few'@'127.0.0.1'; CREATE USER 'few'@'127.0.0.1' IDENTIFIED "
		"BY 'f'"
	);
	for (size_t i = 0; i < GRANTS; i++) {
		if (i != missing)
			mariadb_sqlf(server, "GRANT %s TO 'few'@'127.0.0.1'", grants[i].grant);
	}
	snprintf(url, sizeof(url), "mysql://few:f@127.0.0.1:%d/tokenserver", mariadb_port(server));
	assert_int_equal(test_db_try(&db, url, 20, error, sizeof(error)), 0);
	return db;
}

static void needs_no_more_than_these_grants(void **state) {
	struct db *db = open_with_grants_but(GRANTS);
	struct preflight found;
	int err = run(db, &everything, &found);

	(void)state;
	if (err != 0)
		fail_msg("%s", error);
	db_close(db);
}

static void says_which_grant_is_missing(void **state) {
	(void)state;
	for (size_t i = 0; i < GRANTS; i++) {
		struct db *db = open_with_grants_but(i);
		struct preflight found;
		int err = run(db, &everything, &found);

		if (err != -EACCES || strstr(error, grants[i].words) == NULL)
			fail_msg("without %s: %d: %s", grants[i].grant, err, error);
		assert_non_null(strstr(error, "114"));
		db_close(db);
	}
	assert_untouched();
}

static void asks_only_for_what_it_will_do(void **state) {
	static const struct preflight_wish wishes[] = {
		{.will_remove = false},
		{.will_remove = true},
		{.will_count = true},
		{.will_defer = true},
	};

	(void)state;
	for (size_t i = READ_GRANTS; i < GRANTS; i++) {
		struct db *db = open_with_grants_but(i);

		for (size_t k = 0; k < sizeof(wishes) / sizeof(wishes[0]); k++) {
			bool is_wanted = (wishes[k].will_remove && grants[i].will_remove) ||
				(wishes[k].will_count && grants[i].will_count) ||
				(wishes[k].will_defer && grants[i].will_defer);
			struct preflight found;
			int err = run(db, &wishes[k], &found);

			if (err != (is_wanted ? -EACCES : 0))
				fail_msg(
					"without %s, wish %zu: %d: %s",
					grants[i].grant,
					k,
					err,
					error
				);
		}
		db_close(db);
	}
}

static void tells_a_dry_run_what_a_real_run_would_fail_for(void **state) {
	struct preflight_wish wish = everything;

	(void)state;
	wish.is_dryrun = true;
	for (size_t i = 0; i <= GRANTS; i++) {
		struct db *db = open_with_grants_but(i);
		bool can_read = i >= READ_GRANTS;
		struct preflight found = {.service = 0};

		assert_int_equal(run(db, &wish, &found), can_read ? 0 : -EACCES);
		assert_int_equal(found.is_obstructed, can_read && i < GRANTS);
		if (i < GRANTS)
			assert_non_null(strstr(error, grants[i].words));
		db_close(db);
	}
	assert_untouched();
}

static void says_that_the_server_is_read_only(void **state) {
	struct db *db = open_with_grants_but(GRANTS);
	struct preflight found;
	int err;

	(void)state;
	mariadb_sql(server, "SET GLOBAL read_only = 1");
	err = run(db, &everything, &found);
	mariadb_sql(server, "SET GLOBAL read_only = 0");
	assert_int_equal(err, -ENOTCONN);
	assert_non_null(strstr(error, "1290"));
	db_close(db);
}

static void survives_a_lost_connection(void **state) {
	struct db *db = test_db_open(server);
	struct preflight found;

	(void)state;
	mariadb_restart(server);
	assert_int_equal(run(db, &everything, &found), -ENOTCONN);
	assert_non_null(strstr(error, "cannot read the database's clock"));
	db_close(db);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(finds_the_service_and_the_index, fresh_database),
		cmocka_unit_test_setup(takes_an_index_of_another_name, fresh_database),
		cmocka_unit_test_setup(says_which_table_is_missing, fresh_database),
		cmocka_unit_test_setup(says_which_column_is_missing, fresh_database),
		cmocka_unit_test_setup(says_that_the_service_is_unknown, fresh_database),
		cmocka_unit_test_setup(says_how_to_make_a_missing_index, fresh_database),
		cmocka_unit_test_setup(
			does_not_count_on_an_index_that_the_server_ignores, fresh_database
		),
		cmocka_unit_test_setup(refuses_a_table_whose_key_is_not_the_uid, fresh_database),
		cmocka_unit_test_setup(refuses_a_clock_that_is_apart, fresh_database),
		cmocka_unit_test_setup(needs_no_more_than_these_grants, fresh_database),
		cmocka_unit_test_setup(says_which_grant_is_missing, fresh_database),
		cmocka_unit_test_setup(asks_only_for_what_it_will_do, fresh_database),
		cmocka_unit_test_setup(
			tells_a_dry_run_what_a_real_run_would_fail_for, fresh_database
		),
		cmocka_unit_test_setup(says_that_the_server_is_read_only, fresh_database),
		cmocka_unit_test_setup(survives_a_lost_connection, fresh_database),
	};

	return cmocka_run_group_tests(tests, test_database_start, test_database_stop);
}
