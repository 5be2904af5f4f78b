// SPDX-License-Identifier: MPL-2.0
// deletion: takes the rows of a chunk out of the database, in one transaction unless locks or
// losses forbid it. Blocks.
// Thread: batch.
#pragma once

#include "common/targets/softdelete/deletion/statement.h"

// Removes of the chunk's rows what still is due, and takes note in the chunk of all that is
// settled. Rows that a foreign key holds, rows that somebody else keeps locked while others of the
// chunk can go, and rows that end every connection stay and are noted as failures. 0: all are
// settled; or an error of db.h: the next call goes on with those that are not, but perhaps those of
// chunk->lost are gone.
int deletion_run(struct db *db, struct chunk *chunk, const struct deletion_rule *rule);
