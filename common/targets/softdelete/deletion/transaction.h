// SPDX-License-Identifier: MPL-2.0
// transaction: removes some rows of a chunk at once: all that can go, or nothing. Thread: batch;
// blocks.
#pragma once

#include "common/base/buf.h"
#include "common/targets/softdelete/deletion/chunk.h"
#include "common/targets/softdelete/deletion/deletion.h"

#include <stdbool.h>
#include <stddef.h>

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

// Removes the next `count` keys of the chunk that are not settled, or those of chunk->lost, and
// settles them. Where other rows go with them: as many of them as have room, or some of what goes
// with the first, and then settles none. 0, or an error of db.h: nothing happened, but perhaps what
// chunk->lost or chunk->along says.
int transaction_run(struct deletion *deletion, size_t count);
