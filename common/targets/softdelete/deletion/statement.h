// SPDX-License-Identifier: MPL-2.0
// statement: a deletion, and the pieces that its statements are made of; they are appended to
// deletion->sql. Thread: batch.
#pragma once

#include "common/base/buf.h"
#include "common/targets/softdelete/deletion/chunk.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;

struct deletion_rule {
	const struct preset *preset;
	bool require_flag;
	// In one transaction, with those that go along.
	int64_t rows_max;
};

// The keys of the chunk that one transaction removes.
struct piece {
	const struct chunk_key *keys;
	size_t count;
};

struct deletion {
	struct db *db;
	struct chunk *chunk;
	const struct deletion_rule *rule;
	const struct table *table;
	struct buf sql;
	// " AND …", for a row of the table that no row that stays refers to.
	struct buf unblocked;
	bool has_unblocked;
	// Locked rows are not waited for, and db_set_lock_wait cannot say that.
	bool nowait;
	// So many keys of the last piece had room with what goes with them; 0: unknown.
	size_t fit;
	struct removed removed; // by the transaction so far
	// The server's words about the last piece that failed.
	char why[200];
};

void statement_add_keys(struct deletion *deletion, const char *column, const struct piece *piece);
// " AND" and that the row is due.
void statement_add_due(struct deletion *deletion);
// Both run deletion->sql: 0, what went wrong while it was written, or an error of db.h. Blocks.
int statement_exec(struct deletion *deletion, int64_t *affected);
// The one number that it selects, where deletion->sql is all but the word SELECT; 0 when there is
// no row.
int statement_int(struct deletion *deletion, int64_t *out);
// Runs a new one: how many of these rows there are. `only_due`: that are due. As statement_int.
int statement_count(
	struct deletion *deletion, const struct piece *piece, bool only_due, int64_t *out
);
