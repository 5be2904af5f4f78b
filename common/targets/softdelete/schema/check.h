// SPDX-License-Identifier: MPL-2.0
// check: one look at a schema: what is asked, what was found, and words about what is wrong.
// Thread: scan; blocks.
#pragma once

#include "common/base/buf.h"
#include "common/base/words.h"
#include "common/targets/softdelete/config/preset.h"
#include "common/targets/softdelete/schema/tree.h"

#include <stdbool.h>
#include <stddef.h>

struct db;
struct db_result;

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

struct check {
	struct db *db;
	const struct preset *preset;
	const struct schema_wish *wish;
	struct schema *out;
	struct words words;
	struct buf sql;
};

// Runs "SELECT … = 'name'", where `select` is all between the word SELECT and the name. 0, or an
// error of db.h with words.
int check_ask(struct check *check, const char *select, const char *name, struct db_result **out);
