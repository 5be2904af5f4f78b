// SPDX-License-Identifier: MPL-2.0
// db_lost_test: connections that break, and statements that wait too long. Nothing may hang.
#include "common/db/db.h"
#include "common/db/url/db_url.h"

#include <arpa/inet.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "support/db.h"
#include "support/mariadb.h"
#include "support/test.h"

// Far above what is waited for, far below what would be waited without a limit.
#define SOON_MS 8000

static struct mariadb *server;

static int set_up(void **state) {
	struct db *db;

	(void)state;
	server = mariadb_start();
	db = test_db_open(server);
	test_db_exec(db, "CREATE TABLE pairs (id INT PRIMARY KEY, n INT) ENGINE = InnoDB");
	test_db_exec(db, "INSERT INTO pairs VALUES (1, 0), (2, 0)");
	db_close(db);
	return 0;
}

static int tear_down(void **state) {
	(void)state;
	mariadb_stop(server);
	return 0;
}

// One statement in a thread of its own, on a handle that is its own meanwhile.
struct errand {
	pthread_t thread;
	struct db *db;
	const char *sql;
	int ret;
	int64_t took_ms;
};

static void *run_errand(void *arg) {
	struct errand *errand = arg;
	int64_t start_ms = clock_mono_ms();

	errand->ret = db_exec(errand->db, errand->sql, NULL);
	errand->took_ms = clock_mono_ms() - start_ms;
	return NULL;
}

static void send_errand(struct errand *errand, struct db *db, const char *sql) {
	*errand = (struct errand){.db = db, .sql = sql};
	assert_int_equal(pthread_create(&errand->thread, NULL, run_errand, errand), 0);
}

static int await_errand(struct errand *errand) {
	assert_int_equal(pthread_join(errand->thread, NULL), 0);
	assert_true(errand->took_ms < SOON_MS);
	return errand->ret;
}

static int64_t connection_id(struct db *db) {
	return test_db_int(db, "SELECT CONNECTION_ID()");
}

static void wait_until_it_runs(struct db *watcher, int64_t id) {
	char sql[256];

	snprintf(
		sql,
		sizeof(sql),
		"SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID = %lld"
		" AND INFO LIKE '%%SLEEP%%'",
		(long long)id
	);
	test_db_wait(watcher, sql);
}

static void kill_it(struct db *watcher, const char *what, int64_t id) {
	char sql[64];

	snprintf(sql, sizeof(sql), "KILL %s %lld", what, (long long)id);
	test_db_exec(watcher, sql);
}

static void says_that_a_killed_connection_is_lost(void **state) {
	struct db *watcher = test_db_open(server);
	struct db *db = test_db_open(server);
	int64_t id = connection_id(db);
	struct errand errand;

	(void)state;
	send_errand(&errand, db, "SELECT SLEEP(30)");
	wait_until_it_runs(watcher, id);
	kill_it(watcher, "CONNECTION", id);
	assert_int_equal(await_errand(&errand), -ENOTCONN);
	// It stays lost: nothing connects again by itself.
	assert_int_equal(db_exec(db, "SELECT 1", NULL), -ENOTCONN);
	assert_int_equal(db_begin(db), -ENOTCONN);
	assert_int_equal(db_commit(db), -ENOTCONN);
	db_close(db);
	db = test_db_open(server);
	kill_it(watcher, "CONNECTION", connection_id(db));
	assert_int_equal(db_exec(db, "SELECT 1", NULL), -ENOTCONN);
	db_close(db);
	db_close(watcher);
}

static void says_that_a_killed_statement_can_be_tried_again(void **state) {
	struct db *watcher = test_db_open(server);
	struct db *db = test_db_open(server);
	int64_t id = connection_id(db);
	struct errand errand;

	(void)state;
	send_errand(&errand, db, "UPDATE pairs SET n = n + SLEEP(30) WHERE id = 1");
	wait_until_it_runs(watcher, id);
	kill_it(watcher, "QUERY", id);
	assert_int_equal(await_errand(&errand), -EAGAIN);
	assert_int_equal(test_db_int(db, "SELECT 7"), 7);
	db_close(db);
	db_close(watcher);
}

static void says_that_a_killed_server_is_lost(void **state) {
	struct db *watcher = test_db_open(server);
	struct db *db = test_db_open(server);
	int64_t id = connection_id(db);
	char error[512];
	struct errand errand;

	(void)state;
	assert_int_equal(db_begin(db), 0);
	test_db_exec(db, "UPDATE pairs SET n = 5");
	send_errand(&errand, db, "SELECT SLEEP(30)");
	wait_until_it_runs(watcher, id);
	mariadb_kill(server);
	assert_int_equal(await_errand(&errand), -ENOTCONN);
	assert_int_equal(db_commit(db), -ENOTCONN);
	db_close(db);
	assert_int_equal(db_exec(watcher, "SELECT 1", NULL), -ENOTCONN);
	db_close(watcher);
	assert_int_equal(
		test_db_try(&db, mariadb_url(server, "tokenserver"), 5, error, sizeof(error)),
		-ENOTCONN
	);
	mariadb_restart(server);
	db = test_db_open(server);
	assert_int_equal(test_db_int(db, "SELECT SUM(n) FROM pairs"), 0);
	db_close(db);
}

