// SPDX-License-Identifier: MPL-2.0
// db.h: connections as the programs make them, for an integration test.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct db;
struct mariadb;

// Limits of 5 s for connecting, `read_s` seconds for an answer, 1 s for a lock. Returns what
// db_open says; a URL that is wrong fails the test.
int test_db_try(struct db **out, const char *url, int read_s, char *error, size_t error_bytes);

// The same, but a failure fails the test. The user `test`, the database `tokenserver`, 20 s.
struct db *test_db_open(struct mariadb *server);

// Runs a statement, which must work.
void test_db_exec(struct db *db, const char *sql);

// The first column of the one row of a SELECT.
int64_t test_db_int(struct db *db, const char *sql);

// A status variable that is a number: of the session, of the server where a session has none.
int64_t test_db_status(struct db *db, const char *name);

// Waits until some transaction waits for a row; fails the test after ten seconds.
void test_db_wait_for_row_lock(struct db *db);

// Waits until `sql` gives another number than 0; fails the test after ten seconds.
void test_db_wait(struct db *db, const char *sql);
