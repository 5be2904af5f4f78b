// SPDX-License-Identifier: MPL-2.0
// db_index: the indexes of a table, and which of them the server leaves unused.
#include "common/db/db_index.h"

#include "common/db/db.h"
#include "common/db/db_name.h"
#include "common/db/db_result.h"

#include <strings.h>

// Of SHOW INDEX. The last one is "Ignored" in MariaDB from 10.6 on, "Visible" in MySQL from 8.0 on,
// and not there before.
enum { AT_INDEX = 2, AT_POSITION = 3, AT_COLUMN = 4, AT_USE = 13 };

int db_index_list(struct db *db, const char *table, struct db_result **out) {
	struct buf sql;
	int err;

	buf_init(&sql, 0);
	buf_str(&sql, "SHOW INDEX FROM ");
	err = db_quote_name(&sql, table);
	if (err == 0)
		err = db_select(db, buf_text(&sql), out);
	buf_fini(&sql);
	return err;
}

bool db_index_next(const struct db *db, struct db_result *list, struct db_index_part *out) {
	const char *use;

	if (!db_result_next(list))
		return false;
	use = db_result_columns(list) > AT_USE ? db_result_text(list, AT_USE, NULL) : NULL;
	*out = (struct db_index_part){
		.index = db_result_text(list, AT_INDEX, NULL),
		.column = db_result_text(list, AT_COLUMN, NULL),
		.position = db_result_int(list, AT_POSITION),
		.is_unused = use != NULL && strcasecmp(use, db_is_mariadb(db) ? "YES" : "NO") == 0,
	};
	return true;
}

int db_index_add_cure(const struct db *db, struct buf *out, const char *table, const char *index) {
	buf_str(out, "ALTER TABLE ");
	db_quote_name(out, table);
	buf_str(out, " ALTER INDEX ");
	db_quote_name(out, index);
	return buf_str(out, db_is_mariadb(db) ? " NOT IGNORED" : " VISIBLE");
}
