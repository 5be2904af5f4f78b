// SPDX-License-Identifier: MPL-2.0
// presence: which rows of a chunk the database still has.
#include "common/targets/softdelete/deletion/presence.h"

#include "common/base/buf.h"

int presence_count(
	struct db *db, struct chunk *chunk, const struct deletion_rule *rule, struct presence *out
) {
	struct deletion deletion = {.db = db, .chunk = chunk, .rule = rule, .table = chunk->table};
	const struct piece all = {chunk->keys, chunk->count};
	int err;

	*out = (struct presence){.there = 0};
	buf_init(&deletion.sql, 0);
	err = statement_count(&deletion, &all, false, &out->there);
	if (err == 0 && out->there > 0)
		err = statement_count(&deletion, &all, true, &out->due);
	buf_fini(&deletion.sql);
	return err;
}
