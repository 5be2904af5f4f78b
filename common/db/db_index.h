// SPDX-License-Identifier: MPL-2.0
// db_index: the indexes of a table, and which of them the server leaves unused. Thread: the
// handle's; blocks.
#pragma once

#include "common/base/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct db;
struct db_result;

// A column of an index; texts live until the next step.
struct db_index_part {
	const char *index;
	const char *column; // NULL: an expression
	int64_t position; // from 1
	// IGNORED (MariaDB) or INVISIBLE (MySQL): a statement that names such an index fails.
	bool is_unused;
};

// Lists the indexes of a table of the current database. 0, or as db_select.
int db_index_list(struct db *db, const char *table, struct db_result **out);
// Steps to the next part; those of one index follow each other in order. False at the end.
bool db_index_next(const struct db *db, struct db_result *list, struct db_index_part *out);

// Appends the statement that has the server use an index again. 0, or what the buf says.
int db_index_add_cure(const struct db *db, struct buf *out, const char *table, const char *index);
