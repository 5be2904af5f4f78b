// SPDX-License-Identifier: MPL-2.0
// due: the rows of one table that are old enough, page by page.
#include "common/targets/softdelete/scan/due.h"

#include "common/base/clock.h"
#include "common/db/db.h"
#include "common/db/db_name.h"
#include "common/db/db_result.h"
#include "common/targets/softdelete/schema/mark.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { PIECE_ROWS = 20000, WHOLE_ROWS = 50000 };

void due_init(struct due *due, const struct due_plan *plan) {
	*due = (struct due){.plan = *plan, .by_key = !plan->found->has_index && !plan->has_limit};
	buf_init(&due->key, 0);
	buf_init(&due->end, 0);
	buf_init(&due->sql, 0);
}

static void forget(struct due *due) {
	db_result_free(due->ahead);
	due->ahead = NULL;
	due->ahead_rows = 0;
}

void due_fini(struct due *due) {
	forget(due);
	buf_fini(&due->key);
	buf_fini(&due->end);
	buf_fini(&due->sql);
}

static void add_from(struct due *due) {
	buf_str(&due->sql, " FROM ");
	db_quote_name(&due->sql, due->plan.table->name);
	if (due->by_key) {
		buf_str(&due->sql, " FORCE INDEX (PRIMARY)");
	} else if (due->plan.found->has_index) {
		buf_str(&due->sql, " FORCE INDEX (");
		db_quote_name(&due->sql, due->plan.found->index);
		buf_str(&due->sql, ")");
	}
}

static void add_compare(
	struct due *due, const char *column, const char *operator, const char * literal
) {
	buf_str(&due->sql, " AND ");
	db_quote_name(&due->sql, column);
	buf_fmt(&due->sql, " %s ", operator);
	buf_str(&due->sql, literal);
}

static void add_due(struct due *due) {
	const struct mark mark = {due->plan.table, due->plan.cutoff, due->plan.require_flag};

	buf_str(&due->sql, " WHERE ");
	mark_add(&due->sql, &mark, NULL);
	if (due->plan.unblocked != NULL)
		buf_str(&due->sql, due->plan.unblocked);
}

// Behind the last row: (age, key) is greater.
static void add_position(struct due *due) {
	const struct table *table = due->plan.table;

	if (!due->has_position)
		return;
	if (due->by_key) {
		add_compare(due, table->key, ">", buf_text(&due->key));
		return;
	}
	add_compare(due, table->age, ">=", due->age);
	buf_str(&due->sql, " AND (");
	db_quote_name(&due->sql, table->age);
	buf_fmt(&due->sql, " > %s OR ", due->age);
	db_quote_name(&due->sql, table->key);
	buf_str(&due->sql, " > ");
	buf_str(&due->sql, buf_text(&due->key));
	buf_str(&due->sql, ")");
}

static int set_literal(struct buf *out, struct db *db, bool is_text, const char *text, size_t len) {
	buf_clear(out);
	if (is_text)
		return db_quote(db, out, text, len);
	return buf_add(out, text, len);
}

// `sql` is all but the word SELECT.
static int run(struct due *due, struct db *db, struct db_result **out) {
	if (due->sql.error < 0)
		return due->sql.error;
	return db_select_limited(db, db_read_limit_ms(db), buf_text(&due->sql), out);
}

// Where the next piece of the table ends.
static int find_end(struct due *due, struct db *db) {
	const struct table *table = due->plan.table;
	struct db_result *result;
	size_t len;
	int err;

	buf_clear(&due->sql);
	db_quote_name(&due->sql, table->key);
	add_from(due);
	buf_str(&due->sql, " WHERE 1 = 1");
	add_position(due);
	buf_str(&due->sql, " ORDER BY ");
	db_quote_name(&due->sql, table->key);
	buf_fmt(&due->sql, " LIMIT 1 OFFSET %d", PIECE_ROWS - 1);
	err = run(due, db, &result);
	if (err < 0)
		return err;
	due->has_end = db_result_next(result);
	if (due->has_end) {
		const char *key = db_result_text(result, 0, &len);

		err = set_literal(&due->end, db, due->plan.found->text_key, key, len);
	}
	db_result_free(result);
	return err;
}

