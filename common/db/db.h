// SPDX-License-Identifier: MPL-2.0
// db: one connection to MySQL or MariaDB. Only the files of db know the client library.
//
// The session is set up as: utf8mb4, READ COMMITTED, lock wait timeout (rows and metadata),
// sql_mode TRADITIONAL, no safe updates, no limit of rows, time zone +00:00, autocommit on, no
// LOCAL INFILE, one statement a call, no silent reconnect; on Galera a read outside of transactions
// waits for what was committed anywhere before it (wsrep_sync_wait); TLS is verified when asked
// for. The process ignores SIGPIPE: the client library does not promise never to raise it.
// Thread: one handle belongs to one thread at a time; what the client library keeps for a thread is
// released when the thread ends.
#pragma once

#include "common/db/db_options.h"
#include "common/db/db_result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db; // opaque
struct db_url; // db_url.h

// Errors of every call below, classified once, in db_error.c:
//   -EAGAIN    deadlock or lock time-out (1205, 1213, 1020), KILL QUERY (1317), no room on the
//              server (1021, 1114 …): roll back, try again
//   -ENOTCONN  connection lost, refused or the server is no longer the primary (2002 2003 2006 2013
//              1047 1290 1792 1836 1927, 1040 too many connections, 1053 shutdown, 3032 offline), a
//              Galera node that was cut off or does not keep up (1180, 1205): close, open anew
//   -ETIME     the statement's time limit passed (1969, 3024)
//   -EUSERS    only of db_open: the server has no more connections for us, or for anybody (1040
//              1203 1226)
//   -EACCES    wrong password or missing privilege (1044 1045 1142 1143 1227 1698 1370); TLS that
//              is not there or not to be trusted (2026, on connecting)
//   -ENOENT    no such database, table or column (1049 1146 1054)
//   -EBUSY     the row is held by a foreign key (1451, 1217)
//   -EILSEQ    a string the server cannot take (1366 1300)
//   -ENOTSUP   the server's binlog_format is STATEMENT (1665): no writes under READ COMMITTED
//   -ENOMEM
//   -EIO       everything else
// On failure `error` has the host, the server's words and what can be done; `error_bytes` at least
// 1.
int db_open(
	struct db **out,
	const struct db_url *url,
	const struct db_limits *limits,
	char *error,
	size_t error_bytes
);
// NULL is fine; an open transaction is rolled back.
void db_close(struct db *db);

// The server's own words about the last failure, with its error number: "1146: Table 'x.users'
// doesn't exist". "" when nothing failed yet. Values of rows that they quote, and all e-mail
// addresses, are blanked; the password is never in them.
const char *db_error(const struct db *db);
unsigned db_errno(const struct db *db); // the last failure's number, 0: none
// The last failure was a lock that did not come in time, or not at once; no deadlock.
bool db_waited_in_vain(const struct db *db);
// Of the last -ENOTCONN: the connection broke under the statement, which may be what broke it.
// false: the server said itself that it does not serve, so no statement is to blame.
bool db_broke(const struct db *db);
// What comes from here on is work, all before was opening.
void db_begin_work(struct db *db);
// As db_broke, and something had worked since db_begin_work, or it took a second. Else a server or
// a proxy that serves nothing at all explains the loss as well as the statement does.
bool db_broke_at_work(const struct db *db);
bool db_is_mariadb(const struct db *db);
// The server is a node of a Galera cluster.
bool db_is_cluster(const struct db *db);

// Can rows be changed here? 0, -ENOTCONN: read-only, so not the primary; -ENOTSUP: as above.
int db_check_writable(struct db *db);
// Any question at all: what failed before was not the connection.
bool db_answers(struct db *db);

// Runs a statement without result. `affected` (may be NULL) gets the changed rows.
int db_exec(struct db *db, const char *sql, uint64_t *affected);
int db_begin(struct db *db);
int db_commit(struct db *db); // -ENOTCONN: unknown whether it happened
int db_rollback(struct db *db);
// Waits so long for locks from now on: 0 not at all (MySQL: a second, see below), -1 as long as
// when it was opened.
int db_set_lock_wait(struct db *db, int64_t wait_ms);
// Only FOR UPDATE NOWAIT does not wait at all here.
bool db_needs_nowait(const struct db *db);

// Runs a SELECT and reads all of it into memory. Returns 0 and a result, or an error as above;
// -EINVAL for a statement that gives no rows by its nature.
int db_select(struct db *db, const char *sql, struct db_result **out);
// The same, ended by the server after limit_ms (-ETIME), or db_read_limit_ms when that is less.
// `select` is everything after the word SELECT.
int db_select_limited(struct db *db, int64_t limit_ms, const char *select, struct db_result **out);
// The longest limit for it: a second less than the read timeout. With it the server's own limit for
// statements does not count.
int64_t db_read_limit_ms(const struct db *db);

// Appends `text` to `sql` as a quoted SQL literal, safe in this connection's character set; any
// bytes. 0, or what the buf says (-ENOMEM, -EMSGSIZE), or -EIO. No round trip.
struct buf;
int db_quote(struct db *db, struct buf *sql, const char *text, size_t len);
