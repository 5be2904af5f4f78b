// SPDX-License-Identifier: MPL-2.0
// db_name: the name of a table, column or index in a statement.
#include "common/db/db_name.h"

#include "common/base/buf.h"

#include <string.h>

int db_quote_name(struct buf *sql, const char *name) {
	buf_add(sql, "`", 1);
	for (const char *part = name; *part;) {
		size_t len = strcspn(part, "`");

		buf_add(sql, part, len);
		part += len;
		if (*part == '`') {
			buf_add(sql, "``", 2);
			part++;
		}
	}
	return buf_add(sql, "`", 1);
}