static size_t least(size_t rows, int64_t limit) {
	return limit >= 0 && limit < (int64_t)rows ? (size_t)limit : rows;
}

// How many rows the next query by age reads.
static size_t query_rows(const struct due *due, const struct due_want *want) {
	if (due->plan.found->has_index)
		return least(want->page_rows, want->rows);
	return due->was_read ? WHOLE_ROWS : least(WHOLE_ROWS, want->rows);
}

static void write_page(struct due *due, size_t most) {
	const struct table *table = due->plan.table;

	buf_clear(&due->sql);
	db_quote_name(&due->sql, table->key);
	buf_str(&due->sql, ", ");
	db_quote_name(&due->sql, table->age);
	add_from(due);
	add_due(due);
	add_position(due);
	if (due->by_key && due->has_end)
		add_compare(due, table->key, "<=", buf_text(&due->end));
	buf_str(&due->sql, " ORDER BY ");
	if (!due->by_key) {
		db_quote_name(&due->sql, table->age);
		buf_str(&due->sql, ", ");
	}
	db_quote_name(&due->sql, table->key);
	if (!due->by_key)
		buf_fmt(&due->sql, " LIMIT %zu", most);
}

static int read_ahead(struct due *due, struct db *db, const struct due_want *want) {
	size_t most = query_rows(due, want);
	int err = due->by_key ? find_end(due, db) : 0;

	forget(due);
	if (err < 0)
		return err;
	write_page(due, most);
	err = run(due, db, &due->ahead);
	if (err < 0)
		return err;
	due->was_read = true;
	due->ahead_rows = db_result_rows(due->ahead);
	due->ahead_is_last = due->by_key ? !due->has_end : due->ahead_rows < most;
	return 0;
}

int due_page(struct due *due, struct db *db, const struct due_want *want, struct due_rows *out) {
	// Rows that were handed out and not advanced over are read again.
	bool has_more = due->ahead_rows > 0 || due->ahead_is_last;
	int err = due->is_handed_out || !has_more ? read_ahead(due, db, want) : 0;

	if (err < 0)
		return err;
	out->result = due->ahead;
	out->count = due->by_key ? due->ahead_rows : least(due->ahead_rows, want->rows);
	out->is_end = due->ahead_is_last && out->count == due->ahead_rows;
	due->ahead_rows -= out->count;
	due->is_handed_out = true;
	return 0;
}

int due_advance(struct due *due, struct db *db, const char *key, size_t key_len, const char *age) {
	int err = 0;

	if (due->by_key) {
		buf_clear(&due->key);
		if (due->has_end)
			err = buf_str(&due->key, buf_text(&due->end));
	} else if (key != NULL) {
		bool is_time = due->plan.table->age_kind == AGE_DATETIME;

		err = set_literal(&due->key, db, due->plan.found->text_key, key, key_len);
		snprintf(due->age, sizeof(due->age), is_time ? "'%s'" : "%s", age);
	}
	due->has_position = due->has_position || due->by_key || key != NULL;
	due->is_handed_out = err < 0;
	return err;
}

int due_find_same(struct due *due, struct db *db, int64_t limit_ms, struct due_same *out) {
	struct db_result *result;
	int err;

	*out = (struct due_same){.rows = 0};
	buf_clear(&due->sql);
	db_quote_name(&due->sql, due->plan.table->age);
	buf_str(&due->sql, ", COUNT(*)");
	add_from(due);
	add_due(due);
	buf_str(&due->sql, " GROUP BY 1 ORDER BY 2 DESC LIMIT 1");
	err = due->sql.error < 0 ? due->sql.error
				 : db_select_limited(db, limit_ms, buf_text(&due->sql), &result);
	if (err < 0)
		return err;
	if (db_result_next(result)) {
		snprintf(out->age, sizeof(out->age), "%s", db_result_text(result, 0, NULL));
		out->rows = db_result_int(result, 1);
	}
	db_result_free(result);
	return 0;
}

