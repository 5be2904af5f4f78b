// SPDX-License-Identifier: MPL-2.0
// deletion: takes the rows of a chunk out of the database.
//
// A chunk is one transaction. One that meets a row which somebody else has locked is run again in
// pieces, each a transaction of its own with a short wait, down to the row that is locked: that one
// stays, the others go. So is one that lost the connection twice, a loss for each halving, because
// there may be a row that ends every connection.
#include "common/targets/softdelete/deletion/deletion.h"

#include "common/base/buf.h"
#include "common/base/clock.h"
#include "common/db/db.h"
#include "common/targets/softdelete/deletion/chunk.h"
#include "common/targets/softdelete/deletion/transaction.h"

#include <errno.h>
#include <stdio.h>

enum {
	// For all pieces of a chunk together: what is not done then stays.
	PIECES_MS_MAX = 20 * 1000,
	SINGLE_WAIT_MS = 1000,
	// After so many rows that stayed locked the next ones are not waited for.
	PATIENCE_ROWS = 3,
	// Of the connection, before a part of the chunk is tried, and before a row is to blame.
	LOSSES_MAX = 2,
	ROW_LOSSES_MAX = 3,
	// After so many rows that were to blame it is the server.
	BLAMED_MAX = 3,
};

// Smaller pieces can tell which row an error is about.
static bool is_about_rows(int err) {
	return err == -EAGAIN || err == -ETIME || err == -EIO || err == -EILSEQ;
}

static int run_piece(struct deletion *deletion, size_t count) {
	int err = transaction_run(deletion, count);

	if (err < 0)
		snprintf(deletion->why, sizeof(deletion->why), "%s", db_error(deletion->db));
	return err;
}

// The next keys stay, for what happened to the last piece that failed.
static int hold(struct deletion *deletion, size_t count, int why, bool was_tried) {
	enum reason reason = why == -EAGAIN || why == -ETIME ? REASON_DATABASE : REASON_UNKNOWN;
	struct chunk *chunk = deletion->chunk;
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
	for (size_t i = 0; i < count && err == 0; i++) {
		err = chunk_note_failure(chunk, &chunk->keys[chunk->settled], reason, words);
		if (err == 0)
			chunk_settle(chunk, &(struct chunk_commit){.count = 1});
	}
	return err;
}

struct pieces {
	size_t size; // of the next
	int why; // the last one failed
	int stuck; // single rows
	bool some_went;
};

static size_t left(const struct deletion *deletion) {
	return deletion->chunk->count - deletion->chunk->settled;
}

// Sets what the next call tries, after a piece lost the connection.
static int note_loss(struct deletion *deletion, size_t count) {
	struct chunk_losses *losses = &deletion->chunk->losses;

	losses->narrowed = false;
	if (!db_broke_at_work(deletion->db))
		return -ENOTCONN;
	losses->count++;
	losses->of_row += count == 1;
	if (chunk_is_in_doubt(deletion->chunk) || losses->blamed == BLAMED_MAX ||
	    (count > 1 ? losses->count < LOSSES_MAX : losses->of_row < ROW_LOSSES_MAX))
		return -ENOTCONN;
	losses->narrowed = true;
	losses->of_row = 0;
	losses->size = count > 1 ? count / 2 : 1;
	if (count > 1)
		return -ENOTCONN;
	losses->blamed++;
	return hold(deletion, 1, -ENOTCONN, true) < 0 ? -ENOMEM : -ENOTCONN;
}

static size_t next_count(const struct deletion *deletion, const struct pieces *pieces) {
	if (deletion->chunk->lost.count > 0)
		return deletion->chunk->lost.count;
	return pieces->size < left(deletion) ? pieces->size : left(deletion);
}

// Who waits for no lock runs into those of a commit whose end was not heard, and would count what
// it removes as gone.
static int set_patience(struct deletion *deletion, size_t count, const struct pieces *pieces) {
	bool is_late = deletion->chunk->lost.count > 0;
	bool waits = is_late || (count == 1 && pieces->stuck < PATIENCE_ROWS);

	deletion->nowait = !waits && db_needs_nowait(deletion->db);
	return db_set_lock_wait(deletion->db, is_late ? -1 : waits ? SINGLE_WAIT_MS : 0);
}

// A piece that fails is halved; after one that went through the next is twice as large.
static int run_next_piece(struct deletion *deletion, struct pieces *pieces) {
	struct chunk *chunk = deletion->chunk;
	size_t count = next_count(deletion, pieces);
	int err = set_patience(deletion, count, pieces);

	if (err == 0)
		err = run_piece(deletion, count);
	if (err < 0) {
		pieces->why = err;
		if (err == -ENOTCONN)
			return note_loss(deletion, count);
		if (!is_about_rows(err) || chunk_is_in_doubt(chunk))
			return err;
		if (count > 1) {
			pieces->size = count / 2;
			return 0;
		}
		pieces->stuck++;
		err = hold(deletion, 1, err, true);
	} else {
		pieces->some_went = true;
		chunk->losses.of_row = 0;
	}
	pieces->size = 2 * count;
	return err;
}

static int run_pieces(struct deletion *deletion, struct pieces *pieces) {
	const struct chunk *chunk = deletion->chunk;
	const size_t settled = chunk->settled, failure_count = chunk->failure_count;
	int64_t until_ms = clock_mono_ms() + PIECES_MS_MAX;
	int err = 0;

	while (err == 0 && left(deletion) > 0 && clock_mono_ms() < until_ms)
		err = run_next_piece(deletion, pieces);
	if (err != -ENOTCONN)
		(void)db_set_lock_wait(deletion->db, -1);
	if (err < 0 || pieces->some_went)
		return err < 0 ? err : hold(deletion, left(deletion), pieces->why, false);
	// Nothing came of it: the chunk as a whole may have better luck later.
	deletion->chunk->settled = settled;
	deletion->chunk->failure_count = failure_count;
	return pieces->why;
}

static int run(struct deletion *deletion) {
	const struct chunk_losses *losses = &deletion->chunk->losses;
	struct pieces pieces = {.size = losses->size, .why = -ENOTCONN};
	size_t count = left(deletion);
	int err = 0;

	if (losses->size > 0)
		return count == 0 ? 0 : run_pieces(deletion, &pieces);
	for (; err == 0 && count > 0; count = err == 0 ? left(deletion) : count)
		err = run_piece(deletion, count);
	if (err == -ENOTCONN)
		return note_loss(deletion, count);
	if (!is_about_rows(err) || count == 1 || chunk_is_in_doubt(deletion->chunk))
		return err;
	pieces.why = err;
	pieces.size = (count + 1) / 2;
	return run_pieces(deletion, &pieces);
}

int deletion_run(struct db *db, struct chunk *chunk, const struct deletion_rule *rule) {
	struct deletion deletion = {
		.db = db,
		.chunk = chunk,
		.rule = rule,
		.table = chunk->table,
		.why = "the connection was lost",
	};
	int err;

	chunk->losses.narrowed = false;
	buf_init(&deletion.sql, 0);
	buf_init(&deletion.unblocked, 0);
	err = run(&deletion);
	buf_fini(&deletion.unblocked);
	buf_fini(&deletion.sql);
	return err;
}
