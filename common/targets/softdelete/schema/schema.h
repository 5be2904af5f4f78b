// SPDX-License-Identifier: MPL-2.0
// schema: proves, before anything is touched, that a database is as the preset says. Thread: scan;
// blocks.
#pragma once

#include "common/targets/softdelete/config/preset.h"
#include "common/targets/softdelete/schema/tree.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;

enum { SCHEMA_CLOCK_MS = 60 * 1000 };

// What was found out about a table.
struct schema_table {
	bool text_key; // else integer
	bool has_index; // one begins with the age column
	char index[PRESET_NAME_BYTES];
	// Columns that refer to the key of the table itself.
	char parents[TREE_PARENTS_MAX][PRESET_NAME_BYTES];
	size_t parent_count;
};

struct schema {
	struct schema_table tables[PRESET_TABLES_MAX]; // as in the preset
	// is_dryrun: a real run would fail for what `error` says.
	bool is_obstructed;
	// What could not be checked; "": nothing.
	char warning[400];
};

struct schema_wish {
	// Rows will be deleted: privileges are proved as well.
	bool will_remove;
	// That is only what a real run would do: what stands against it is told and no error.
	bool is_dryrun;
	bool require_flag;
};

// 0; -ENOENT: a table, column or index is not there, or not fit; -EDEADLK: the order violates a
// foreign key; -EPERM: a foreign key would remove or change rows that nobody asked for; -ERANGE:
// clocks; or as db.h says. Words in `error`.
int schema_check(
	struct db *db,
	const struct preset *preset,
	const struct schema_wish *wish,
	struct schema *out,
	char *error,
	size_t error_bytes
);
