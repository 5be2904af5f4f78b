// SPDX-License-Identifier: MPL-2.0
// db.c: connections as the programs make them, for an integration test.
#include "support/db.h"

#include "common/db/db.h"
#include "common/db/url/db_url.h"

#include <stdio.h>

#include "common/base/clock.h"
#include "support/mariadb.h"
#include "support/test.h"

int test_db_try(struct db **out, const char *url, int read_s, char *error, size_t error_bytes) {
	const struct db_limits limits = {
		.connect_timeout_ms = 5000,
		.read_timeout_ms = (int64_t)read_s * 1000,
		.lock_wait_timeout_ms = 1000,
	};
	struct db_url *parsed = NULL;
	int ret;

	*out = NULL;
	if (db_url_parse(&parsed, url, error, error_bytes) < 0)
		fail_msg("%s: %s", url, error);
	ret = db_open(out, parsed, &limits, error, error_bytes);
	db_url_free(parsed);
	return ret;
}

struct db *test_db_open(struct mariadb *server) {
	char error[512];
	struct db *db;

	if (test_db_try(&db, mariadb_url(server, "tokenserver"), 20, error, sizeof(error)) < 0)
		fail_msg("%s", error);
	return db;
}

void test_db_exec(struct db *db, const char *sql) {
	if (db_exec(db, sql, NULL) < 0)
		fail_msg("%s: %s", sql, db_error(db));
}

static int64_t read_int(struct db *db, const char *sql, unsigned column) {
	struct db_result *result = NULL;
	int64_t value;

	if (db_select(db, sql, &result) < 0)
		fail_msg("%s: %s", sql, db_error(db));
	assert_int_equal(db_result_rows(result), 1);
	assert_true(db_result_next(result));
	value = db_result_int(result, column);
	db_result_free(result);
	return value;
}

int64_t test_db_int(struct db *db, const char *sql) {
	return read_int(db, sql, 0);
}

int64_t test_db_status(struct db *db, const char *name) {
	char sql[128];

	snprintf(sql, sizeof(sql), "SHOW SESSION STATUS LIKE '%s'", name);
	return read_int(db, sql, 1);
}

static void note_wait(int64_t deadline_ms, const char *what) {
	if (clock_mono_ms() > deadline_ms)
		fail_msg("in vain: %s", what);
}

void test_db_wait(struct db *db, const char *sql) {
	int64_t deadline_ms = clock_mono_ms() + 10000;

	while (test_db_int(db, sql) == 0)
		note_wait(deadline_ms, sql);
}

void test_db_wait_for_row_lock(struct db *db) {
	int64_t deadline_ms = clock_mono_ms() + 10000;

	while (test_db_status(db, "INNODB_ROW_LOCK_CURRENT_WAITS") == 0)
		note_wait(deadline_ms, "somebody waits for a row");
}
