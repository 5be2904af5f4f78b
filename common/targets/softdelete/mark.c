// SPDX-License-Identifier: MPL-2.0
// mark: what a row looks like that was marked deleted long enough ago.
#include "common/targets/softdelete/mark.h"

#include "common/db.h"

#include <stddef.h>

const char *mark_first(enum age_kind kind) {
	switch (kind) {
	case AGE_MS:
		return MARK_FIRST_S "000";
	case AGE_S:
		return MARK_FIRST_S;
	default:
		return "1971-01-01 00:00:00";
	}
}

static void add_column(struct buf *sql, const char *alias, const char *column) {
	if (alias != NULL) {
		buf_str(sql, alias);
		buf_str(sql, ".");
	}
	db_quote_name(sql, column);
}

// Byte by byte: a collation may take other words for the same.
static void add_words(struct buf *sql, const char *alias, const struct table *table) {
	buf_str(sql, "CAST(CONVERT(");
	add_column(sql, alias, table->flag);
	buf_str(sql, " USING utf8mb4) AS BINARY) = X'");
	for (const char *c = table->flag_deleted; *c != '\0'; c++)
		buf_fmt(sql, "%02X", (unsigned char)*c);
	buf_str(sql, "'");
}

static void add_flag(struct buf *sql, const char *alias, const struct table *table) {
	buf_str(sql, " AND ");
	if (table->flag_deleted[0] != '\0') {
		add_words(sql, alias, table);
		return;
	}
	add_column(sql, alias, table->flag);
	buf_str(sql, " <> 0");
}

void mark_add(struct buf *sql, const struct mark *mark, const char *alias) {
	const struct table *table = mark->table;

	add_column(sql, alias, table->age);
	buf_fmt(sql, " >= '%s' AND ", mark_first(table->age_kind));
	add_column(sql, alias, table->age);
	buf_fmt(sql, " < '%s'", mark->cutoff);
	if (mark->require_flag)
		add_flag(sql, alias, table);
}
