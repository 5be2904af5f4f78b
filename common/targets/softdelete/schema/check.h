// SPDX-License-Identifier: MPL-2.0
// check: what the files of schema share: schema.c compares tables, columns.c their columns,
// references.c foreign keys. Thread: scan; blocks.
#pragma once

#include "common/base/buf.h"
#include "common/targets/softdelete/schema/schema.h"

struct db_result;

struct check {
	struct db *db;
	const struct preset *preset;
	const struct schema_wish *wish;
	struct schema *out;
	char *error;
	size_t error_bytes;
	struct buf sql;
};

// Writes the words into the error; returns `err`.
int check_say(const struct check *check, int err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
// Runs "SELECT … = 'name'", where `select` is all between the word SELECT and the name. 0, or an
// error of db.h with words.
int check_ask(struct check *check, const char *select, const char *name, struct db_result **out);

// The columns that the preset names for this table must be of the types that it takes them for, and
// the numbers of the age in its unit. Sets out->text_key. 0; -ENOENT: one is not; or an error of
// db.h; with words.
int columns_check(struct check *check, const struct table *table, struct schema_table *out);
// A foreign key that refers to this table must fit the order and must not touch rows by itself.
int references_check(struct check *check, const struct table *table);
// Finds the columns by which a table refers to itself.
int references_find_own(struct check *check, const struct table *table, struct schema_table *out);
// May this user see the foreign keys of all tables? If not, says so in out->warning.
int references_check_sight(struct check *check);
