// SPDX-License-Identifier: MPL-2.0
// db_dialect: statements that servers want in different words.
#include "common/db/db_dialect.h"

#include "common/base/buf.h"

#include <stdio.h>

void db_dialect_session(
	const struct db_server *server, unsigned lock_wait_s, char out[DB_DIALECT_BYTES]
) {
	snprintf(
		out,
		DB_DIALECT_BYTES,
		"SET NAMES utf8mb4, SESSION autocommit = 1,"
		" SESSION sql_mode = 'TRADITIONAL', SESSION time_zone = '+00:00',"
		" SESSION sql_safe_updates = 0, SESSION sql_select_limit = 18446744073709551615,"
		" SESSION innodb_lock_wait_timeout = %u, SESSION lock_wait_timeout = %u%s%s",
		lock_wait_s,
		lock_wait_s,
		server->has_stats_expiry ? ", SESSION information_schema_stats_expiry = 0" : "",
		server->is_cluster ? ", SESSION wsrep_sync_wait = @@session.wsrep_sync_wait | 1"
				   : ""
	);
}

void db_dialect_lock_wait(unsigned lock_wait_s, char out[DB_DIALECT_BYTES]) {
	snprintf(
		out,
		DB_DIALECT_BYTES,
		"SET SESSION innodb_lock_wait_timeout = %u, SESSION lock_wait_timeout = %u",
		lock_wait_s,
		lock_wait_s
	);
}

void db_dialect_limited(const struct db_server *server, int64_t limit_ms, struct buf *sql) {
	if (server->is_mariadb)
		buf_fmt(sql,
			"SET STATEMENT max_statement_time=%lld.%03d FOR SELECT ",
			(long long)(limit_ms / 1000),
			(int)(limit_ms % 1000));
	else
		buf_fmt(sql, "SELECT /*+ MAX_EXECUTION_TIME(%lld) */ ", (long long)limit_ms);
}

// MySQL's time-outs begin at a second.
bool db_dialect_has_no_wait(const struct db_server *server) {
	return server->is_mariadb;
}

// What has the variable for statistics has NOWAIT as well: 8.0 and later.
bool db_dialect_needs_nowait(const struct db_server *server) {
	return !db_dialect_has_no_wait(server) && server->has_stats_expiry;
}
