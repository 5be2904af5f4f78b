// SPDX-License-Identifier: MPL-2.0
// db_dialect: statements that servers want in different words. Internal to db. Pure. Thread: any.
#pragma once

#include "common/db/db_server.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

enum { DB_DIALECT_BYTES = 512 };

// Sets a session up as db.h says; `lock_wait_s`: for rows and metadata.
void db_dialect_session(
	const struct db_server *server, unsigned lock_wait_s, char out[DB_DIALECT_BYTES]
);
void db_dialect_lock_wait(unsigned lock_wait_s, char out[DB_DIALECT_BYTES]);
// Appends the beginning of a SELECT that the server ends after limit_ms, at least 1.
void db_dialect_limited(const struct db_server *server, int64_t limit_ms, struct buf *sql);
// Can locks be waited for not at all by a time-out of 0?
bool db_dialect_has_no_wait(const struct db_server *server);
// Only FOR UPDATE NOWAIT does not wait at all.
bool db_dialect_needs_nowait(const struct db_server *server);
