// SPDX-License-Identifier: MPL-2.0
// due: the rows of one table that are old enough, page by page. Thread: scan; blocks.
//
// With an index on the age, or with a limit: the oldest first, ties by key. Without index and limit
// the order does not matter, so the table is read once by its primary key, a bounded piece at a
// time. Without index and with a limit every query reads and sorts the whole table. So the first
// one takes what the limit allows, and when that was not enough (a foreign key held some of it) the
// next one reads many rows ahead.
#pragma once

#include "common/base/buf.h"
#include "common/targets/softdelete/config/preset.h"
#include "common/targets/softdelete/schema/check.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct db;
struct db_result;

struct due_plan {
	const struct table *table;
	const struct schema_table *found;
	const char *cutoff; // SQL literal
	bool require_flag;
	// More of the condition, see blockers.h; NULL: none.
	const char *unblocked;
	// The caller wants only so many rows: the oldest.
	bool has_limit;
};

struct due {
	struct due_plan plan;
	bool by_key;
	bool has_position;
	// By key: the end of the piece.
	bool has_end;
	bool was_read; // at least once
	// Rows that were read, or NULL; Owner: this.
	struct db_result *ahead;
	size_t ahead_rows; // of them that are to come
	bool ahead_is_last; // nothing can follow them
	// The last page, and the position is not behind it yet.
	bool is_handed_out;
	char age[64]; // of the last row
	// Of the last row, as a literal.
	struct buf key;
	struct buf end; // of the piece, as a literal
	struct buf sql;
};

void due_init(struct due *due, const struct due_plan *plan);
void due_fini(struct due *due); // a zeroed due is fine

struct due_want {
	size_t page_rows; // what a page should have
	// No more than this; -1: no limit.
	int64_t rows;
};

struct due_rows {
	// Step so often: column 0 the key, column 1 the age.
	struct db_result *result;
	size_t count;
	bool is_end; // nothing can follow
};

// The next rows; they live until the next call. They come again until due_advance.
int due_page(struct due *due, struct db *db, const struct due_want *want, struct due_rows *out);
// The next page begins behind this row of the last one; `key` is NULL when the page was empty.
int due_advance(struct due *due, struct db *db, const char *key, size_t key_len, const char *age);

// Counts the rows that are due. -ETIME: not within limit_ms.
int due_count(struct due *due, struct db *db, int64_t limit_ms, int64_t *count);
// Counts the rows that are not due, up to `most`. -ETIME: not until until_ms, by the monotonic
// clock.
int due_count_others(
	struct due *due, struct db *db, int64_t until_ms, int64_t most, int64_t *count
);

// Rows that are due and bear one value.
struct due_same {
	int64_t rows;
	// As the server writes it; "" when there are no rows.
	char age[64];
};
// Finds the value that most of them bear. -ETIME: not within limit_ms.
int due_find_same(struct due *due, struct db *db, int64_t limit_ms, struct due_same *out);
