// SPDX-License-Identifier: MPL-2.0
// statement: the pieces that statements of a deletion are made of.
#include "common/targets/softdelete/deletion/statement.h"

#include "common/db/db.h"
#include "common/db/db_name.h"
#include "common/db/db_result.h"
#include "common/targets/softdelete/schema/mark.h"

void statement_add_keys(struct deletion *deletion, const char *column, const struct piece *piece) {
	db_quote_name(&deletion->sql, column);
	buf_str(&deletion->sql, " IN (");
	for (size_t i = 0; i < piece->count; i++) {
		const struct chunk_key *key = &piece->keys[i];

		if (i > 0)
			buf_add(&deletion->sql, ",", 1);
		if (deletion->chunk->text_keys)
			db_quote(deletion->db, &deletion->sql, key->text, key->len);
		else
			buf_add(&deletion->sql, key->text, key->len);
	}
	buf_add(&deletion->sql, ")", 1);
}

void statement_add_due(struct deletion *deletion) {
	const struct mark mark = {
		deletion->table, deletion->chunk->cutoff, deletion->rule->require_flag};

	buf_str(&deletion->sql, " AND ");
	mark_add(&deletion->sql, &mark, NULL);
}

int statement_exec(struct deletion *deletion, int64_t *affected) {
	uint64_t rows = 0;
	int err = deletion->sql.error;

	if (err == 0)
		err = db_exec(deletion->db, buf_text(&deletion->sql), &rows);
	*affected = err < 0 ? 0 : (int64_t)rows;
	return err;
}

int statement_int(struct deletion *deletion, int64_t *out) {
	struct db_result *result = NULL;
	int err = deletion->sql.error;

	if (err == 0)
		err = db_select_limited(
			deletion->db,
			db_read_limit_ms(deletion->db),
			buf_text(&deletion->sql),
			&result
		);
	if (err < 0)
		return err;
	*out = db_result_next(result) ? db_result_int(result, 0) : 0;
	db_result_free(result);
	return 0;
}

int statement_count(
	struct deletion *deletion, const struct piece *piece, bool only_due, int64_t *out
) {
	buf_clear(&deletion->sql);
	buf_str(&deletion->sql, "COUNT(*) FROM ");
	db_quote_name(&deletion->sql, deletion->table->name);
	buf_str(&deletion->sql, " WHERE ");
	statement_add_keys(deletion, deletion->table->key, piece);
	if (only_due)
		statement_add_due(deletion);
	return statement_int(deletion, out);
}
