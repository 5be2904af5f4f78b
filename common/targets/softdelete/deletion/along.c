// SPDX-License-Identifier: MPL-2.0
// along: rows of other tables that go with those of a chunk.
#include "common/targets/softdelete/deletion/along.h"

#include "common/base/buf.h"
#include "common/db/db_name.h"
#include "common/targets/softdelete/config/preset.h"
#include "common/targets/softdelete/deletion/statement.h"
#include "common/targets/softdelete/schema/blockers.h"

#include <errno.h>
#include <inttypes.h>

static const struct table *along_table(const struct deletion *deletion, size_t index) {
	return preset_along(deletion->rule->preset, deletion->table, index);
}

bool along_exists(const struct deletion *deletion) {
	return along_table(deletion, 0) != NULL;
}

// What is still allowed after so many; -1: all.
static int64_t rest_of(int64_t most, int64_t so_far) {
	return most < 0 ? -1 : most - so_far;
}

static void add_limit(struct deletion *deletion, int64_t most) {
	if (most >= 0)
		buf_fmt(&deletion->sql, " LIMIT %" PRId64, most);
}

int along_count(
	struct deletion *deletion, const struct piece *piece, int64_t most, int64_t *count
) {
	const struct table *table;
	int err = 0;

	*count = 0;
	for (size_t i = 0; err == 0 && piece->count > 0 && rest_of(most, *count) != 0 &&
	     (table = along_table(deletion, i)) != NULL;
	     i++) {
		int64_t rows = 0;

		buf_clear(&deletion->sql);
		buf_str(&deletion->sql, "COUNT(*) FROM (SELECT 1 FROM ");
		db_quote_name(&deletion->sql, table->name);
		buf_str(&deletion->sql, " WHERE ");
		statement_add_keys(deletion, table->key, piece);
		add_limit(deletion, rest_of(most, *count));
		buf_str(&deletion->sql, ") AS along");
		err = statement_int(deletion, &rows);
		*count += rows;
	}
	return err;
}

int along_delete(
	struct deletion *deletion, const struct piece *piece, int64_t most, int64_t *removed
) {
	const struct table *table;
	int err = 0;

	*removed = 0;
	for (size_t i = 0;
	     err == 0 && rest_of(most, *removed) != 0 && (table = along_table(deletion, i)) != NULL;
	     i++) {
		int64_t rows = 0;

		buf_clear(&deletion->sql);
		buf_str(&deletion->sql, "DELETE FROM ");
		db_quote_name(&deletion->sql, table->name);
		buf_str(&deletion->sql, " WHERE ");
		statement_add_keys(deletion, table->key, piece);
		add_limit(deletion, rest_of(most, *removed));
		err = statement_exec(deletion, &rows);
		*removed += rows;
	}
	return err;
}

// Once for all pieces: the server takes its time for it.
static int find_unblocked(struct deletion *deletion) {
	const struct blockers_wish wish = {.preset = deletion->rule->preset};
	int err;

	if (deletion->has_unblocked)
		return 0;
	buf_clear(&deletion->unblocked);
	err = blockers_find(&deletion->unblocked, deletion->db, &wish, deletion->table);
	deletion->has_unblocked = err == 0;
	return err;
}

int along_is_held(struct deletion *deletion, const struct piece *piece, bool *is_held) {
	int64_t count = 0;
	int err = find_unblocked(deletion);

	*is_held = false;
	if (err < 0 || buf_text(&deletion->unblocked)[0] == '\0')
		return err == -EACCES ? 0 : err;
	buf_clear(&deletion->sql);
	buf_str(&deletion->sql, "COUNT(*) FROM ");
	db_quote_name(&deletion->sql, deletion->table->name);
	buf_str(&deletion->sql, " WHERE ");
	statement_add_keys(deletion, deletion->table->key, piece);
	buf_str(&deletion->sql, buf_text(&deletion->unblocked));
	err = statement_int(deletion, &count);
	*is_held = err == 0 && count < (int64_t)piece->count;
	return err == -EACCES ? 0 : err;
}
