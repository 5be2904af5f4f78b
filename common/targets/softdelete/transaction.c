// SPDX-License-Identifier: MPL-2.0
// transaction: removes some rows of a chunk at once.
//
// Design notes
// - Every DELETE has both the keys and the age, so no row that came back to life is taken, and neither is one that
//   the chunk does not name.
// - A statement that a foreign key refuses has no effect, so it is halved within the transaction, down to the row that is blocked.
// - What goes with a row is removed before it, under a savepoint, when the row was found due and is locked.
#include "common/targets/softdelete/transaction.h"

#include "common/db.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_keys(
	struct deletion *deletion, const char *column, const struct chunk_key *keys, size_t count
) {
	db_quote_name(&deletion->sql, column);
	buf_str(&deletion->sql, " IN (");
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			buf_add(&deletion->sql, ",", 1);
		if (deletion->chunk->text_keys)
			db_quote(deletion->db, &deletion->sql, keys[i].text, keys[i].len);
		else
			buf_add(&deletion->sql, keys[i].text, keys[i].len);
	}
	buf_add(&deletion->sql, ")", 1);
}

static void add_due(struct deletion *deletion) {
	buf_str(&deletion->sql, " AND ");
	db_quote_name(&deletion->sql, deletion->table->age);
	buf_fmt(&deletion->sql, " < '%s'", deletion->chunk->cutoff);
	if (deletion->require_flag) {
		buf_str(&deletion->sql, " AND ");
		db_quote_name(&deletion->sql, deletion->table->flag);
		buf_str(&deletion->sql, " <> 0");
	}
}

static int exec(struct deletion *deletion, uint64_t *affected) {
	return deletion->sql.error < 0 ? deletion->sql.error
				       : db_exec(deletion->db, buf_text(&deletion->sql), affected);
}

static int count_there(struct deletion *deletion, const struct piece *piece, int64_t *count) {
	struct db_result *result;
	int err;

	buf_clear(&deletion->sql);
	buf_str(&deletion->sql, "SELECT COUNT(*) FROM ");
	db_quote_name(&deletion->sql, deletion->table->name);
	buf_str(&deletion->sql, " WHERE ");
	add_keys(deletion, deletion->table->key, piece->keys, piece->count);
	if (deletion->sql.error < 0)
		return deletion->sql.error;
	err = db_select(deletion->db, buf_text(&deletion->sql), &result);
	if (err < 0)
		return err;
	*count = db_result_next(result) ? db_result_int(result, 0) : 0;
	db_result_free(result);
	return 0;
}

// Keeps of the keys those whose rows are due, and locks these.
static int lock_due(
	struct deletion *deletion, struct chunk_key *keys, size_t *count, struct db_result **result
) {
	int err;

	buf_clear(&deletion->sql);
	buf_str(&deletion->sql, "SELECT ");
	db_quote_name(&deletion->sql, deletion->table->key);
	buf_str(&deletion->sql, " FROM ");
	db_quote_name(&deletion->sql, deletion->table->name);
	buf_str(&deletion->sql, " FORCE INDEX (PRIMARY) WHERE ");
	add_keys(deletion, deletion->table->key, keys, *count);
	add_due(deletion);
	buf_str(&deletion->sql, " ORDER BY 1 FOR UPDATE");
	if (deletion->sql.error < 0)
		return deletion->sql.error;
	err = db_select(deletion->db, buf_text(&deletion->sql), result);
	if (err < 0)
		return err;
	*count = 0;
	while (db_result_next(*result)) {
		keys[*count].text = db_result_text(*result, 0, &keys[*count].len);
		(*count)++;
	}
	return 0;
}

static int
delete_along(struct deletion *deletion, const struct chunk_key *keys, size_t count, uint64_t *sum) {
	const struct table *table;
	int err = 0;

	*sum = 0;
	for (size_t i = 0;
	     err == 0 && (table = preset_along(deletion->preset, deletion->table, i)) != NULL;
	     i++) {
		uint64_t affected = 0;

		buf_clear(&deletion->sql);
		buf_str(&deletion->sql, "DELETE FROM ");
		db_quote_name(&deletion->sql, table->name);
		buf_str(&deletion->sql, " WHERE ");
		add_keys(deletion, table->key, keys, count);
		err = exec(deletion, &affected);
		*sum += affected;
	}
	return err;
}

static int delete_rows(
	struct deletion *deletion, const struct chunk_key *keys, size_t count, uint64_t *affected
) {
	buf_clear(&deletion->sql);
	buf_str(&deletion->sql, "DELETE ");
	db_quote_name(&deletion->sql, deletion->table->name);
	buf_str(&deletion->sql, " FROM ");
	db_quote_name(&deletion->sql, deletion->table->name);
	buf_str(&deletion->sql, " FORCE INDEX (PRIMARY) WHERE ");
	add_keys(deletion, deletion->table->key, keys, count);
	add_due(deletion);
	return exec(deletion, affected);
}