static void ends_one_of_two_that_wait_for_each_other(void **state) {
	struct db *one = test_db_open(server);
	struct db *two = test_db_open(server);
	struct errand errand;
	int first, second;

	(void)state;
	test_db_exec(one, "SET innodb_lock_wait_timeout = 30");
	test_db_exec(two, "SET innodb_lock_wait_timeout = 30");
	assert_int_equal(db_begin(one), 0);
	assert_int_equal(db_begin(two), 0);
	test_db_exec(one, "UPDATE pairs SET n = 1 WHERE id = 1");
	test_db_exec(two, "UPDATE pairs SET n = 2 WHERE id = 2");
	// Whichever comes second closes the circle.
	send_errand(&errand, one, "UPDATE pairs SET n = 1 WHERE id = 2");
	second = db_exec(two, "UPDATE pairs SET n = 2 WHERE id = 1", NULL);
	first = await_errand(&errand);
	assert_true((first == -EAGAIN && second == 0) || (first == 0 && second == -EAGAIN));
	assert_int_equal(db_errno(first < 0 ? one : two), 1213);
	assert_int_equal(db_rollback(one), 0);
	assert_int_equal(db_rollback(two), 0);
	db_close(one);
	db_close(two);
}

static void waits_for_a_lock_no_longer_than_told(void **state) {
	struct db *holder = test_db_open(server);
	struct db *db = test_db_open(server);
	int64_t start_ms = clock_mono_ms();

	(void)state;
	assert_int_equal(db_begin(holder), 0);
	test_db_exec(holder, "UPDATE pairs SET n = 1 WHERE id = 1");
	assert_int_equal(db_exec(db, "DELETE FROM pairs WHERE id = 1", NULL), -EAGAIN);
	assert_int_equal(db_errno(db), 1205);
	// The same for the table itself.
	assert_int_equal(db_exec(db, "ALTER TABLE pairs COMMENT 'x'", NULL), -EAGAIN);
	assert_int_equal(db_errno(db), 1205);
	assert_true(clock_mono_ms() - start_ms < SOON_MS);
	assert_int_equal(db_rollback(holder), 0);
	db_close(db);
	db_close(holder);
}

static void keeps_the_lock_wait_below_the_read_time_out(void **state) {
	struct db *db;
	char error[512], url[256];

	(void)state;
	snprintf(url, sizeof(url), "%s?read_timeout=2", mariadb_url(server, "tokenserver"));
	assert_int_equal(test_db_try(&db, url, 20, error, sizeof(error)), 0);
	assert_int_equal(test_db_int(db, "SELECT @@innodb_lock_wait_timeout"), 1);
	db_close(db);
}

static void ends_a_select_after_its_limit(void **state) {
	// Some 10^12 combinations without an index: no machine is done in a second.
	const char *heavy = "COUNT(*) FROM seq_1_to_10000 a JOIN seq_1_to_10000 b"
			    " JOIN seq_1_to_10000 c WHERE a.seq * b.seq % 7 = c.seq % 11";
	struct db *db = test_db_open(server);
	struct db_result *result = NULL;
	int64_t start_ms = clock_mono_ms();

	(void)state;
	mariadb_only(
		server, "the number and the variable of its limit; db_server_test has the rest"
	);
	assert_int_equal(db_select_limited(db, 250, heavy, &result), -ETIME);
	assert_int_equal(db_errno(db), 1969);
	assert_null(result);
	assert_true(clock_mono_ms() - start_ms >= 200);
	assert_true(clock_mono_ms() - start_ms < SOON_MS);
	assert_int_equal(db_select_limited(db, 0, heavy, &result), -ETIME);
	assert_int_equal(db_select_limited(db, 10500, "@@max_statement_time", &result), 0);
	assert_true(db_result_next(result));
	assert_string_equal(db_result_text(result, 0, NULL), "10.500000");
	db_result_free(result);
	// A server that takes longer than the connection waits would count as lost.
	assert_int_equal(db_read_limit_ms(db), 19000);
	assert_int_equal(db_select_limited(db, 60500, "@@max_statement_time", &result), 0);
	assert_true(db_result_next(result));
	assert_string_equal(db_result_text(result, 0, NULL), "19.000000");
	db_result_free(result);
	// The limit was for that statement alone.
	assert_int_equal(test_db_int(db, "SELECT @@max_statement_time = 0"), 1);
	db_close(db);
}

