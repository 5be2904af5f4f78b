// SPDX-License-Identifier: MPL-2.0
// preset: what an INI file says about a database: which tables, in which order, by which columns.
// One section a table.
//
//   [softdelete]                  of the run as a whole; every key may be missing
//   age_in_days = 30              unless --age-in-days says otherwise
//   max_rows = 100                likewise; a table's own max_rows can only lower it
//   failure = WORDS               last line on standard error when something failed; the exit
//                                 status is then 1
//
//   [TABLE]                       in the order of deletion
//   key = id                      its primary key: one column, integer or text
//   age = deleted_at              when the row was marked deleted; NULL: it was not
//   age_kind = datetime           datetime (UTC), ms or s (since 1970)
//   flag = deleted                a column that --require-flag wants to be true: an integer or BIT
//                                 that is not 0
//   flag_deleted = yes            or, when it is text or an ENUM, the word that means deleted, to
//                                 the letter
//   flag_live = False             or the one that means live: any other word means deleted, none
//                                 and NULL do not
//   index = needed                an index that begins with the age column: needed, optional, or
//                                 its name
//   max_rows = 50
//   note = WORDS                  what a dry run tells about this table
//   goes_with = TABLE             its rows have no age: they go with the row of that table (below)
//                                 that `key` names
//
// Read-only after preset_load. Thread: main, then any.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PRESET_TABLES_MAX = 64, PRESET_NAME_BYTES = 64 * 4 + 1 };

enum age_kind { AGE_DATETIME, AGE_MS, AGE_S };
enum index_rule { INDEX_NEEDED, INDEX_OPTIONAL, INDEX_NAMED };

struct table {
	char name[PRESET_NAME_BYTES];
	char key[PRESET_NAME_BYTES];
	char age[PRESET_NAME_BYTES]; // "" when it goes with another
	char flag[PRESET_NAME_BYTES]; // "": none
	// Of a flag that is text; "": it is a number, or as flag_live says.
	char flag_deleted[64];
	char flag_live[64]; // likewise
	char index[PRESET_NAME_BYTES]; // INDEX_NAMED
	// "": has rows of its own age.
	char goes_with[PRESET_NAME_BYTES];
	char note[200];
	enum age_kind age_kind;
	enum index_rule index_rule;
	int64_t max_rows; // -1: no limit of its own
};

struct preset {
	struct table tables[PRESET_TABLES_MAX]; // in the order of deletion
	size_t count;
	int64_t age_in_days; // -1: not said
	int64_t max_rows; // -1: no limit
	char failure[200]; // "": none
};

// 0, -EINVAL or -errno of the file with words in `error`, -ENOMEM.
int preset_load(struct preset **out, const char *path, char *error, size_t error_bytes);
void preset_free(struct preset *preset); // NULL is fine

const struct table *preset_find(const struct preset *preset, const char *name); // or NULL
// The index-th table that goes with `table`, or NULL.
const struct table *preset_along(
	const struct preset *preset, const struct table *table, size_t index
);

// Where the preset of this name is, next to the program or where it was installed. 0, -ENOENT.
int preset_path(const char *name, char *path, size_t path_bytes);
