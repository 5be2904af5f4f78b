// SPDX-License-Identifier: MPL-2.0
// lock_db_test: one scanner at a time, on a real server.
#include "common/db/db.h"
#include "producer/outbox/lock_db.h"
#include "support/db.h"
#include "support/mariadb.h"
#include "support/test.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static struct mariadb *server;
static struct db *watcher;

static int set_up(void **state) {
	(void)state;
	server = mariadb_start();
	watcher = test_db_open(server);
	return 0;
}

static int tear_down(void **state) {
	(void)state;
	db_close(watcher);
	mariadb_stop(server);
	return 0;
}

static struct lock *make_lock(const char *target) {
	struct lock *lock = NULL;

	assert_int_equal(lock_db_new(&lock, mariadb_url(server, "tokenserver"), target, false), 0);
	return lock;
}

// MD5 of fruit/tokenserver.
#define NAME "'purgefleet/dbe58c0e8faa3b68e9b5f613147f5fdb'"

static int64_t holder(void) {
	return test_db_int(watcher, "SELECT COALESCE(IS_USED_LOCK(" NAME "), 0)");
}

static void has_the_name_that_servers_with_md5_gave_it(void **state) {
	(void)state;
	if (!db_is_mariadb(watcher))
		skip(); // MySQL 9 has none
	assert_int_equal(
		test_db_int(
			watcher,
			"SELECT CONCAT('purgefleet/', MD5(CONCAT('fruit/', DATABASE()))) = " NAME
		),
		1
	);
}

static void is_held_by_one(void **state) {
	struct lock *first = make_lock("fruit");
	struct lock *second = make_lock("fruit");
	struct lock *other = make_lock("vegetables");

	(void)state;
	assert_int_equal(first->ops->take(first), 0);
	assert_int_equal(first->ops->take(first), 0);
	assert_int_equal(first->ops->verify(first), 0);
	assert_int_equal(second->ops->take(second), -EBUSY);
	assert_int_equal(second->ops->verify(second), -ESTALE);
	assert_int_equal(other->ops->take(other), 0);
	first->ops->free(first);
	assert_int_equal(second->ops->take(second), 0);
	second->ops->free(second);
	other->ops->free(other);
}

static void is_lost_with_its_connection_and_can_be_taken_again(void **state) {
	struct lock *lock = make_lock("fruit");
	char sql[64];

	(void)state;
	assert_int_equal(lock->ops->take(lock), 0);
	snprintf(sql, sizeof(sql), "KILL %" PRId64, holder());
	test_db_exec(watcher, sql);
	assert_int_equal(lock->ops->verify(lock), -ESTALE);
	assert_non_null(strstr(lock->ops->error(lock), "lost"));
	assert_int_equal(lock->ops->verify(lock), -ESTALE);
	test_db_wait(watcher, "SELECT IS_FREE_LOCK(" NAME ")");
	assert_int_equal(lock->ops->take(lock), 0);
	assert_int_equal(lock->ops->verify(lock), 0);
	lock->ops->free(lock);
}

static void is_kept_while_nobody_asks_for_it(void **state) {
	struct lock *lock = make_lock("fruit");
	char is_silent[160], has_spoken[160];
	int64_t id;

	(void)state;
	assert_int_equal(lock->ops->take(lock), 0);
	id = holder();
	assert_true(id > 0);
	snprintf(
		is_silent,
		sizeof(is_silent),
		"SELECT COUNT(*) FROM information_schema.processlist WHERE id = %" PRId64
		" AND time >= 4",
		id
	);
	snprintf(
		has_spoken,
		sizeof(has_spoken),
		"SELECT COUNT(*) FROM information_schema.processlist WHERE id = %" PRId64
		" AND time < 1",
		id
	);
	for (int i = 0; i < 2; i++) {
		test_db_wait(watcher, is_silent);
		test_db_wait(watcher, has_spoken);
	}
	assert_int_equal(holder(), id);
	assert_int_equal(lock->ops->verify(lock), 0);
	lock->ops->free(lock);
}

static void says_why_it_cannot_be_taken(void **state) {
	struct lock *lock = NULL;

	(void)state;
	assert_int_equal(
		lock_db_new(&lock, "mysql://test:wrong@127.0.0.1:1/tokenserver", "fruit", false), 0
	);
	assert_int_equal(lock->ops->take(lock), -ENOTCONN);
	assert_non_null(strstr(lock->ops->error(lock), "127.0.0.1"));
	assert_null(strstr(lock->ops->error(lock), "wrong"));
	lock->ops->free(lock);
	assert_int_equal(lock_db_new(&lock, "nonsense", "fruit", false), -EINVAL);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_the_name_that_servers_with_md5_gave_it),
		cmocka_unit_test(is_held_by_one),
		cmocka_unit_test(is_lost_with_its_connection_and_can_be_taken_again),
		cmocka_unit_test(is_kept_while_nobody_asks_for_it),
		cmocka_unit_test(says_why_it_cannot_be_taken),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
