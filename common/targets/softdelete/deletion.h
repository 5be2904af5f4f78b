// SPDX-License-Identifier: MPL-2.0
// deletion: takes the rows of a chunk out of the database, in one transaction unless locks forbid it. Blocks.
// Thread: batch.
#pragma once

#include "common/targets/softdelete/chunk.h"

#include <stdbool.h>
#include <stdint.h>

struct db;

struct removed {
	int64_t rows; // of the chunk's table
	int64_t rows_along; // of tables that go with it
	int64_t spared; // rows that are there and not due any more
};

// Removes what still is due. Rows that a foreign key holds, and rows that somebody else keeps locked while others of the
// chunk can go, stay and are noted in the chunk (chunk_note_failure).
// 0, or an error of db.h: what happened then is in the chunk's progress, and the next call goes on from there.
int deletion_run(
	struct db *db,
	struct chunk *chunk,
	const struct preset *preset,
	bool require_flag,
	struct removed *out
);
