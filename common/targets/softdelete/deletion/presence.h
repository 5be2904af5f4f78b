// SPDX-License-Identifier: MPL-2.0
// presence: which rows of a chunk the database still has. Thread: whoever has the database.
#pragma once

#include "common/targets/softdelete/deletion/statement.h"

#include <stdint.h>

struct presence {
	// Rows with one of the chunk's keys.
	int64_t there;
	// Of these, still marked as the chunk says.
	int64_t due;
};

// Counts without a lock, and changes nothing. Blocks. 0 or an error of db.h.
int presence_count(
	struct db *db, struct chunk *chunk, const struct deletion_rule *rule, struct presence *out
);
