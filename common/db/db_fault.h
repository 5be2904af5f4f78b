// SPDX-License-Identifier: MPL-2.0
// db_fault: the last failure of a connection: its number, its words, and what it means.
//
// Internal to db. Thread: the connection's.
#pragma once

#include <mysql.h>
#include <stdint.h>

struct db_server;

enum {
	DB_FAULT_READ_ONLY = 1290,
	DB_FAULT_MEMORY = 2008,
	DB_FAULT_TLS = 2026,
};

struct db_fault { // zeroed: nothing failed yet
	unsigned number;
	char words[512]; // "NUMBER: WORDS", without data of rows
};

// All of them take note of a failure, and return the negative errno that common/db/db.h lists.

// One that the server or its library did not tell of, under the number that they have for it.
int db_fault_note(struct db_fault *fault, unsigned number, const char *words);
// The server's binlog_format forbids what we do.
int db_fault_note_binlog(struct db_fault *fault);
// What the library says of its last call. `own_limit_ms` is the time that we gave the statement; 0:
// none. May ask the server, when it is a node of a cluster.
int db_fault_read(
	struct db_fault *fault, MYSQL *handle, const struct db_server *server, int64_t own_limit_ms
);
