// SPDX-License-Identifier: MPL-2.0
// tree_reading: reads the rows that are due of a table that refers to itself.
#include "common/targets/softdelete/scan/tree_reading.h"

#include "common/base/buf.h"
#include "common/db/db.h"
#include "common/db/db_name.h"
#include "common/db/db_result.h"
#include "common/targets/softdelete/schema/mark.h"

#include <errno.h>

enum { AT_KEY, AT_AGE, AT_IS_FREE, AT_PARENTS };

struct reading {
	const struct due_plan *plan;
	struct buf own; // the table's name, quoted
	struct buf sql;
};

static void add_own(struct reading *reading, const char *column) {
	buf_str(&reading->sql, buf_text(&reading->own));
	buf_str(&reading->sql, ".");
	db_quote_name(&reading->sql, column);
}

// The parents are asked for their own keys: a column may spell them otherwise, where case does not
// matter.
static void add_columns(struct reading *reading) {
	const struct table *table = reading->plan->table;

	add_own(reading, table->key);
	buf_str(&reading->sql, ", ");
	add_own(reading, table->age);
	buf_str(&reading->sql, ", 1 = 1");
	if (reading->plan->unblocked != NULL)
		buf_str(&reading->sql, reading->plan->unblocked);
	for (size_t i = 0; i < reading->plan->found->parent_count; i++) {
		buf_fmt(&reading->sql, ", `parent %zu`.", i);
		db_quote_name(&reading->sql, table->key);
	}
}

static void add_tables(struct reading *reading) {
	const struct schema_table *found = reading->plan->found;

	buf_str(&reading->sql, buf_text(&reading->own));
	if (found->has_index) {
		buf_str(&reading->sql, " FORCE INDEX (");
		db_quote_name(&reading->sql, found->index);
		buf_str(&reading->sql, ")");
	}
	for (size_t i = 0; i < found->parent_count; i++) {
		buf_str(&reading->sql, " LEFT JOIN ");
		buf_str(&reading->sql, buf_text(&reading->own));
		buf_fmt(&reading->sql, " AS `parent %zu` ON `parent %zu`.", i, i);
		db_quote_name(&reading->sql, reading->plan->table->key);
		buf_str(&reading->sql, " = ");
		add_own(reading, found->parents[i]);
	}
}

static void write_select(struct reading *reading) {
	const struct table *table = reading->plan->table;
	const struct mark mark = {table, reading->plan->cutoff, reading->plan->require_flag};

	db_quote_name(&reading->own, table->name);
	add_columns(reading);
	buf_str(&reading->sql, " FROM ");
	add_tables(reading);
	buf_str(&reading->sql, " WHERE ");
	mark_add(&reading->sql, &mark, buf_text(&reading->own));
	buf_str(&reading->sql, " ORDER BY ");
	add_own(reading, table->age);
	buf_str(&reading->sql, ", ");
	add_own(reading, table->key);
	buf_fmt(&reading->sql, " LIMIT %d", TREE_ROWS_MAX + 1);
}

static int fill(struct tree *tree, struct db_result *result, size_t parent_count) {
	int err = 0;

	while (err == 0 && db_result_next(result)) {
		struct tree_row row = {
			.age = db_result_text(result, AT_AGE, NULL),
			.is_held = db_result_int(result, AT_IS_FREE) == 0,
		};

		row.key.text = db_result_text(result, AT_KEY, &row.key.len);
		for (size_t i = 0; i < parent_count; i++)
			row.parents[i].text = db_result_text(
				result, (unsigned)(AT_PARENTS + i), &row.parents[i].len
			);
		err = tree_add(tree, &row);
	}
	return err;
}

int tree_reading_run(struct tree **out, struct db *db, const struct due_plan *plan) {
	struct reading reading = {.plan = plan};
	struct db_result *result = NULL;
	struct tree *tree = tree_new();
	int err;

	buf_init(&reading.own, 0);
	buf_init(&reading.sql, 0);
	write_select(&reading);
	err = tree == NULL ? -ENOMEM : reading.sql.error;
	if (err == 0)
		err = db_select_limited(db, db_read_limit_ms(db), buf_text(&reading.sql), &result);
	if (err == 0 && db_result_rows(result) > TREE_ROWS_MAX)
		err = -E2BIG;
	if (err == 0)
		err = fill(tree, result, plan->found->parent_count);
	if (err == 0)
		err = tree_order(tree, plan->unblocked != NULL);
	db_result_free(result);
	buf_fini(&reading.own);
	buf_fini(&reading.sql);
	if (err == 0)
		*out = tree;
	else
		tree_free(tree);
	return err;
}
