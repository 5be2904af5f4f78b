// SPDX-License-Identifier: MPL-2.0
// tree_reading: reads the rows that are due of a table that refers to itself. Thread: scan; blocks.
#pragma once

#include "common/targets/softdelete/scan/due.h"
#include "common/targets/softdelete/schema/tree.h"

enum { TREE_ROWS_MAX = 2 * 1000 * 1000 }; // in memory at once

// All of them, in order. Where the plan says which rows are not blocked, the others are left out,
// with all that they refer to. 0, -E2BIG: more than TREE_ROWS_MAX; -ENOMEM, or an error of db.h.
int tree_reading_run(struct tree **out, struct db *db, const struct due_plan *plan);
