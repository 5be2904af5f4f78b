// SPDX-License-Identifier: MPL-2.0
// db: one connection to MySQL or MariaDB.
//
// Design notes: only what Connector/C and libmysqlclient share is used; TLS, where they differ, is
// in db_tls. The library's automatic reconnect is off unless asked for, and nothing asks for it: it
// would lose the transaction and the session's settings silently. Files such as ~/.my.cnf are not
// read.
#include "common/db/db.h"

#include <errno.h>
#include <mysql.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/db/db_dialect.h"
#include "common/db/db_error.h"
#include "common/db/db_fault.h"
#include "common/db/db_hint.h"
#include "common/db/db_library.h"
#include "common/db/db_options.h"
#include "common/db/db_result.h"
#include "common/db/db_server.h"
#include "common/db/db_tls.h"
#include "common/db/url/db_url.h"

#define DB_AT_ONCE_MS 1000

struct db {
	MYSQL *handle;
	// Once; what was lost later still counts.
	bool is_connected;
	struct db_server server;
	unsigned lock_wait_s; // when it was opened
	int64_t read_timeout_ms;
	// Of the statement that runs; 0: it has none of ours.
	int64_t own_limit_ms;
	// When work began, monotonic; 0: with the connection.
	int64_t work_ms;
	bool has_worked; // a statement, since then
	struct db_fault fault; // the last one
};

static int db_fail(struct db *db) {
	int ret = db_fault_read(&db->fault, db->handle, &db->server, db->own_limit_ms);

	// Over TLS a connection that breaks is an error of TLS.
	return db->fault.number == DB_FAULT_TLS && db->is_connected ? -ENOTCONN : ret;
}

static int db_connect(struct db *db, const struct db_url *url) {
	const char *host = url->unix_socket ? NULL : url->host;
	const char *fault = db_tls_gap(url);
	char words[300];

	if (!fault && db_tls_lacks_file(&url->tls, words, sizeof(words)))
		fault = words;
	if (fault)
		return db_fault_note(&db->fault, DB_FAULT_TLS, fault);
	// Neither the user's MYSQL_PWD nor CLIENT_MULTI_STATEMENTS: "" is a password, 0 are the
	// flags.
	if (!mysql_real_connect(
		    db->handle,
		    host,
		    url->user,
		    url->password,
		    url->database,
		    url->port,
		    url->unix_socket,
		    0
	    ))
		return db_fail(db);
	fault = db_tls_fault(db->handle, &url->tls);
	if (fault)
		return db_fault_note(&db->fault, DB_FAULT_TLS, fault);
	db->is_connected = true;
	return 0;
}

static int db_query(struct db *db, const char *sql, size_t len) {
	if (db_library_enter() < 0)
		return db_fault_note(&db->fault, DB_FAULT_MEMORY, "out of memory");
	if (mysql_real_query(db->handle, sql, len))
		return db_fail(db);
	db->has_worked = true;
	return 0;
}

// The isolation level by its own statement: servers differ in the name of the variable.
static int db_set_session(struct db *db, const struct db_limits *limits) {
	unsigned lock_s = db_options_seconds(limits->lock_wait_timeout_ms);
	char sql[DB_DIALECT_BYTES];
	int ret = db_exec(db, "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED", NULL);

	if (ret < 0)
		return ret;
	db->lock_wait_s = lock_s;
	db_dialect_session(&db->server, lock_s, sql);
	return db_exec(db, sql, NULL);
}

static int db_find_server(struct db *db) {
	struct db_result *variables = NULL;
	int ret = db_select(db, db_server_query, &variables);

	if (ret == 0)
		db_server_read(variables, mysql_get_server_info(db->handle), &db->server);
	db_result_free(variables);
	return ret;
}

static int db_start(struct db *db, const struct db_url *url, const struct db_limits *limits) {
	int ret = db_options_set(db->handle, url, limits) < 0 ? db_fail(db) : db_connect(db, url);

	if (ret == 0)
		ret = db_find_server(db);
	return ret < 0 ? ret : db_set_session(db, limits);
}

int db_open(
	struct db **out,
	const struct db_url *url,
	const struct db_limits *limits,
	char *error,
	size_t error_bytes
) {
	struct db_limits both = db_options_limits(url, limits);
	struct db *db = calloc(1, sizeof(*db));
	int ret = -ENOMEM;

	snprintf(error, error_bytes, "out of memory");
	if (!db || db_library_enter() < 0)
		goto out;
	db->read_timeout_ms = both.read_timeout_ms;
	db->handle = mysql_init(NULL);
	if (!db->handle)
		goto out;
	ret = db_start(db, url, &both);
	if (ret < 0) {
		db_hint_say(
			&(struct db_failure){
				db->fault.number, db->fault.words, db_tls_hint(&url->tls)},
			url,
			error,
			error_bytes
		);
		if (db_error_is_limit(db->fault.number))
			ret = -EUSERS;
		goto out;
	}
	snprintf(error, error_bytes, "%s", "");
	*out = db;
	db = NULL;
out:
	db_close(db);
	return ret;
}

void db_close(struct db *db) {
	if (!db)
		return;
	if (db->handle && db_library_enter() == 0)
		mysql_close(db->handle);
	free(db);
}

const char *db_error(const struct db *db) {
	return db->fault.words;
}

unsigned db_errno(const struct db *db) {
	return db->fault.number;
}

bool db_waited_in_vain(const struct db *db) {
	return db_error_is_lock_wait(db->fault.number);
}

bool db_broke(const struct db *db) {
	return db_error_is_break(db->fault.number);
}

void db_begin_work(struct db *db) {
	db->work_ms = clock_mono_ms();
	db->has_worked = false;
}

