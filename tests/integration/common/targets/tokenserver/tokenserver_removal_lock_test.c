// SPDX-License-Identifier: MPL-2.0
// tokenserver_removal_lock_test: a record is taken once, and counted once, whoever else is there:
// what others have locked is waited for, or left.
#include "support/test.h"

#include "common/base/clock.h"
#include "common/db/db.h"
#include "common/targets/tokenserver/removal.h"
#include "support/db.h"
#include "support/mariadb.h"
#include "support/removal_case.h"
#include "support/test_database.h"
#include "support/tokenserver.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { ROWS = 400 };

static void gives_a_locked_row_up_and_changes_nothing(void **state) {
	struct db *db = test_db_open(server);
	struct db *holder = test_db_open(server);
	struct removal items[] = {removal_case_item(1, 100, 1), removal_case_item(2, 100, 1)};

	(void)state;
	tokenserver_add_replaced(server, 1, 2, 1, 100);
	test_db_exec(holder, "BEGIN");
	test_db_exec(holder, "UPDATE users SET generation = 7 WHERE uid = 2");
	assert_int_equal(removal_run(db, false, items, 2), -EAGAIN);
	test_db_exec(holder, "ROLLBACK");
	assert_int_equal(tokenserver_count_users(server), 2);
	removal_case_assert_counters(1, 0);
	assert_int_equal(removal_run(db, false, items, 2), 0);
	removal_case_assert_counters(1, 2);
	db_close(holder);
	db_close(db);
}

static void leaves_only_what_belongs_to_a_locked_node(void **state) {
	struct db *db = test_db_open(server);
	struct db *holder = test_db_open(server);
	struct removal items[] = {
		removal_case_item(1, 100, 2),
		removal_case_item(2, 100, 1),
		removal_case_item(3, 100, 2),
		removal_case_item(4, 100, 77),
		removal_case_item(5, 99, 1)};

	(void)state;
	items[3].nodeless = true;
	tokenserver_add_replaced(server, 1, 5, 1, 100);
	mariadb_sql(server, "UPDATE users SET nodeid = 2 WHERE uid IN (1, 3)");
	mariadb_sql(server, "UPDATE users SET nodeid = 77 WHERE uid = 4");
	test_db_exec(holder, "BEGIN");
	test_db_exec(holder, "UPDATE nodes SET capacity = 101 WHERE id = 2");
	assert_int_equal(removal_run(db, false, items, 5), 0);
	assert_non_null(strstr(db_error(db), "1205"));
	removal_case_assert_outcome(&items[0], VERDICT_RETRY, REASON_DATABASE, false);
	removal_case_assert_outcome(&items[1], VERDICT_DONE, REASON_NONE, true);
	removal_case_assert_outcome(&items[2], VERDICT_RETRY, REASON_DATABASE, false);
	removal_case_assert_outcome(&items[3], VERDICT_DONE, REASON_NONE, true);
	removal_case_assert_outcome(&items[4], VERDICT_LEFT, REASON_CHANGED, false);
	for (size_t i = 0; i < 5; i++)
		assert_false(items[i].untried);
	test_db_exec(holder, "ROLLBACK");
	removal_case_assert_counters(1, 1);
	removal_case_assert_counters(2, 0);
	assert_int_equal(removal_run(db, false, items, 5), 0);
	removal_case_assert_outcome(&items[0], VERDICT_DONE, REASON_NONE, true);
	removal_case_assert_outcome(&items[2], VERDICT_DONE, REASON_NONE, true);
	removal_case_assert_counters(1, 1);
	removal_case_assert_counters(2, 2);
	db_close(holder);
	db_close(db);
}

static void waits_for_one_locked_node_and_takes_what_others_are_free_for(void **state) {
	enum { LOCKED = 10, FREE = LOCKED, NODELESS, ROWS_ALL };
	struct db *db = test_db_open(server);
	struct db *holder = test_db_open(server);
	struct removal items[ROWS_ALL];
	char name[32];
	int64_t began_ms;

	(void)state;
	tokenserver_add_replaced(server, 1, ROWS_ALL, 1, 100);
	mariadb_sql(server, "UPDATE users SET nodeid = 100 + uid");
	for (int i = 0; i < ROWS_ALL; i++) {
		items[i] = removal_case_item(i + 1, 100, 101 + i);
		items[i].nodeless = i == NODELESS;
		snprintf(name, sizeof(name), "https://many%d", i);
		if (i != NODELESS)
			tokenserver_add_node(server, 101 + i, name, false);
	}
	test_db_exec(holder, "BEGIN");
	test_db_exec(holder, "UPDATE nodes SET capacity = 101 WHERE id BETWEEN 101 AND 110");
	began_ms = clock_mono_ms();
	assert_int_equal(removal_run(db, false, items, ROWS_ALL), 0);
	assert_true(clock_mono_ms() - began_ms < 5000);
	for (int i = 0; i < LOCKED; i++) {
		removal_case_assert_outcome(&items[i], VERDICT_RETRY, REASON_DATABASE, false);
		assert_int_equal(items[i].untried, i > 0);
	}
	removal_case_assert_outcome(&items[FREE], VERDICT_DONE, REASON_NONE, true);
	removal_case_assert_outcome(&items[NODELESS], VERDICT_DONE, REASON_NONE, true);
	assert_int_equal(tokenserver_count_users(server), LOCKED);
	removal_case_assert_counters(101 + FREE, 1);
	// The next batch waits again.
	assert_int_equal(test_db_int(db, "SELECT @@innodb_lock_wait_timeout"), 1);
	test_db_exec(holder, "ROLLBACK");
	assert_int_equal(removal_run(db, false, items, LOCKED), 0);
	for (int i = 0; i < LOCKED; i++)
		removal_case_assert_outcome(&items[i], VERDICT_DONE, REASON_NONE, true);
	removal_case_assert_counters(101, 1);
	db_close(holder);
	db_close(db);
}

