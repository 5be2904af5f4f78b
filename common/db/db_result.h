// SPDX-License-Identifier: MPL-2.0
// db_result: the rows of a SELECT. Owner: whoever selected. Thread: the handle's.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db_result; // opaque
struct st_mysql_res; // the client library's

// Takes `stored` over, also when it returns NULL: out of memory. For the files of db alone.
struct db_result *db_result_new(struct st_mysql_res *stored);
void db_result_free(struct db_result *result); // NULL is fine
size_t db_result_rows(const struct db_result *result);
size_t db_result_columns(const struct db_result *result);
// Steps to the next row; false at the end.
bool db_result_next(struct db_result *result);
// Of the current row. A text lives until the next step; *len may be NULL. NULL means SQL NULL.
const char *db_result_text(const struct db_result *result, unsigned column, size_t *len);
bool db_result_is_null(const struct db_result *result, unsigned column);
int64_t db_result_int(const struct db_result *result, unsigned column); // NULL gives 0
