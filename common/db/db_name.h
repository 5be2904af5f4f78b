// SPDX-License-Identifier: MPL-2.0
// db_name: the name of a table, column or index in a statement. Pure. Thread: any.
#pragma once

struct buf;

// Appends a quoted identifier (`a``b`). 0, or what the buf says.
int db_quote_name(struct buf *sql, const char *name);
