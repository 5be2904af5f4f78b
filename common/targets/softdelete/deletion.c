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
	bool any_went; // now or before
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
		if (err < 0)
			return err;
	} else {
		pieces->any_went = true;
	}
	left->keys += piece.count;
	left->count -= piece.count;
	pieces->size = 2 * piece.count;
	return 0;
}

// The next call need not look at the keys before `left` again.
static void keep_progress(struct deletion *deletion, const struct piece *left) {
	struct chunk *chunk = deletion->chunk;

	chunk->progress.settled = chunk->count - left->count;
	chunk->progress.failure_count = chunk->failure_count;
	chunk->progress.rows = deletion->removed.rows;
	chunk->progress.rows_along = deletion->removed.rows_along;
	chunk->progress.spared = deletion->removed.spared;
}

static int run_pieces(struct deletion *deletion, const struct piece *whole, int why) {
	struct pieces pieces = {
		.left = *whole,
		.size = (whole->count + 1) / 2,
		.why = why,
		.any_went = deletion->chunk->progress.settled > 0,
	};
	int64_t until_ms = clock_mono_ms() + PIECES_MS_MAX;
	int err = 0;

	while (err == 0 && pieces.left.count > 0 && clock_mono_ms() < until_ms)
		err = run_next_piece(deletion, &pieces);
	if (err < 0 && pieces.any_went)
		keep_progress(deletion, &pieces.left);
	if (err < 0)
		return err;
	// Nothing came of it: the chunk as a whole may have better luck later.
	return pieces.any_went ? hold(deletion, &pieces.left, pieces.why, false) : why;
}

static int run(struct deletion *deletion) {
	const struct chunk *chunk = deletion->chunk;
	size_t settled = chunk->progress.settled;
	const struct piece whole = {chunk->keys + settled, chunk->count - settled};
	int why = run_piece(deletion, &whole);
	int err;

	if (!is_about_rows(why) || chunk->count == 1)
		return why;
	err = run_pieces(deletion, &whole, why);
	if (err != -ENOTCONN)
		(void)db_set_lock_wait(deletion->db, -1);
	return err;
}

int deletion_run(
	struct db *db,
	struct chunk *chunk,
	const struct preset *preset,
	bool require_flag,
	struct removed *out
) {
	const struct chunk_progress *progress = &chunk->progress;
	struct deletion deletion = {
		.db = db,
		.chunk = chunk,
		.preset = preset,
		.table = chunk->table,
		.require_flag = require_flag,
		.removed = {progress->rows, progress->rows_along, progress->spared},
	};
	int err;

	chunk->failure_count = progress->failure_count;
	buf_init(&deletion.sql, 0);
	err = run(&deletion);
	buf_fini(&deletion.sql);
	*out = deletion.removed;
	return err;
}
