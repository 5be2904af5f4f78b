// SPDX-License-Identifier: MPL-2.0
// account_sql: databases of accounts, as an account server of Swift writes them.
// Thread: the one that runs the tests.
#pragma once

#include <sqlite3.h>
#include <stddef.h>

// Makes one of the account AUTH_a, deleted at 1795880050. The caller closes it.
sqlite3 *account_sql_make(const char *path);
sqlite3 *account_sql_open(const char *path); // one that is there, to write
void account_sql_close(sqlite3 *db);

// Statements that succeed.
void account_sql_run(sqlite3 *db, const char *statements);
void account_sql_add(sqlite3 *db, const char *name, size_t len, int deleted);
