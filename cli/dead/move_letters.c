// SPDX-License-Identifier: MPL-2.0
// move_letters: puts the records of letters back, or drops the letters, as an operator orders it.
//
// Design notes
// - They are counted first, and nothing is touched before the counts were said.
// - Then the mover is opened, which ends what a predecessor that was killed has left open, and the
//   topic is folded anew: until then that hid what came after it.
#include "cli/dead/move_letters.h"

#include "cli/dead/letter_batch.h"
#include "cli/dead/letter_counts.h"
#include "cli/dead/letter_index.h"
#include "cli/dead/letter_mover.h"
#include "cli/dead/letter_out.h"
#include "cli/dead/letter_return.h"
#include "cli/dead/list_letters.h"
#include "cli/front/front.h"
#include "common/base/buf.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAMED_MAX = 20 };

struct moving {
	struct letters *letters;
	const struct move_order *order;
	struct letter_mover *mover;
	struct letter_counts counts;
	struct letter_index *counted; // what these were counted of
	// Of those that cannot be put back.
	int64_t named;
	struct buf text;
	struct letter_batch batch;
};

// --- what would be

static const char *why_not(const struct letter *letter) {
	return letter->is_truncated ? "truncated" : letter->head.fault;
}

static int name_left(void *ctx, const struct letter *letter) {
	struct moving *moving = ctx;
	struct buf *text = &moving->text;

	if (!moving->order->puts_back || letter_can_return(letter) || moving->named++ >= NAMED_MAX)
		return 0;
	buf_str(text, moving->order->json ? "{\"kind\":\"left\",\"key\":\"" : "");
	buf_str(text, moving->order->json ? "" : "cannot be put back: ");
	buf_json(text, letter->key, letter->key_bytes);
	if (moving->order->json)
		buf_fmt(text, "\",\"fault\":\"%s\"}\n", why_not(letter));
	else
		buf_fmt(text, " (%s)\n", why_not(letter));
	return letter_out_write(text);
}

static void add_int(struct moving *moving, const char *key, const char *words, int64_t value) {
	if (moving->order->json)
		buf_fmt(&moving->text, ",\"%s\":%" PRId64, key, value);
	else
		buf_fmt(&moving->text, "%s: %" PRId64 "\n", words, value);
}

static void add_unknown(struct moving *moving, const char *key, const char *words) {
	if (moving->order->json)
		buf_fmt(&moving->text, ",\"%s\":null", key);
	else
		buf_fmt(&moving->text, "%s: unknown\n", words);
}

static void say_return(struct moving *moving) {
	const struct letter_counts *counts = &moving->counts;
	int64_t left = counts->all.letters - counts->returnable;

	if (!moving->order->json && moving->named > NAMED_MAX)
		buf_fmt(&moving->text,
			"cannot be put back: %" PRId64 " more\n",
			moving->named - NAMED_MAX);
	add_int(moving, "returnable", "can be put back", counts->returnable);
	add_int(moving, "left", "cannot be put back, and stay", left);
}

static void say_drop(struct moving *moving, const struct letter_rows *rows) {
	const struct letter_counts *counts = &moving->counts;
	static const char words[] = "their rows are there, so the next full pass publishes them "
				    "again";

	if (letter_rows_unknown(rows) != NULL)
		add_unknown(moving, "published_again", words);
	else
		add_int(moving,
			"published_again",
			words,
			counts->all.states[LETTER_OPEN] - counts->replays);
	if (counts->replays > 0 || moving->order->json)
		add_int(moving,
			"replays",
			"of a replay: what their nodes did not hear is never said again",
			counts->replays);
}

static int say_counts(struct moving *moving, const struct letter_rows *rows) {
	const struct move_order *order = moving->order;

	if (order->json)
		buf_fmt(&moving->text,
			"{\"kind\":\"counts\",\"action\":\"%s\"",
			order->puts_back ? "requeue" : "drop");
	add_int(moving, "letters", "letters", moving->counts.all.letters);
	if (order->puts_back)
		say_return(moving);
	else
		say_drop(moving, rows);
	if (order->json)
		buf_str(&moving->text, "}\n");
	return letter_out_write(&moving->text);
}

// --- what is done

static int move_batch(struct moving *moving) {
	return moving->batch.count == 0 ? 0 : letter_mover_move(moving->mover, &moving->batch);
}