// One SELECT of one number, for which due->sql has everything after the word SELECT.
static int select_count(struct due *due, struct db *db, int64_t limit_ms, int64_t *count) {
	struct db_result *result;
	int err;

	err = due->sql.error < 0 ? due->sql.error
				 : db_select_limited(db, limit_ms, buf_text(&due->sql), &result);
	if (err < 0)
		return err;
	*count = db_result_next(result) ? db_result_int(result, 0) : 0;
	db_result_free(result);
	return 0;
}

int due_count(struct due *due, struct db *db, int64_t limit_ms, int64_t *count) {
	buf_clear(&due->sql);
	buf_str(&due->sql, "COUNT(*)");
	add_from(due);
	add_due(due);
	return select_count(due, db, limit_ms, count);
}

// Why rows are not due: never for two reasons at once.
enum other { OTHER_AGELESS, OTHER_UNMARKED, OTHER_YOUNG, OTHER_UNFLAGGED, OTHER_END };

static void add_age(struct due *due, const char *compare, const char *age) {
	db_quote_name(&due->sql, due->plan.table->age);
	buf_fmt(&due->sql, " %s '%s'", compare, age);
}

static void add_not_marked(struct due *due) {
	const struct mark mark = {due->plan.table, due->plan.cutoff, due->plan.require_flag};

	buf_str(&due->sql, "(");
	mark_add(&due->sql, &mark, NULL);
	buf_str(&due->sql, ") IS NOT TRUE");
}

static void add_other(struct due *due, enum other other) {
	const char *first = mark_first(due->plan.table->age_kind);

	switch (other) {
	case OTHER_AGELESS:
		db_quote_name(&due->sql, due->plan.table->age);
		buf_str(&due->sql, " IS NULL");
		break;
	case OTHER_UNMARKED:
		add_age(due, "<", first);
		break;
	case OTHER_YOUNG:
		add_age(due, ">=", due->plan.cutoff);
		break;
	default:
		add_age(due, ">=", first);
		buf_str(&due->sql, " AND ");
		add_age(due, "<", due->plan.cutoff);
		buf_str(&due->sql, " AND ");
		add_not_marked(due);
	}
}

// Counts the rows that are not due for this reason; OTHER_END: for any.
static int count_others(
	struct due *due,
	struct db *db,
	int64_t until_ms,
	enum other other,
	int64_t most,
	int64_t *count
) {
	int64_t left_ms = until_ms - clock_mono_ms();

	if (left_ms <= 0)
		return -ETIME;
	buf_clear(&due->sql);
	buf_str(&due->sql, "COUNT(*) FROM (SELECT 1");
	add_from(due);
	buf_str(&due->sql, " WHERE ");
	if (other == OTHER_END)
		add_not_marked(due);
	else
		add_other(due, other);
	buf_fmt(&due->sql, " LIMIT %" PRId64 ") AS others", most);
	return select_count(due, db, left_ms, count);
}

int due_count_others(
	struct due *due, struct db *db, int64_t until_ms, int64_t most, int64_t *count
) {
	enum other end = due->plan.require_flag ? OTHER_END : OTHER_UNFLAGGED;
	int64_t found = 0;
	int err = 0;

	*count = 0;
	if (!due->plan.found->has_index)
		return count_others(due, db, until_ms, OTHER_END, most, count);
	// Each reason is a range of the index.
	for (enum other other = 0; other < end && err == 0 && *count < most; other++) {
		err = count_others(due, db, until_ms, other, most - *count, &found);
		*count += err == 0 ? found : 0;
	}
	return err;
}