static void gives_up_a_server_that_says_nothing_for_too_long(void **state) {
	struct db *db;
	char error[512];
	int64_t start_ms;

	(void)state;
	assert_int_equal(
		test_db_try(&db, mariadb_url(server, "tokenserver"), 1, error, sizeof(error)), 0
	);
	start_ms = clock_mono_ms();
	assert_int_equal(db_exec(db, "SELECT SLEEP(30)", NULL), -ENOTCONN);
	assert_int_equal(db_rollback(db), -ENOTCONN);
	db_close(db);
	assert_true(clock_mono_ms() - start_ms < SOON_MS);
}

static pid_t server_pid(struct db *db) {
	struct db_result *result = NULL;
	char line[32];
	pid_t pid;
	FILE *file;

	assert_int_equal(db_select(db, "SELECT @@pid_file", &result), 0);
	assert_true(db_result_next(result));
	file = fopen(db_result_text(result, 0, NULL), "re");
	assert_non_null(file);
	assert_non_null(fgets(line, sizeof(line), file));
	pid = (pid_t)strtol(line, NULL, 10);
	assert_true(pid > 1);
	fclose(file);
	db_result_free(result);
	return pid;
}

static void gives_up_a_server_that_has_stopped(void **state) {
	struct db *watcher = test_db_open(server);
	pid_t pid = server_pid(watcher);
	struct db *db;
	char error[512], url[256];
	int64_t start_ms;
	int ret;

	(void)state;
	snprintf(url, sizeof(url), "%s?connect_timeout=1", mariadb_url(server, "tokenserver"));
	assert_int_equal(test_db_try(&db, url, 1, error, sizeof(error)), 0);
	start_ms = clock_mono_ms();
	assert_int_equal(kill(pid, SIGSTOP), 0);
	// Its threads do not stop all at once.
	do {
		ret = db_exec(db, "SELECT 1", NULL);
	} while (ret == 0 && clock_mono_ms() - start_ms < SOON_MS);
	assert_int_equal(ret, -ENOTCONN);
	db_close(db);
	assert_int_equal(test_db_try(&db, url, 1, error, sizeof(error)), -ENOTCONN);
	assert_int_equal(kill(pid, SIGCONT), 0);
	assert_true(clock_mono_ms() - start_ms < INT64_C(2) * SOON_MS);
	assert_int_equal(test_db_int(watcher, "SELECT 7"), 7);
	db_close(watcher);
}

static void gives_up_a_listener_that_never_greets(void **state) {
	struct sockaddr_in address = {.sin_family = AF_INET};
	socklen_t size = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int64_t start_ms = clock_mono_ms();
	char error[512], url[128];
	struct db *db;

	(void)state;
	assert_true(fd >= 0);
	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
	assert_int_equal(listen(fd, 4), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
	snprintf(
		url,
		sizeof(url),
		"mysql://u:p@127.0.0.1:%d/d?connect_timeout=1",
		ntohs(address.sin_port)
	);
	assert_int_equal(test_db_try(&db, url, 1, error, sizeof(error)), -ENOTCONN);
	assert_true(clock_mono_ms() - start_ms < SOON_MS);
	close(fd);
}

// No cmocka in here: its assertions belong to the thread that runs the test.
static void *open_and_close(void *arg) {
	const struct db_limits limits = {5000, 20000, 1000};
	uint64_t affected = 0;
	struct db_url *url = NULL;
	struct db *db = NULL;
	char error[512];
	int ret = db_url_parse(&url, arg, error, sizeof(error));

	for (int i = 0; i < 5 && ret == 0; i++) {
		ret = db_open(&db, url, &limits, error, sizeof(error));
		if (ret == 0)
			ret = db_exec(db, "DO 7", &affected);
		db_close(db);
		db = NULL;
	}
	db_url_free(url);
	return ret == 0 ? arg : NULL;
}

static void serves_several_threads(void **state) {
	char url[256];
	pthread_t threads[4];
	void *done;

	(void)state;
	snprintf(url, sizeof(url), "%s", mariadb_url(server, "tokenserver"));
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, open_and_close, url), 0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], &done), 0);
		assert_non_null(done);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(serves_several_threads),
		cmocka_unit_test(says_that_a_killed_connection_is_lost),
		cmocka_unit_test(says_that_a_killed_statement_can_be_tried_again),
		cmocka_unit_test(says_that_a_killed_server_is_lost),
		cmocka_unit_test(ends_one_of_two_that_wait_for_each_other),
		cmocka_unit_test(waits_for_a_lock_no_longer_than_told),
		cmocka_unit_test(keeps_the_lock_wait_below_the_read_time_out),
		cmocka_unit_test(ends_a_select_after_its_limit),
		cmocka_unit_test(gives_up_a_server_that_says_nothing_for_too_long),
		cmocka_unit_test(gives_up_a_server_that_has_stopped),
		cmocka_unit_test(gives_up_a_listener_that_never_greets),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
