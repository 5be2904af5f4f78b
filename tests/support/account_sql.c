// SPDX-License-Identifier: MPL-2.0
// account_sql: databases of accounts, as an account server of Swift writes them.
//
// Source: the schema of AccountBroker of Swift 2.38.3, without what only the replicator reads.
#include "support/account_sql.h"

#include "support/test.h"

static const char schema
	[] = "CREATE TABLE container (ROWID INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT, "
	     "put_timestamp TEXT, delete_timestamp TEXT, object_count INTEGER, bytes_used INTEGER, "
	     "deleted INTEGER DEFAULT 0, storage_policy_index INTEGER DEFAULT 0);"
	     "CREATE INDEX ix_container_deleted_name ON container (deleted, name);"
	     "CREATE TABLE account_stat (account TEXT, created_at TEXT, put_timestamp TEXT DEFAULT "
	     "'0', "
	     "delete_timestamp TEXT DEFAULT '0', container_count INTEGER, "
	     "object_count INTEGER DEFAULT 0, bytes_used INTEGER DEFAULT 0, "
	     "hash TEXT DEFAULT '00000000000000000000000000000000', id TEXT, status TEXT DEFAULT "
	     "'', "
	     "status_changed_at TEXT DEFAULT '0', metadata TEXT DEFAULT '');"
	     "CREATE TABLE policy_stat (storage_policy_index INTEGER PRIMARY KEY, "
	     "container_count INTEGER DEFAULT 0, object_count INTEGER DEFAULT 0, "
	     "bytes_used INTEGER DEFAULT 0);"
	     "CREATE TRIGGER container_insert AFTER INSERT ON container BEGIN UPDATE account_stat "
	     "SET container_count = container_count + (1 - new.deleted); END;"
	     "INSERT INTO account_stat (account, created_at, put_timestamp, delete_timestamp, "
	     "container_count, status) VALUES ('AUTH_a', '1795880000.00000', '1795880000.00000', "
	     "'1795880050.00000', 0, 'DELETED');";

sqlite3 *account_sql_open(const char *path) {
	sqlite3 *db = NULL;

	assert_int_equal(
		sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL),
		SQLITE_OK
	);
	return db;
}

sqlite3 *account_sql_make(const char *path) {
	sqlite3 *db = account_sql_open(path);

	account_sql_run(db, "PRAGMA synchronous = OFF");
	account_sql_run(db, schema);
	return db;
}

void account_sql_close(sqlite3 *db) {
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

void account_sql_run(sqlite3 *db, const char *statements) {
	char *error = NULL;

	if (sqlite3_exec(db, statements, NULL, NULL, &error) != SQLITE_OK)
		fail_msg("'%s': %s", statements, error);
}

void account_sql_add(sqlite3 *db, const char *name, size_t len, int deleted) {
	static const char sql[] = "INSERT INTO container (name, put_timestamp, delete_timestamp, "
				  "object_count, bytes_used, deleted) "
				  "VALUES (?1, '1795880001.00000', '0', 0, 0, ?2)";
	sqlite3_stmt *row;

	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &row, NULL), SQLITE_OK);
	sqlite3_bind_text(row, 1, name, (int)len, SQLITE_STATIC);
	sqlite3_bind_int(row, 2, deleted);
	assert_int_equal(sqlite3_step(row), SQLITE_DONE);
	sqlite3_finalize(row);
}
