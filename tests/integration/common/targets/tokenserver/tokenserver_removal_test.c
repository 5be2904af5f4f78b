// SPDX-License-Identifier: MPL-2.0
// tokenserver_removal_test: a record is taken once, and counted once, and only as it was judged.
#include "support/test.h"

#include "common/db/db.h"
#include "common/targets/tokenserver/hold_list.h"
#include "common/targets/tokenserver/removal.h"
#include "support/db.h"
#include "support/mariadb.h"
#include "support/removal_case.h"
#include "support/test_database.h"
#include "support/tokenserver.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void takes_rows_and_moves_the_counters_of_their_nodes(void **state) {
	struct db *db = test_db_open(server);
	struct removal items[] = {
		removal_case_item(5, 100, 2),
		removal_case_item(1, 100, 1),
		removal_case_item(3, 100, 1)};

	(void)state;
	tokenserver_add_replaced(server, 1, 4, 1, 100);
	tokenserver_add_replaced(server, 5, 1, 2, 100);
	assert_int_equal(removal_run(db, false, items, 3), 0);
	for (size_t i = 0; i < 3; i++)
		removal_case_assert_outcome(&items[i], VERDICT_DONE, REASON_NONE, true);
	assert_int_equal(tokenserver_count_users(server), 2);
	assert_true(tokenserver_has_user(server, 2));
	assert_true(tokenserver_has_user(server, 4));
	removal_case_assert_counters(1, 2);
	removal_case_assert_counters(2, 1);
	db_close(db);
}

static void changes_nothing_when_run_again(void **state) {
	struct db *db = test_db_open(server);
	struct removal items[] = {removal_case_item(1, 100, 1), removal_case_item(2, 100, 1)};

	(void)state;
	tokenserver_add_replaced(server, 1, 2, 1, 100);
	assert_int_equal(removal_run(db, false, items, 2), 0);
	assert_int_equal(removal_run(db, false, items, 2), 0);
	removal_case_assert_outcome(&items[0], VERDICT_DONE, REASON_GONE, false);
	removal_case_assert_outcome(&items[1], VERDICT_DONE, REASON_GONE, false);
	removal_case_assert_counters(1, 2);
	db_close(db);
}

static void leaves_the_counters_alone_when_asked(void **state) {
	struct db *db = test_db_open(server);
	struct removal items[] = {removal_case_item(1, 100, 1)};

	(void)state;
	tokenserver_add_replaced(server, 1, 1, 1, 100);
	assert_int_equal(removal_run(db, true, items, 1), 0);
	removal_case_assert_outcome(&items[0], VERDICT_DONE, REASON_NONE, true);
	assert_false(tokenserver_has_user(server, 1));
	removal_case_assert_counters(1, 0);
	db_close(db);
}

static void leaves_a_row_that_is_not_as_judged(void **state) {
	struct db *db = test_db_open(server);
	struct removal items[] = {
		removal_case_item(1, 100, 1),
		removal_case_item(2, 100, 1),
		removal_case_item(3, 100, 1),
		removal_case_item(4, 100, 1),
		removal_case_item(5, 100, 1)};

	(void)state;
	tokenserver_add_replaced(server, 1, 5, 1, 100);
	mariadb_sql(server, "UPDATE users SET replaced_at = NULL WHERE uid = 1");
	mariadb_sql(server, "UPDATE users SET replaced_at = 101 WHERE uid = 2");
	mariadb_sql(server, "UPDATE users SET replaced_at = 99 WHERE uid = 3");
	mariadb_sql(server, "UPDATE users SET nodeid = 2 WHERE uid = 4");
	assert_int_equal(removal_run(db, false, items, 5), 0);
	for (size_t i = 0; i < 4; i++)
		removal_case_assert_outcome(&items[i], VERDICT_LEFT, REASON_CHANGED, false);
	removal_case_assert_outcome(&items[4], VERDICT_DONE, REASON_NONE, true);
	assert_int_equal(tokenserver_count_users(server), 4);
	removal_case_assert_counters(1, 1);
	removal_case_assert_counters(2, 0);
	db_close(db);
}

static void takes_a_row_without_node_and_counts_nothing(void **state) {
	struct db *db = test_db_open(server);
	struct removal items[] = {removal_case_item(1, 100, 77), removal_case_item(2, 100, 78)};

	(void)state;
	items[0].nodeless = true;
	items[1].nodeless = true;
	tokenserver_add_replaced(server, 1, 1, 77, 100);
	tokenserver_add_replaced(server, 2, 1, 78, 100);
	tokenserver_add_node(server, 78, "https://back", false);
	assert_int_equal(removal_run(db, false, items, 2), 0);
	removal_case_assert_outcome(&items[0], VERDICT_DONE, REASON_NONE, true);
	removal_case_assert_outcome(&items[1], VERDICT_LEFT, REASON_CHANGED, false); // its node is
										     // back
	assert_false(tokenserver_has_user(server, 1));
	assert_true(tokenserver_has_user(server, 2));
	removal_case_assert_counters(78, 0);
	db_close(db);
}

