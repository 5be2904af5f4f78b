// SPDX-License-Identifier: MPL-2.0
// db_try: whether the server lets a statement through.
#include "common/db/db_try.h"

#include "common/base/buf.h"
#include "common/db/db.h"
#include "common/db/db_result.h"

static int explain(struct db *db, const char *sql) {
	struct db_result *result = NULL;
	struct buf plan;
	int err;

	buf_init(&plan, 0);
	err = buf_fmt(&plan, "EXPLAIN %s", sql);
	if (err == 0)
		err = db_select(db, buf_text(&plan), &result);
	buf_fini(&plan);
	db_result_free(result);
	return err;
}

int db_try(struct db *db, const char *sql, bool only_plan) {
	return only_plan ? explain(db, sql) : db_exec(db, sql, NULL);
}