static int delete_piece(struct deletion *deletion, const struct chunk_key *keys, size_t count) {
	bool has_along = preset_along(deletion->preset, deletion->table, 0) != NULL;
	uint64_t affected = 0;
	uint64_t along = 0;
	int err = has_along ? db_exec(deletion->db, "SAVEPOINT piece", NULL) : 0;

	if (err == 0 && has_along)
		err = delete_along(deletion, keys, count, &along);
	if (err == 0)
		err = delete_rows(deletion, keys, count, &affected);
	if (err == -EBUSY && has_along) {
		// What the server said stays in db_error: this does not fail.
		err = db_exec(deletion->db, "ROLLBACK TO SAVEPOINT piece", NULL);
		if (err == 0)
			err = -EBUSY;
	}
	if (err == 0) {
		deletion->removed.rows += (int64_t)affected;
		deletion->removed.rows_along += (int64_t)along;
	}
	return err;
}

// How much of a name that ends with a backtick fits the words.
static int shown(const char *name) {
	size_t len = strcspn(name, "`");

	return len < 80 ? (int)len : 80;
}

// "foreign key `x` of table `y` refers to it", from the words of the server.
static void
write_constraint(const struct table *table, const char *words, char *out, size_t out_bytes) {
	const char *child = strstr(words, "(`");
	const char *name = strstr(words, "CONSTRAINT `");
	const char *dot = child == NULL ? NULL : strstr(child, "`.`");

	if (name == NULL || dot == NULL || dot > name) {
		snprintf(out, out_bytes, "stays in table %.80s: %.190s", table->name, words);
		return;
	}
	name += strlen("CONSTRAINT `");
	dot += strlen("`.`");
	snprintf(
		out,
		out_bytes,
		"stays in table %.80s: a row of table %.*s refers to it, constraint %.*s",
		table->name,
		shown(dot),
		dot,
		shown(name),
		name
	);
}

// A piece that is refused is halved; after one that went through the next is twice as large.
static int delete_keys(struct deletion *deletion, const struct chunk_key *keys, size_t count) {
	char words[300];
	size_t piece = count;
	int err = 0;

	while (count > 0 && err == 0) {
		err = delete_piece(deletion, keys, piece);
		if (err == -EBUSY && piece > 1) {
			piece /= 2;
			err = 0;
			continue;
		}
		if (err == -EBUSY) {
			write_constraint(
				deletion->table, db_error(deletion->db), words, sizeof(words)
			);
			err = chunk_note_failure(deletion->chunk, keys, REASON_BLOCKED, words);
		}
		keys += piece;
		count -= piece;
		piece = 2 * piece < count ? 2 * piece : count;
	}
	return err;
}

static int delete_due(struct deletion *deletion, const struct piece *piece) {
	struct db_result *result = NULL;
	size_t count = piece->count;
	struct chunk_key *keys;
	int err;

	if (count == 0 || preset_along(deletion->preset, deletion->table, 0) == NULL)
		return delete_keys(deletion, piece->keys, count);
	keys = malloc(count * sizeof(*keys));
	if (keys == NULL)
		return -ENOMEM;
	memcpy(keys, piece->keys, count * sizeof(*keys));
	err = lock_due(deletion, keys, &count, &result);
	if (err == 0)
		err = delete_keys(deletion, keys, count);
	db_result_free(result);
	free(keys);
	return err;
}

static size_t end_of(const struct chunk *chunk, const struct piece *piece) {
	return (size_t)(piece->keys - chunk->keys) + piece->count;
}

// The keys of the piece whose rows may be gone by our own hand.
static struct piece unsure_of(const struct chunk *chunk, const struct piece *piece) {
	size_t begin = (size_t)(piece->keys - chunk->keys);
	size_t end = chunk->progress.unsure_end;
	struct piece unsure = {piece->keys, 0};

	if (end > begin)
		unsure.count = end - begin < piece->count ? end - begin : piece->count;
	return unsure;
}

int transaction_run(struct deletion *deletion, const struct piece *piece) {
	struct chunk *chunk = deletion->chunk;
	const struct removed removed = deletion->removed;
	size_t failure_count = chunk->failure_count;
	int64_t count = (int64_t)piece->count;
	const struct piece unsure = unsure_of(chunk, piece);
	int64_t before = (int64_t)unsure.count;
	int64_t stayed, failed;
	bool commit_lost = false;
	int err = db_begin(deletion->db);

	if (err == 0 && unsure.count > 0)
		err = count_there(deletion, &unsure, &before);
	if (err == 0)
		err = delete_due(deletion, piece);
	stayed = failed = (int64_t)(deletion->chunk->failure_count - failure_count);
	if (err == 0 && deletion->removed.rows - removed.rows + failed < count)
		err = count_there(deletion, piece, &stayed);
	if (err == 0) {
		err = db_commit(deletion->db);
		commit_lost = err == -ENOTCONN;
	} else if (err != -ENOTCONN) {
		(void)db_rollback(deletion->db);
	}
	if (err < 0) {
		deletion->removed = removed;
		if (commit_lost && chunk->progress.unsure_end < end_of(chunk, piece))
			chunk->progress.unsure_end = end_of(chunk, piece);
		chunk->failure_count = failure_count;
		return err;
	}
	if (stayed > failed)
		deletion->removed.spared += stayed - failed;
	deletion->removed.rows += (int64_t)unsure.count - before;
	return 0;
}
