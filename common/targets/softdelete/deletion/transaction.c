// SPDX-License-Identifier: MPL-2.0
// transaction: removes some rows of a chunk at once.
//
// Design notes
// - Every DELETE has both the keys and the age, so no row that came back to life is taken, and
//   neither is one that the chunk does not name.
// - A statement that a foreign key refuses has no effect, so it is halved within the transaction,
//   down to the row that is blocked.
// - What goes with a row is removed before it, under a savepoint, when the row was found due and is
//   locked. A transaction has as many rows of the chunk as have room with what goes with them. What
//   goes with one row and is too much goes before it, in transactions of its own, each with the row
//   found due and locked.
#include "common/targets/softdelete/deletion/transaction.h"

#include "common/base/buf.h"
#include "common/db/db.h"
#include "common/db/db_name.h"
#include "common/db/db_result.h"
#include "common/targets/softdelete/deletion/along.h"
#include "common/targets/softdelete/deletion/chunk.h"
#include "common/targets/softdelete/deletion/statement.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The rows of a piece that are due, locked.
struct locked {
	struct chunk_key *keys;
	size_t count;
	struct db_result *result; // has the keys
};

static void locked_clear(struct locked *locked) {
	db_result_free(locked->result);
	free(locked->keys);
	*locked = (struct locked){.count = 0};
}

static int lock_due(struct deletion *deletion, const struct piece *piece, struct locked *out) {
	int err;

	buf_clear(&deletion->sql);
	buf_str(&deletion->sql, "SELECT ");
	db_quote_name(&deletion->sql, deletion->table->key);
	buf_str(&deletion->sql, " FROM ");
	db_quote_name(&deletion->sql, deletion->table->name);
	buf_str(&deletion->sql, " FORCE INDEX (PRIMARY) WHERE ");
	statement_add_keys(deletion, deletion->table->key, piece);
	statement_add_due(deletion);
	buf_str(&deletion->sql, " ORDER BY 1 FOR UPDATE");
	if (deletion->nowait)
		buf_str(&deletion->sql, " NOWAIT");
	if (deletion->sql.error < 0)
		return deletion->sql.error;
	err = db_select(deletion->db, buf_text(&deletion->sql), &out->result);
	if (err < 0)
		return err;
	out->keys = calloc(db_result_rows(out->result) + 1, sizeof(*out->keys));
	if (out->keys == NULL)
		return -ENOMEM;
	for (; db_result_next(out->result); out->count++)
		out->keys[out->count].text = db_result_text(
			out->result, 0, &out->keys[out->count].len
		);
	return 0;
}

static int delete_rows(struct deletion *deletion, const struct piece *piece, int64_t *affected) {
	buf_clear(&deletion->sql);
	buf_str(&deletion->sql, "DELETE ");
	db_quote_name(&deletion->sql, deletion->table->name);
	buf_str(&deletion->sql, " FROM ");
	db_quote_name(&deletion->sql, deletion->table->name);
	buf_str(&deletion->sql, " FORCE INDEX (PRIMARY) WHERE ");
	statement_add_keys(deletion, deletion->table->key, piece);
	statement_add_due(deletion);
	return statement_exec(deletion, affected);
}

static int delete_piece(struct deletion *deletion, const struct piece *piece) {
	bool has_along = along_exists(deletion);
	int64_t affected = 0;
	int64_t along = 0;
	int err = has_along ? db_exec(deletion->db, "SAVEPOINT piece", NULL) : 0;

	if (err == 0 && has_along)
		err = along_delete(deletion, piece, -1, &along);
	if (err == 0)
		err = delete_rows(deletion, piece, &affected);
	if (err == -EBUSY && has_along) {
		// What the server said stays in db_error: this does not fail.
		err = db_exec(deletion->db, "ROLLBACK TO SAVEPOINT piece", NULL);
		if (err == 0)
			err = -EBUSY;
	}
	if (err == 0) {
		deletion->removed.rows += affected;
		deletion->removed.rows_along += along;
	}
	return err;
}

// How much of a name that ends with a backtick fits the words.
static int shown(const char *name) {
	size_t len = strcspn(name, "`");

	return len < 80 ? (int)len : 80;
}

