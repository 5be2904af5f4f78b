// SPDX-License-Identifier: MPL-2.0
// presence: which rows of a chunk the database still has.
#include "common/targets/softdelete/deletion/presence.h"

#include "common/base/buf.h"
#include "common/db/db_name.h"

static int count_keys(struct deletion *deletion, bool only_due, int64_t *out) {
	const struct piece all = {deletion->chunk->keys, deletion->chunk->count};

	buf_clear(&deletion->sql);
	buf_str(&deletion->sql, "COUNT(*) FROM ");
	db_quote_name(&deletion->sql, deletion->table->name);
	buf_str(&deletion->sql, " WHERE ");
	statement_add_keys(deletion, deletion->table->key, &all);
	if (only_due)
		statement_add_due(deletion);
	return statement_int(deletion, out);
}

int presence_count(
	struct db *db, struct chunk *chunk, const struct deletion_rule *rule, struct presence *out
) {
	struct deletion deletion = {.db = db, .chunk = chunk, .rule = rule, .table = chunk->table};
	int err;

	*out = (struct presence){.there = 0};
	buf_init(&deletion.sql, 0);
	err = count_keys(&deletion, false, &out->there);
	if (err == 0 && out->there > 0)
		err = count_keys(&deletion, true, &out->due);
	buf_fini(&deletion.sql);
	return err;
}
