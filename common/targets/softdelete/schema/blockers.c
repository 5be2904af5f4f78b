// SPDX-License-Identifier: MPL-2.0
// blockers: rows that refer to others by a foreign key and stay.
#include "common/targets/softdelete/schema/blockers.h"

#include "common/db/db.h"
#include "common/db/db_name.h"
#include "common/db/db_result.h"
#include "common/targets/softdelete/schema/mark.h"

#include <string.h>
#include <strings.h>

#define REFERRING "`row that refers`" // no table is called so

enum { AT_NAME, AT_SCHEMA, AT_TABLE, AT_COLUMN, AT_PARENT_COLUMN, AT_IS_HERE };

// A foreign key that refers to the table.
struct key {
	const char *name;
	const char *schema;
	const char *child;
	bool is_here; // in the database of the preset
};

struct search {
	struct db *db;
	const struct blockers_wish *wish;
	const struct table *table;
	struct buf *out;
	struct buf sql;
	// The EXISTS of `key` is being written.
	bool is_open;
	struct key key;
};

static int ask_keys(struct search *search, struct db_result **out) {
	buf_clear(&search->sql);
	buf_str(&search->sql,
		"SELECT CONSTRAINT_NAME, TABLE_SCHEMA, TABLE_NAME, COLUMN_NAME, "
		"REFERENCED_COLUMN_NAME, TABLE_SCHEMA = DATABASE() FROM "
		"information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_SCHEMA = DATABASE() "
		"AND REFERENCED_TABLE_NAME = ");
	db_quote(search->db, &search->sql, search->table->name, strlen(search->table->name));
	buf_str(&search->sql, " ORDER BY 2, 3, 1, ORDINAL_POSITION");
	return search->sql.error < 0 ? search->sql.error
				     : db_select(search->db, buf_text(&search->sql), out);
}

static void add_column(struct buf *sql, const char *column) {
	buf_str(sql, REFERRING ".");
	db_quote_name(sql, column);
}

// A row that is due goes before the one it refers to.
static void add_stays(struct search *search, const struct table *child) {
	const struct mark mark = {
		child, search->wish->cutoffs[child->age_kind], search->wish->require_flag};

	buf_str(search->out, " AND (");
	mark_add(search->out, &mark, REFERRING);
	buf_str(search->out, ") IS NOT TRUE");
}

static void close_key(struct search *search) {
	const struct table *child = search->key.is_here
		? preset_find(search->wish->preset, search->key.child)
		: NULL;

	if (!search->is_open)
		return;
	if (child != NULL && search->wish->cutoffs != NULL)
		add_stays(search, child);
	buf_str(search->out, ")");
	search->is_open = false;
}

static bool is_same(const struct key *a, const struct key *b) {
	return a->name != NULL && strcmp(a->name, b->name) == 0 &&
		strcmp(a->schema, b->schema) == 0 && strcmp(a->child, b->child) == 0;
}

// Whether rows go along with others is not looked at.
static bool goes_along(const struct search *search, const struct key *key) {
	const struct table *child = key->is_here ? preset_find(search->wish->preset, key->child)
						 : NULL;

	return child != NULL && child->goes_with[0] != '\0';
}

static void open_key(struct search *search, const struct key *key) {
	struct buf *sql = search->out;

	close_key(search);
	search->key = *key;
	if (goes_along(search, key))
		return;
	buf_str(sql, " AND NOT EXISTS (SELECT 1 FROM ");
	db_quote_name(sql, key->schema);
	buf_str(sql, ".");
	db_quote_name(sql, key->child);
	buf_str(sql, " AS " REFERRING " WHERE 1 = 1");
	search->is_open = true;
}

static void add_row(struct search *search, struct db_result *row) {
	const struct key key = {
		.name = db_result_text(row, AT_NAME, NULL),
		.schema = db_result_text(row, AT_SCHEMA, NULL),
		.child = db_result_text(row, AT_TABLE, NULL),
		.is_here = db_result_int(row, AT_IS_HERE) != 0,
	};
	const char *column = db_result_text(row, AT_COLUMN, NULL);
	struct buf *sql = search->out;

	if (!is_same(&search->key, &key))
		open_key(search, &key);
	if (!search->is_open)
		return;
	buf_str(sql, " AND ");
	add_column(sql, column);
	buf_str(sql, " = ");
	db_quote_name(sql, search->table->name);
	buf_str(sql, ".");
	db_quote_name(sql, db_result_text(row, AT_PARENT_COLUMN, NULL));
}

int blockers_find(
	struct buf *out, struct db *db, const struct blockers_wish *wish, const struct table *table
) {
	struct search search = {.db = db, .wish = wish, .table = table, .out = out};
	struct db_result *result = NULL;
	int err;

	buf_init(&search.sql, 0);
	err = ask_keys(&search, &result);
	while (err == 0 && db_result_next(result))
		add_row(&search, result);
	close_key(&search);
	db_result_free(result);
	buf_fini(&search.sql);
	return err < 0 ? err : out->error;
}
