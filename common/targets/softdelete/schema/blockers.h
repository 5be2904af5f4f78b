// SPDX-License-Identifier: MPL-2.0
// blockers: rows that refer to others by a foreign key and stay, so that those stay as well.
// Thread: scan; blocks.
#pragma once

#include "common/base/buf.h"
#include "common/targets/softdelete/config/preset.h"

#include <stdbool.h>

struct db;

struct blockers_wish {
	const struct preset *preset;
	// SQL literals, by enum age_kind; NULL: every row stays.
	const char *const *cutoffs;
	bool require_flag;
};

// Appends " AND NOT EXISTS (…)" for a WHERE about a row of the table: it is true when no row that
// stays refers to that one. Rows of the preset's own tables that are due count as gone. 0, or an
// error of db.h.
int blockers_find(
	struct buf *out, struct db *db, const struct blockers_wish *wish, const struct table *table
);