bool db_broke_at_work(const struct db *db) {
	return db_broke(db) && (db->has_worked || clock_mono_ms() - db->work_ms >= DB_AT_ONCE_MS);
}

bool db_is_mariadb(const struct db *db) {
	return db->server.is_mariadb;
}

bool db_is_cluster(const struct db *db) {
	return db->server.is_cluster;
}

// Throws away what is left of the answers, so that the next statement can be sent.
static int db_drain(struct db *db) {
	int more;

	do {
		MYSQL_RES *stored = mysql_store_result(db->handle);

		if (!stored && (mysql_errno(db->handle) != 0 || mysql_field_count(db->handle) > 0))
			return db_fail(db);
		mysql_free_result(stored);
		more = mysql_next_result(db->handle);
	} while (more == 0);
	return more > 0 ? db_fail(db) : 0;
}

int db_exec(struct db *db, const char *sql, uint64_t *affected) {
	int ret = db_query(db, sql, strlen(sql));
	uint64_t changed;

	if (ret < 0)
		return ret;
	changed = mysql_field_count(db->handle) > 0 ? 0 : mysql_affected_rows(db->handle);
	ret = db_drain(db);
	if (ret == 0 && affected)
		*affected = changed;
	return ret;
}

int db_begin(struct db *db) {
	return db_exec(db, "START TRANSACTION", NULL);
}

int db_commit(struct db *db) {
	return db_exec(db, "COMMIT", NULL);
}

int db_rollback(struct db *db) {
	return db_exec(db, "ROLLBACK", NULL);
}

int db_set_lock_wait(struct db *db, int64_t wait_ms) {
	unsigned wait_s = wait_ms < 0 ? db->lock_wait_s : db_options_seconds(wait_ms);
	char sql[DB_DIALECT_BYTES];

	if (wait_ms == 0 && db_dialect_has_no_wait(&db->server))
		wait_s = 0;
	db_dialect_lock_wait(wait_s, sql);
	return db_exec(db, sql, NULL);
}

bool db_needs_nowait(const struct db *db) {
	return db_dialect_needs_nowait(&db->server);
}

int db_check_writable(struct db *db) {
	struct db_result *result = NULL;
	const char *read_only;
	int ret = db_select(db, "SELECT @@global.read_only", &result);

	if (ret < 0)
		return ret;
	if (!db_result_next(result)) {
		ret = -EIO;
		goto out;
	}
	read_only = db_result_text(result, 0, NULL);
	if (strcmp(read_only, "0") != 0 && strcasecmp(read_only, "OFF") != 0)
		ret = db_fault_note(
			&db->fault,
			DB_FAULT_READ_ONLY,
			"the server is read-only: it is not the primary"
		);
	else if (db->server.logs_statements)
		ret = db_fault_note_binlog(&db->fault);
out:
	db_result_free(result);
	return ret;
}

bool db_answers(struct db *db) {
	struct db_result *result = NULL;
	bool does = db_select(db, "SELECT 1", &result) == 0;

	db_result_free(result);
	return does;
}

static int db_select_bytes(struct db *db, const char *sql, size_t len, struct db_result **out) {
	MYSQL_RES *stored;
	int ret = db_query(db, sql, len);

	if (ret < 0)
		return ret;
	stored = mysql_store_result(db->handle);
	// A connection lost in the middle of the rows leaves no field count either.
	if (!stored && (mysql_errno(db->handle) != 0 || mysql_field_count(db->handle) > 0))
		return db_fail(db);
	if (!stored) {
		db_fault_note(&db->fault, 0, "a statement without rows where rows were expected");
		return -EINVAL;
	}
	while (mysql_next_result(db->handle) == 0)
		mysql_free_result(mysql_store_result(db->handle));
	*out = db_result_new(stored);
	return *out ? 0 : db_fault_note(&db->fault, DB_FAULT_MEMORY, "out of memory");
}

int db_select(struct db *db, const char *sql, struct db_result **out) {
	return db_select_bytes(db, sql, strlen(sql), out);
}

int64_t db_read_limit_ms(const struct db *db) {
	return db->read_timeout_ms > 2000 ? db->read_timeout_ms - 1000 : 1000;
}

int db_select_limited(struct db *db, int64_t limit_ms, const char *select, struct db_result **out) {
	int64_t most_ms = db_read_limit_ms(db);
	int64_t ms = limit_ms < 1 ? 1 : limit_ms < most_ms ? limit_ms : most_ms;
	struct buf sql;
	int ret;

	db->own_limit_ms = ms;
	buf_init(&sql, 0);
	db_dialect_limited(&db->server, ms, &sql);
	ret = buf_str(&sql, select);
	if (ret == 0)
		ret = db_select_bytes(db, sql.data, sql.len, out);
	else
		db_fault_note(
			&db->fault, DB_FAULT_MEMORY, "the statement does not fit into memory"
		);
	db->own_limit_ms = 0;
	buf_fini(&sql);
	return ret;
}

int db_quote(struct db *db, struct buf *sql, const char *text, size_t len) {
	char *escaped = len < SIZE_MAX / 2 ? malloc(2 * len + 1) : NULL;
	unsigned long escaped_len;
	int ret = -EIO;

	if (!escaped)
		return -ENOMEM;
	escaped_len = mysql_real_escape_string(db->handle, escaped, text, len);
	// Libmysqlclient says -1 where it cannot escape.
	if (escaped_len <= 2 * len) {
		buf_add(sql, "'", 1);
		buf_add(sql, escaped, escaped_len);
		ret = buf_add(sql, "'", 1);
	}
	free(escaped);
	return ret;
}
