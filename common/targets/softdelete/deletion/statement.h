// SPDX-License-Identifier: MPL-2.0
// statement: the pieces that statements of a deletion are made of; they are appended to
// deletion->sql. Thread: batch.
#pragma once

#include "common/targets/softdelete/deletion/transaction.h"

#include <stdint.h>

void statement_add_keys(struct deletion *deletion, const char *column, const struct piece *piece);
// " AND" and that the row is due.
void statement_add_due(struct deletion *deletion);
// Both run deletion->sql: 0, what went wrong while it was written, or an error of db.h. Blocks.
int statement_exec(struct deletion *deletion, int64_t *affected);
// The one number that it selects, where deletion->sql is all but the word SELECT; 0 when there is
// no row.
int statement_int(struct deletion *deletion, int64_t *out);
