// SPDX-License-Identifier: MPL-2.0
// check: one look at a schema.
#include "common/targets/softdelete/schema/check.h"

#include "common/db/db.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int check_say(const struct check *check, int err, const char *format, ...) {
	va_list args;

	va_start(args, format);
	vsnprintf(check->error, check->error_bytes, format, args);
	va_end(args);
	return err;
}

int check_ask(struct check *check, const char *select, const char *name, struct db_result **out) {
	int err;

	buf_clear(&check->sql);
	buf_str(&check->sql, select);
	err = db_quote(check->db, &check->sql, name, strlen(name));
	if (err == 0)
		err = db_select_limited(
			check->db, db_read_limit_ms(check->db), buf_text(&check->sql), out
		);
	if (err < 0)
		return check_say(
			check, err, "cannot read about table '%s': %s", name, db_error(check->db)
		);
	return 0;
}