static int collect(void *ctx, struct letter *letter, const rd_kafka_message_t *message) {
	struct moving *moving = ctx;

	(void)message;
	if (moving->order->puts_back && !letter_can_return(letter))
		return 0;
	// It came since, so nobody was told of it.
	if (letter->offset >= letter_index_end(moving->counted, letter->partition))
		return 0;
	letter_batch_add(&moving->batch, letter);
	return letter_batch_is_full(&moving->batch) ? move_batch(moving) : 0;
}

static int say_moved(struct moving *moving) {
	struct letter_moves moves = letter_mover_moves(moving->mover);
	bool puts_back = moving->order->puts_back;

	if (moving->order->json)
		buf_fmt(&moving->text,
			"{\"kind\":\"moved\",\"action\":\"%s\"",
			puts_back ? "requeue" : "drop");
	if (moves.in_doubt > 0)
		add_unknown(moving, "moved", puts_back ? "put back" : "dropped");
	else
		add_int(moving, "moved", puts_back ? "put back" : "dropped", moves.moved);
	if (moves.in_doubt > 0 || moving->order->json) {
		add_int(moving, "moved_at_least", "of them it is known of", moves.moved);
		add_int(moving, "in_doubt", "of them it is not known of", moves.in_doubt);
	}
	if (moves.overtaken > 0 || moving->order->json)
		add_int(moving,
			"overtaken",
			"left, because a newer letter of the same record came meanwhile",
			moves.overtaken);
	if (moving->order->json)
		buf_str(&moving->text, "}\n");
	return letter_out_write(&moving->text);
}

static int move_all(struct moving *moving) {
	int err = letter_mover_open(&moving->mover, moving->letters, moving->order->puts_back);
	int told;

	if (err < 0)
		return err;
	moving->counted = letters_take_index(moving->letters);
	err = letters_fold(moving->letters);
	if (err == 0)
		err = letters_visit(moving->letters, moving->order->filter, collect, moving);
	if (err == 0)
		err = move_batch(moving);
	if (err == 0)
		letter_mover_settle(moving->mover);
	// Also of what came to no end: so much is done.
	told = say_moved(moving);
	letter_mover_close(moving->mover);
	return err < 0 ? err : told;
}

static int ask(const struct moving *moving) {
	fprintf(stderr,
		"purgefleet: nothing was done: %" PRId64 " letters are more than %d; look at them "
		"with --dryrun, then give --yes\n",
		moving->counts.all.letters,
		MOVE_LETTERS_UNASKED_MAX);
	return -EINVAL;
}

// Does nothing bring back what some of them are about, or is that not known?
static bool is_for_good(const struct moving *moving, const struct letter_rows *rows) {
	return moving->counts.replays > 0 || rows == NULL || letter_rows_unknown(rows) != NULL;
}

static int ask_for_good(void) {
	return front_fail(
		-EINVAL,
		"nothing was done: what these letters are about may never come back; look at them "
		"with --dryrun, then give --yes"
	);
}

static int obey(struct moving *moving, struct letter_rows *rows) {
	const struct move_order *order = moving->order;
	int err = list_letters_count(
		moving->letters, rows, order->filter, &moving->counts, name_left, moving
	);

	if (err == 0)
		err = say_counts(moving, rows);
	if (err == 0 && rows != NULL && letter_rows_unknown(rows) != NULL)
		fprintf(stderr,
			"purgefleet: what comes back is unknown: %s\n",
			letter_rows_unknown(rows));
	if (err < 0 || order->dryrun || moving->counts.all.letters == 0)
		return err;
	if (!order->yes && moving->counts.all.letters > MOVE_LETTERS_UNASKED_MAX)
		return ask(moving);
	if (!order->yes && !order->puts_back && is_for_good(moving, rows))
		return ask_for_good();
	return move_all(moving);
}

int move_letters(
	struct letters *letters, struct letter_rows *rows, const struct move_order *order
) {
	struct moving *moving = calloc(1, sizeof(*moving));
	int err;

	if (moving == NULL)
		return front_fail(-ENOMEM, "out of memory");
	moving->letters = letters;
	moving->order = order;
	buf_init(&moving->text, 0);
	err = obey(moving, rows);
	letter_batch_clear(&moving->batch);
	letter_counts_fini(&moving->counts);
	letter_index_free(moving->counted);
	buf_fini(&moving->text);
	free(moving);
	return err;
}