static void takes_a_row_whose_node_went_meanwhile(void **state) {
	struct db *db = test_db_open(server);
	struct removal items[] = {removal_case_item(1, 100, 77)};

	(void)state;
	tokenserver_add_replaced(server, 1, 1, 77, 100);
	assert_int_equal(removal_run(db, false, items, 1), 0);
	removal_case_assert_outcome(&items[0], VERDICT_DONE, REASON_NONE, true);
	db_close(db);
}

static void counts_a_row_twice_in_a_batch_once(void **state) {
	struct db *db = test_db_open(server);
	struct removal items[] = {
		removal_case_item(1, 99, 1),
		removal_case_item(1, 100, 1),
		removal_case_item(1, 100, 1)};
	int taken = 0;

	(void)state;
	tokenserver_add_replaced(server, 1, 1, 1, 100);
	assert_int_equal(removal_run(db, false, items, 3), 0);
	for (size_t i = 0; i < 3; i++)
		taken += items[i].removed;
	assert_int_equal(taken, 1);
	removal_case_assert_outcome(&items[0], VERDICT_LEFT, REASON_CHANGED, false);
	removal_case_assert_counters(1, 1);
	db_close(db);
}

static void owns_what_an_unheard_commit_took(void **state) {
	struct db *db = test_db_open(server);
	struct removal items[] = {removal_case_item(1, 100, 1), removal_case_item(2, 100, 1)};

	(void)state;
	items[0].commit_unknown = true;
	items[1].commit_unknown = true;
	tokenserver_add_replaced(server, 2, 1, 1, 100);
	assert_int_equal(removal_run(db, false, items, 2), 0);
	removal_case_assert_outcome(&items[0], VERDICT_DONE, REASON_NONE, true);
	removal_case_assert_outcome(&items[1], VERDICT_DONE, REASON_NONE, true);
	// Only what this run took: the other was counted then.
	removal_case_assert_counters(1, 1);
	db_close(db);
}

static void owns_nothing_that_an_earlier_run_surely_did_not_take(void **state) {
	struct db *db = test_db_open(server);
	struct removal items[] = {removal_case_item(1, 99, 1)};

	(void)state;
	items[0].commit_unknown = true;
	tokenserver_add_replaced(server, 1, 1, 1, 100);
	assert_int_equal(removal_run(db, false, items, 1), 0); // it is there
	removal_case_assert_outcome(&items[0], VERDICT_LEFT, REASON_CHANGED, false);
	mariadb_sql(server, "DELETE FROM users");
	assert_int_equal(removal_run(db, false, items, 1), 0);
	removal_case_assert_outcome(&items[0], VERDICT_DONE, REASON_GONE, false);
	db_close(db);
}

static struct hold_list *list_of(const char *text) {
	char path[] = "/tmp/purgefleet-holds-XXXXXX";
	int fd = mkstemp(path);
	struct hold_list *list;
	char error[300];

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	close(fd);
	assert_int_equal(hold_list_new(&list), 0);
	assert_true(hold_list_read(list, path, error, sizeof(error)) >= 0);
	assert_int_equal(unlink(path), 0);
	return list;
}

static void leaves_a_row_whose_user_was_put_on_hold_since_it_was_judged(void **state) {
	struct db *db = test_db_open(server);
	struct hold_list *list = list_of("anna@example.com\n");
	struct removal items[] = {
		removal_case_item(1, 100, 1),
		removal_case_item(2, 100, 1),
		removal_case_item(3, 100, 1),
		removal_case_item(4, 100, 1)};

	(void)state;
	items[0].holds = items[1].holds = items[2].holds = list; // not of the last
	tokenserver_add_replaced(server, 1, 4, 1, 100);
	mariadb_sql(server, "ALTER TABLE users MODIFY email VARCHAR(255) NULL");
	mariadb_sql(server, "UPDATE users SET email = 'ANNA@other.example' WHERE uid IN (1, 4)");
	mariadb_sql(server, "UPDATE users SET email = NULL WHERE uid = 2");
	assert_int_equal(removal_run(db, false, items, 4), 0);
	removal_case_assert_outcome(&items[0], VERDICT_LEFT, REASON_LEGAL_HOLD, false);
	removal_case_assert_outcome(&items[1], VERDICT_LEFT, REASON_LEGAL_HOLD, false);
	removal_case_assert_outcome(&items[2], VERDICT_DONE, REASON_NONE, true);
	removal_case_assert_outcome(&items[3], VERDICT_DONE, REASON_NONE, true);
	removal_case_assert_counters(1, 2);
	hold_list_free(list);
	db_close(db);
}

