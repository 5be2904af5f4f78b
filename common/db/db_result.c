// SPDX-License-Identifier: MPL-2.0
// db_result: the rows of a SELECT.
#include "common/db/db_result.h"

#include <assert.h>
#include <mysql.h>
#include <stdlib.h>

struct db_result {
	MYSQL_RES *stored;
	// NULL before the first row and after the last.
	MYSQL_ROW row;
	unsigned long *lengths;
	unsigned columns;
};

struct db_result *db_result_new(MYSQL_RES *stored) {
	struct db_result *result = calloc(1, sizeof(*result));

	if (!result) {
		mysql_free_result(stored);
		return NULL;
	}
	result->stored = stored;
	result->columns = mysql_num_fields(stored);
	return result;
}

void db_result_free(struct db_result *result) {
	if (!result)
		return;
	mysql_free_result(result->stored);
	free(result);
}

size_t db_result_rows(const struct db_result *result) {
	return (size_t)mysql_num_rows(result->stored);
}

bool db_result_next(struct db_result *result) {
	result->row = mysql_fetch_row(result->stored);
	result->lengths = result->row ? mysql_fetch_lengths(result->stored) : NULL;
	return result->row != NULL;
}

size_t db_result_columns(const struct db_result *result) {
	return result->columns;
}

const char *db_result_text(const struct db_result *result, unsigned column, size_t *len) {
	assert(result->row && column < result->columns);
	if (len)
		*len = (size_t)result->lengths[column];
	return result->row[column];
}

bool db_result_is_null(const struct db_result *result, unsigned column) {
	return db_result_text(result, column, NULL) == NULL;
}

int64_t db_result_int(const struct db_result *result, unsigned column) {
	const char *text = db_result_text(result, column, NULL);

	return text ? strtoll(text, NULL, 10) : 0;
}