static void *run_removal(void *arg) {
	struct removal *removal = arg;
	struct db *db = test_db_open(server);

	if (removal_run(db, false, removal, 1) < 0)
		removal->verdict = VERDICT_FAILED;
	db_close(db);
	return NULL;
}

static void sees_a_change_that_is_made_while_it_waits_for_the_row(void **state) {
	struct db *holder = test_db_open(server);
	struct db *watcher = test_db_open(server);
	struct removal removal = removal_case_item(1, 100, 1);
	pthread_t thread;

	(void)state;
	tokenserver_add_replaced(server, 1, 1, 1, 100);
	test_db_exec(holder, "BEGIN");
	test_db_exec(holder, "UPDATE users SET replaced_at = 50 WHERE uid = 1");
	assert_int_equal(pthread_create(&thread, NULL, run_removal, &removal), 0);
	test_db_wait_for_row_lock(watcher);
	test_db_exec(holder, "COMMIT");
	pthread_join(thread, NULL);
	removal_case_assert_outcome(&removal, VERDICT_LEFT, REASON_CHANGED, false);
	assert_true(tokenserver_has_user(server, 1));
	removal_case_assert_counters(1, 0);
	db_close(watcher);
	db_close(holder);
}

// --- two purgers

struct purger {
	struct db *db;
	pthread_barrier_t *barrier;
	// Where in the rows its first batch begins.
	int64_t first;
	int64_t taken;
	int error;
};

// Batches of 20 rows, all of them, from `first` on and around; a deadlock is tried again.
static void *purge(void *arg) {
	struct purger *purger = arg;

	pthread_barrier_wait(purger->barrier);
	for (int64_t at = 0; at < ROWS && purger->error == 0; at += 20) {
		struct removal items[20];
		int err;

		for (int64_t i = 0; i < 20; i++) {
			int64_t uid = (purger->first + at + i) % ROWS + 1;
			items[i] = removal_case_item(uid, 100, uid % 2 + 1);
		}
		do {
			err = removal_run(purger->db, false, items, 20);
		} while (err == -EAGAIN);
		purger->error = err;
		for (int i = 0; i < 20 && err == 0; i++)
			purger->taken += items[i].removed;
	}
	return NULL;
}

static void two_purgers_at_once_take_each_row_once(void **state) {
	pthread_barrier_t barrier;
	struct purger purgers[2] = {{.first = 0}, {.first = 10}};
	pthread_t threads[2];

	(void)state;
	tokenserver_add_replaced(server, 1, ROWS, 1, 100);
	mariadb_sql(server, "UPDATE users SET nodeid = uid % 2 + 1");
	pthread_barrier_init(&barrier, NULL, 2);
	for (int i = 0; i < 2; i++) {
		purgers[i].db = test_db_open(server);
		purgers[i].barrier = &barrier;
		assert_int_equal(pthread_create(&threads[i], NULL, purge, &purgers[i]), 0);
	}
	for (int i = 0; i < 2; i++) {
		pthread_join(threads[i], NULL);
		assert_int_equal(purgers[i].error, 0);
		db_close(purgers[i].db);
	}
	pthread_barrier_destroy(&barrier);
	assert_int_equal(purgers[0].taken + purgers[1].taken, ROWS);
	assert_int_equal(tokenserver_count_users(server), 0);
	removal_case_assert_counters(1, ROWS / 2);
	removal_case_assert_counters(2, ROWS / 2);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			gives_a_locked_row_up_and_changes_nothing, removal_case_fresh
		),
		cmocka_unit_test_setup(
			leaves_only_what_belongs_to_a_locked_node, removal_case_fresh
		),
		cmocka_unit_test_setup(
			waits_for_one_locked_node_and_takes_what_others_are_free_for,
			removal_case_fresh
		),
		cmocka_unit_test_setup(
			sees_a_change_that_is_made_while_it_waits_for_the_row, removal_case_fresh
		),
		cmocka_unit_test_setup(two_purgers_at_once_take_each_row_once, removal_case_fresh),
	};

	return cmocka_run_group_tests(tests, test_database_start, test_database_stop);
}
