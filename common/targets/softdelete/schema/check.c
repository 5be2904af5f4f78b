// SPDX-License-Identifier: MPL-2.0
// check: one look at a schema.
#include "common/targets/softdelete/schema/check.h"

#include "common/db/db.h"

#include <string.h>

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
		return words_say(
			&check->words,
			err,
			"cannot read about table '%s': %s",
			name,
			db_error(check->db)
		);
	return 0;
}