static void does_nothing_with_nothing(void **state) {
	struct db *db = test_db_open(server);

	(void)state;
	assert_int_equal(removal_run(db, false, NULL, 0), 0);
	assert_int_equal(removal_defer(db, 1, NULL, 0), 0);
	db_close(db);
}

static void rolls_back_when_a_counter_cannot_be_moved(void **state) {
	struct db *db = test_db_open(server);
	struct removal items[] = {removal_case_item(1, 100, 1)};

	(void)state;
	tokenserver_add_replaced(server, 1, 1, 1, 100);
	mariadb_sql(server, "ALTER TABLE nodes MODIFY current_load TINYINT UNSIGNED NOT NULL");
	mariadb_sql(server, "UPDATE nodes SET current_load = 0");
	assert_true(removal_run(db, false, items, 1) < 0);
	assert_int_equal(tokenserver_count_users(server), 1);
	assert_int_equal(tokenserver_counters(server, 1).available, 10);
	db_close(db);
}

static void says_that_the_connection_is_lost(void **state) {
	struct db *db = test_db_open(server);
	struct removal items[] = {removal_case_item(1, 100, 1)};

	(void)state;
	tokenserver_add_replaced(server, 1, 1, 1, 100);
	mariadb_kill(server);
	assert_int_equal(removal_run(db, false, items, 1), -ENOTCONN);
	assert_false(items[0].commit_unknown);
	mariadb_restart(server);
	assert_int_equal(tokenserver_count_users(server), 1);
	removal_case_assert_counters(1, 0);
	db_close(db);
}

static void defers_rows_that_are_as_judged(void **state) {
	struct db *db = test_db_open(server);
	struct removal items[] = {
		removal_case_item(1, 100, 1),
		removal_case_item(2, 99, 1),
		removal_case_item(3, 100, 1)};

	(void)state;
	tokenserver_add_replaced(server, 1, 2, 1, 100);
	assert_int_equal(removal_defer(db, 5000, items, 3), 0);
	removal_case_assert_outcome(&items[0], VERDICT_DONE, REASON_NONE, true);
	removal_case_assert_outcome(&items[1], VERDICT_LEFT, REASON_CHANGED, false);
	removal_case_assert_outcome(&items[2], VERDICT_LEFT, REASON_CHANGED, false);
	assert_int_equal(tokenserver_replaced_at(server, 1), 5000);
	assert_int_equal(tokenserver_replaced_at(server, 2), 100);
	removal_case_assert_counters(1, 0);
	db_close(db);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			takes_rows_and_moves_the_counters_of_their_nodes, removal_case_fresh
		),
		cmocka_unit_test_setup(changes_nothing_when_run_again, removal_case_fresh),
		cmocka_unit_test_setup(leaves_the_counters_alone_when_asked, removal_case_fresh),
		cmocka_unit_test_setup(leaves_a_row_that_is_not_as_judged, removal_case_fresh),
		cmocka_unit_test_setup(
			takes_a_row_without_node_and_counts_nothing, removal_case_fresh
		),
		cmocka_unit_test_setup(takes_a_row_whose_node_went_meanwhile, removal_case_fresh),
		cmocka_unit_test_setup(counts_a_row_twice_in_a_batch_once, removal_case_fresh),
		cmocka_unit_test_setup(owns_what_an_unheard_commit_took, removal_case_fresh),
		cmocka_unit_test_setup(
			owns_nothing_that_an_earlier_run_surely_did_not_take, removal_case_fresh
		),
		cmocka_unit_test_setup(
			leaves_a_row_whose_user_was_put_on_hold_since_it_was_judged,
			removal_case_fresh
		),
		cmocka_unit_test_setup(does_nothing_with_nothing, removal_case_fresh),
		cmocka_unit_test_setup(
			rolls_back_when_a_counter_cannot_be_moved, removal_case_fresh
		),
		cmocka_unit_test_setup(says_that_the_connection_is_lost, removal_case_fresh),
		cmocka_unit_test_setup(defers_rows_that_are_as_judged, removal_case_fresh),
	};

	return cmocka_run_group_tests(tests, test_database_start, test_database_stop);
}
