// SPDX-License-Identifier: MPL-2.0
// deletion: takes the rows of a chunk out of the database.
//
// A chunk is one transaction. One that meets a row which somebody else has locked is run again in pieces, each a
// transaction of its own with a short wait, down to the row that is locked: that one stays, the others go.
#include "common/targets/softdelete/deletion.h"

#include "common/clock.h"
#include "common/db.h"
#include "common/targets/softdelete/transaction.h"

#include <errno.h>
#include <stdio.h>

enum {
	// For all pieces of a chunk together: what is not done then stays.
	PIECES_MS_MAX = 20 * 1000,
	SINGLE_WAIT_MS = 1000,
	// After so many rows that stayed locked the next ones are not waited for.
	PATIENCE_ROWS = 3,
};

// Smaller pieces can tell which row an error is about.
static bool is_about_rows(int err) {
	return err == -EAGAIN || err == -ETIME || err == -EIO || err == -EILSEQ;
}

static int run_piece(struct deletion *deletion, const struct piece *piece) {
	int err = transaction_run(deletion, piece);

	if (err < 0)
		snprintf(deletion->why, sizeof(deletion->why), "%s", db_error(deletion->db));
	return err;
}

// The rows stay, for what happened to the last piece that failed.
static int hold(struct deletion *deletion, const struct piece *piece, int why, bool was_tried) {
	enum reason reason = why == -EAGAIN || why == -ETIME ? REASON_DATABASE : REASON_UNKNOWN;
	char words[300];
	int err = 0;

	snprintf(
		words,
		sizeof(words),
		"stays in table %.80s: %s%.140s",
		deletion->table->name,
		was_tried ? "" : "not tried, because too many before it failed: ",
		deletion->why
	);
	for (size_t i = 0; i < piece->count && err == 0; i++)
		err = chunk_note_failure(deletion->chunk, &piece->keys[i], reason, words);
	return err;
}

struct pieces {
	struct piece left;
	size_t size; // of the next
	int why; // the last one failed
	int stuck; // single rows
};

// A piece that fails is halved; after one that went through the next is twice as large.
static int run_next_piece(struct deletion *deletion, struct pieces *pieces) {
	struct piece *left = &pieces->left;
	const struct piece piece = {
		left->keys, pieces->size < left->count ? pieces->size : left->count};
	bool waits = piece.count == 1 && pieces->stuck < PATIENCE_ROWS;
	int err = db_set_lock_wait(deletion->db, waits ? SINGLE_WAIT_MS : 0);

	if (err == 0)
		err = run_piece(deletion, &piece);
	if (err < 0) {
		pieces->why = err;
		if (!is_about_rows(err))
			return err;
		if (piece.count > 1) {
			pieces->size = piece.count / 2;
			return 0;
		}
		pieces->stuck++;
		err = hold(deletion, &piece, err, true);
	} else {
		deletion->removed.is_partial = true;
	}
	left->keys += piece.count;
	left->count -= piece.count;
	pieces->size = 2 * piece.count;
	return err;
}

static int run_pieces(struct deletion *deletion, int why) {
	struct pieces pieces = {
		.left = {deletion->chunk->keys, deletion->chunk->count},
		.size = (deletion->chunk->count + 1) / 2,
		.why = why,
	};
	int64_t until_ms = clock_mono_ms() + PIECES_MS_MAX;
	int err = 0;

	while (err == 0 && pieces.left.count > 0 && clock_mono_ms() < until_ms)
		err = run_next_piece(deletion, &pieces);
	return err < 0 ? err : hold(deletion, &pieces.left, pieces.why, false);
}

static int run(struct deletion *deletion) {
	const struct piece whole = {deletion->chunk->keys, deletion->chunk->count};
	int why = run_piece(deletion, &whole);
	int err;

	if (!is_about_rows(why) || whole.count == 1)
		return why;
	err = run_pieces(deletion, why);
	if (err != -ENOTCONN)
		(void)db_set_lock_wait(deletion->db, -1);
	// Nothing came of it: the chunk as a whole may have better luck later.
	return err == 0 && !deletion->removed.is_partial ? why : err;
}

int deletion_run(
	struct db *db,
	struct chunk *chunk,
	const struct preset *preset,
	bool require_flag,
	bool commit_unknown,
	struct removed *out
) {
	struct deletion deletion = {
		.db = db,
		.chunk = chunk,
		.preset = preset,
		.table = chunk->table,
		.require_flag = require_flag,
		.commit_unknown = commit_unknown,
	};
	int err;

	chunk->failure_count = 0;
	buf_init(&deletion.sql, 0);
	err = run(&deletion);
	buf_fini(&deletion.sql);
	*out = deletion.removed;
	return err;
}