// "foreign key `x` of table `y` refers to it", from the words of the server.
static void write_constraint(
	const struct table *table, const char *words, char *out, size_t out_bytes
) {
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
		err = delete_piece(deletion, &(struct piece){keys, piece});
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

// A transaction that ended unheard had the row locked, so it is over: what is left tells whether it
// was committed.
static int settle_along(struct deletion *deletion, const struct piece *piece) {
	struct chunk_along *along = &deletion->chunk->along;
	int64_t left = 0;
	int err = along->lost == 0 ? 0 : along_count(deletion, piece, -1, &left);

	if (err < 0 || along->lost == 0)
		return err;
	if (left <= along->left - along->lost)
		deletion->chunk->removed.rows_along += along->lost;
	*along = (struct chunk_along){.is_counted = true, .left = left};
	return 0;
}

// Locks as many of the piece's rows as have room with what goes with them. *fits: false: not even
// one has.
static int lock_fitting(
	struct deletion *deletion, struct piece *piece, struct locked *locked, bool *fits
) {
	const int64_t rows_max = deletion->rule->rows_max;
	// Had room, and is judged as a whole.
	bool is_lost = deletion->chunk->lost.count > 0;
	int err;

	for (;; piece->count /= 2) {
		int64_t along = 0;

		locked_clear(locked);
		err = lock_due(deletion, piece, locked);
		if (err == 0)
			err = settle_along(deletion, piece);
		if (err == 0 && !is_lost)
			err = along_count(
				deletion,
				&(struct piece){locked->keys, locked->count},
				rows_max + 1,
				&along
			);
		*fits = is_lost || along == 0 || along + (int64_t)locked->count <= rows_max;
		if (err < 0 || *fits || piece->count == 1)
			return err;
	}
}

// Removes some of what goes with a row. One that is held keeps it.
static int thin(struct deletion *deletion, struct piece *piece) {
	struct chunk_along *along = &deletion->chunk->along;
	bool is_held = false;
	char words[200];
	// Each time: between two pieces a row that refers to this one may come.
	int err = along_is_held(deletion, piece, &is_held);

	if (err == 0 && !is_held && !along->is_counted) {
		err = along_count(deletion, piece, -1, &along->left);
		along->is_counted = err == 0;
	}
	if (err == 0 && is_held) {
		snprintf(
			words,
			sizeof(words),
			"stays in table %.80s: a row of another table refers to it",
			deletion->table->name
		);
		return chunk_note_failure(deletion->chunk, piece->keys, REASON_BLOCKED, words);
	}
	if (err == 0)
		err = along_delete(
			deletion, piece, deletion->rule->rows_max, &deletion->removed.rows_along
		);
	piece->count = 0;
	return err;
}

static int delete_with_along(struct deletion *deletion, struct piece *piece) {
	struct locked locked = {.count = 0};
	bool fits = true;
	int err = lock_fitting(deletion, piece, &locked, &fits);

	if (err == 0 && fits) {
		deletion->fit = piece->count;
		err = delete_keys(deletion, locked.keys, locked.count);
	} else if (err == 0) {
		err = thin(deletion, piece);
	}
	locked_clear(&locked);
	return err;
}

// DELETE itself knows no NOWAIT.
static int delete_alone(struct deletion *deletion, const struct piece *piece) {
	struct locked locked = {.count = 0};
	int err = deletion->nowait ? lock_due(deletion, piece, &locked) : 0;

	locked_clear(&locked);
	return err < 0 ? err : delete_keys(deletion, piece->keys, piece->count);
}

static size_t fitting_count(const struct deletion *deletion, size_t count) {
	if (deletion->chunk->lost.count > 0)
		return count;
	// What goes with the next key is on its way.
	if (deletion->chunk->along.is_counted)
		return 1;
	return deletion->fit > 0 && 2 * deletion->fit < count ? 2 * deletion->fit : count;
}

static int delete_all(struct deletion *deletion, size_t count, struct chunk_commit *out) {
	struct chunk *chunk = deletion->chunk;
	struct piece piece = {chunk->keys + chunk->settled, fitting_count(deletion, count)};
	size_t failure_count = chunk->failure_count;
	int64_t failed;
	int err;

	deletion->removed = (struct removed){.rows = 0};
	err = along_exists(deletion) ? delete_with_along(deletion, &piece)
				     : delete_alone(deletion, &piece);
	*out = (struct chunk_commit){
		.count = piece.count,
		.removed = deletion->removed,
		.failure_count = chunk->failure_count - failure_count,
	};
	chunk->failure_count = failure_count;
	failed = out->stayed = (int64_t)out->failure_count;
	if (err == 0 && out->removed.rows + failed < (int64_t)piece.count)
		err = statement_count(deletion, &piece, false, &out->stayed);
	if (out->stayed > failed)
		out->removed.spared = out->stayed - failed;
	return err;
}

// A commit does all or nothing, so the rows that are there tell. Returns 1 when it was done, 0 when
// it was not, or an error.
static int find_lost(struct deletion *deletion) {
	struct chunk *chunk = deletion->chunk;
	const struct chunk_commit lost = chunk->lost;
	const struct piece piece = {chunk->keys + chunk->settled, lost.count};
	int64_t there = 0;
	int err = statement_count(deletion, &piece, false, &there);

	if (err < 0 || there > lost.stayed)
		return err;
	chunk_settle(chunk, &lost);
	return 1;
}

// The server may have done the lost one after it was looked for; this one then waited for its
// locks.
static void add_late(struct chunk_commit *commit, const struct chunk_commit *lost) {
	if (lost->count == 0 || commit->removed.rows + commit->stayed > lost->stayed)
		return;
	commit->removed.rows += lost->removed.rows;
	commit->removed.rows_along += lost->removed.rows_along;
}

// The end of a commit was not heard.
static void note_lost(struct chunk *chunk, const struct chunk_commit *commit) {
	if (commit->count > 0)
		chunk->lost = *commit;
	else
		chunk->along.lost = commit->removed.rows_along;
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
			note_lost(chunk, &commit);
	} else if (err != -ENOTCONN) {
		(void)db_rollback(deletion->db);
	}
	if (err == 0) {
		chunk_settle(chunk, &commit);
		if (commit.count == 0)
			chunk->along.left -= commit.removed.rows_along;
	} else if (err != -ENOTCONN) {
		chunk->lost = (struct chunk_commit){.count = 0};
	}
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
