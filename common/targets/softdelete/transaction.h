// SPDX-License-Identifier: MPL-2.0
// transaction: removes some rows of a chunk at once: all that can go, or nothing. Thread: batch; blocks.
#pragma once

#include "common/buf.h"
#include "common/targets/softdelete/chunk.h"
#include "common/targets/softdelete/deletion.h"

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
	const struct preset *preset;
	const struct table *table;
	bool require_flag;
	struct buf sql;
	struct removed removed; // by the transaction so far
	char why[200]; // the server's words about the last piece that failed
};

// Removes the next `count` keys of the chunk that are not settled, or those of chunk->lost, and settles them.
// 0, or an error of db.h: nothing happened, but perhaps what chunk->lost says.
int transaction_run(struct deletion *deletion, size_t count);
