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
#include "common/targets/softdelete/mark.h"

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
	const struct mark mark = {deletion->table, deletion->chunk->cutoff, deletion->require_flag};

	buf_str(&deletion->sql, " AND ");
	mark_add(&deletion->sql, &mark, NULL);
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

static int delete_all(struct deletion *deletion, size_t count, struct chunk_commit *out) {
	struct chunk *chunk = deletion->chunk;
	const struct piece piece = {chunk->keys + chunk->settled, count};
	size_t failure_count = chunk->failure_count;
	int64_t failed;
	int err;

	deletion->removed = (struct removed){.rows = 0};
	err = delete_due(deletion, &piece);
	*out = (struct chunk_commit){
		.count = count,
		.removed = deletion->removed,
		.failure_count = chunk->failure_count - failure_count,
	};
	chunk->failure_count = failure_count;
	failed = out->stayed = (int64_t)out->failure_count;
	if (err == 0 && out->removed.rows + failed < (int64_t)count)
		err = count_there(deletion, &piece, &out->stayed);
	if (out->stayed > failed)
		out->removed.spared = out->stayed - failed;
	return err;
}

// A commit does all or nothing, so the rows that are there tell. Returns 1 when it was done, 0 when it was not, or an error.
static int find_lost(struct deletion *deletion) {
	struct chunk *chunk = deletion->chunk;
	const struct chunk_commit lost = chunk->lost;
	const struct piece piece = {chunk->keys + chunk->settled, lost.count};
	int64_t there = 0;
	int err = count_there(deletion, &piece, &there);

	if (err < 0 || there > lost.stayed)
		return err;
	chunk_settle(chunk, &lost);
	return 1;
}

// The server may have done the lost one after it was looked for; this one then waited for its locks.
static void add_late(struct chunk_commit *commit, const struct chunk_commit *lost) {
	if (lost->count == 0 || commit->removed.rows + commit->stayed > lost->stayed)
		return;
	commit->removed.rows += lost->removed.rows;
	commit->removed.rows_along += lost->removed.rows_along;
}

static int run_transaction(struct deletion *deletion, size_t count) {
	struct chunk *chunk = deletion->chunk;
	struct chunk_commit commit = {.count = 0};
	int err = db_begin(deletion->db);

	if (err == 0)
		err = delete_all(deletion, count, &commit);
	if (err == 0) {
		add_late(&commit, &chunk->lost);
		err = db_commit(deletion->db);
		if (err == -ENOTCONN)
			chunk->lost = commit;
	} else if (err != -ENOTCONN) {
		(void)db_rollback(deletion->db);
	}
	if (err == 0)
		chunk_settle(chunk, &commit);
	else if (err != -ENOTCONN)
		chunk->lost = (struct chunk_commit){.count = 0};
	return err;
}

int transaction_run(struct deletion *deletion, size_t count) {
	const struct chunk_commit *lost = &deletion->chunk->lost;
	int err;

	if (lost->count == 0)
		return run_transaction(deletion, count);
	err = find_lost(deletion);
	if (err != 0)
		return err < 0 ? err : 0;
	return run_transaction(deletion, lost->count);
}
