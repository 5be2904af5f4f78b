// SPDX-License-Identifier: MPL-2.0
// mariadb.h: a private MariaDB server for an integration test, or what the script in
// PURGEFLEET_MARIADB starts.
#pragma once

#include <stdbool.h>
#include <stdint.h>

// The numbers 1 to n as a table with the column `seq`.
#define MARIADB_NUMBERS(n)                                                                         \
	"(WITH RECURSIVE numbers (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM numbers"         \
	" WHERE seq < " #n ") SELECT seq FROM numbers) AS numbers"

// A server with a data directory of its own below $TMPDIR, on a free port of 127.0.0.1. It is
// killed and its directory removed when this process ends, however that ends. Whatever fails in
// here fails the running test (or its set-up), so nothing returns an error. All functions belong to
// the thread that runs the test.
struct mariadb;

// Starts a server; takes a fraction of a second. Ended and freed by mariadb_stop().
struct mariadb *mariadb_start(void);

// The same with more options for mariadbd, e.g. "--log-bin=binlog"; the list ends with NULL.
struct mariadb *mariadb_start_with(const char *const options[]);

// Kills the server with SIGKILL; what was committed is there again after mariadb_restart().
void mariadb_kill(struct mariadb *server);

// Starts the server again on the same port; one that still runs is shut down first.
void mariadb_restart(struct mariadb *server);

// Kills the server, removes its directory and frees the handle. NULL is allowed.
void mariadb_stop(struct mariadb *server);

// Is it MySQL? Asked of the server itself, not of what is tested.
bool mariadb_is_mysql(struct mariadb *server);

// Ends the test as skipped when it is; `why` says what only MariaDB has.
void mariadb_only(struct mariadb *server, const char *why);

int mariadb_port(const struct mariadb *server);

// Path of the server's Unix socket; belongs to the handle.
const char *mariadb_socket(const struct mariadb *server);

// URL of a database for the user `test`, over TCP. Valid until the next call and the server's end.
const char *mariadb_url(struct mariadb *server, const char *database);

// Creates the tables of Tokenserver in the database `tokenserver`, with the service sync-1.5. Those
// that are there go.
void mariadb_create_tokenserver(struct mariadb *server);

// Runs one or more statements, separated by semicolons, as root in the database `tokenserver`.
void mariadb_sql(struct mariadb *server, const char *sql);

// The same with a printf format; nothing is escaped.
void mariadb_sqlf(struct mariadb *server, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

// The first column of the first row. No row and NULL are failures.
int64_t mariadb_query_int(struct mariadb *server, const char *sql);
