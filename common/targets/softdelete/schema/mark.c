// SPDX-License-Identifier: MPL-2.0
// mark: what a row looks like that was marked deleted long enough ago.
#include "common/targets/softdelete/schema/mark.h"

#include "common/db/db_name.h"

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

static void add_literal(struct buf *sql, const char *word) {
	buf_str(sql, "X'");
	for (const char *c = word; *c != '\0'; c++)
		buf_fmt(sql, "%02X", (unsigned char)*c);
	buf_str(sql, "'");
}

// Byte by byte: a collation may take other words for the same.
static void add_deleted(struct buf *sql, const char *alias, const struct table *table) {
	buf_str(sql, "CAST(CONVERT(");
	add_column(sql, alias, table->flag);
	buf_str(sql, " USING utf8mb4) AS BINARY) = ");
	add_literal(sql, table->flag_deleted);
}

// What means live is recognized in any case and with blanks around it; no word at all means
// nothing.
static void add_not_live(struct buf *sql, const char *alias, const struct table *table) {
	buf_str(sql, "CAST(LOWER(TRIM(CONVERT(");
	add_column(sql, alias, table->flag);
	buf_str(sql, " USING utf8mb4))) AS BINARY) NOT IN ('', CAST(LOWER(CONVERT(");
	add_literal(sql, table->flag_live);
	buf_str(sql, " USING utf8mb4)) AS BINARY))");
}

static void add_flag(struct buf *sql, const char *alias, const struct table *table) {
	buf_str(sql, " AND ");
	if (table->flag_deleted[0] != '\0') {
		add_deleted(sql, alias, table);
	} else if (table->flag_live[0] != '\0') {
		add_not_live(sql, alias, table);
	} else {
		add_column(sql, alias, table->flag);
		buf_str(sql, " <> 0");
	}
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
