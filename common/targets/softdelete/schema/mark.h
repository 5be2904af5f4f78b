// SPDX-License-Identifier: MPL-2.0
// mark: what a row looks like that its application marked deleted long enough ago, as a condition
// of SQL. Pure. Thread: any.
//
// The scan, the dry run and the DELETE itself ask with the same words. A time before 1971 is none:
// 0, negative numbers, zero dates, 1970 and 0001-01-01 stand for "not deleted" where a column
// cannot be NULL.
#pragma once

#include "common/base/buf.h"
#include "common/targets/softdelete/config/preset.h"

#include <stdbool.h>

#define MARK_FIRST_S "31536000" // 1971-01-01

struct mark {
	const struct table *table;
	// Literal of the table's age_kind, without quotes.
	const char *cutoff;
	bool require_flag;
};

// The first moment that is a time of deletion, as a literal without quotes.
const char *mark_first(enum age_kind kind);

// Appends the condition, without AND before it. `alias` (quoted; NULL: none) names the table in the
// statement.
void mark_add(struct buf *sql, const struct mark *mark, const char *alias);
