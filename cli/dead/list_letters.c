// SPDX-License-Identifier: MPL-2.0
// list_letters: says which letters there are, and shows them whole.
#include "cli/dead/list_letters.h"

#include "cli/dead/letter_batch.h"
#include "cli/dead/letter_out.h"
#include "cli/dead/show_letters.h"
#include "cli/front/front.h"
#include "cli/show/decode_line.h"
#include "common/base/buf.h"
#include "common/base/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

// --- counting

struct counting {
	const struct letters *letters;
	struct letter_rows *rows;
	struct letter_counts *counts;
	struct letter_batch batch;
	list_letters_each *each;
	void *ctx;
};

static int count_batch(struct counting *counting) {
	struct letter_batch *batch = &counting->batch;
	int err = counting->rows == NULL ? 0 : letter_rows_look(counting->rows, batch);

	for (size_t i = 0; i < batch->count && err == 0; i++) {
		err = letter_counts_add(counting->counts, &batch->letters[i]);
		if (err < 0)
			letters_fail(&counting->letters->setup, err, "out of memory");
		else if (counting->each != NULL)
			err = counting->each(counting->ctx, &batch->letters[i]);
	}
	letter_batch_clear(batch);
	return err;
}

static int collect(void *ctx, struct letter *letter, const rd_kafka_message_t *message) {
	struct counting *counting = ctx;

	(void)message;
	letter_batch_add(&counting->batch, letter);
	return letter_batch_is_full(&counting->batch) ? count_batch(counting) : 0;
}

int list_letters_count(
	const struct letters *letters,
	struct letter_rows *rows,
	const struct letter_filter *filter,
	struct letter_counts *out,
	list_letters_each *each,
	void *ctx
) {
	struct counting *counting = calloc(1, sizeof(*counting));
	int err;

	if (counting == NULL)
		return letters_fail(&letters->setup, -ENOMEM, "out of memory");
	counting->letters = letters;
	counting->rows = rows;
	counting->counts = out;
	counting->each = each;
	counting->ctx = ctx;
	err = letters_visit(letters, filter, collect, counting);
	if (err == 0)
		err = count_batch(counting);
	letter_batch_clear(&counting->batch);
	free(counting);
	return err;
}

// --- list

struct listing {
	const struct list_order *order;
	struct buf text;
	int64_t now_ms;
};

static int print_line(void *ctx, const struct letter *letter) {
	struct listing *listing = ctx;

	if (listing->order->json)
		show_letter_json(&listing->text, letter, listing->now_ms);
	else if (listing->order->each)
		show_letter_line(&listing->text, letter, listing->now_ms);
	return letter_out_write(&listing->text);
}

static int print_summary(
	struct listing *listing,
	const struct letters *letters,
	const struct letter_rows *rows,
	const struct letter_counts *counts
) {
	const struct letter_summary summary = {
		.topic = letters->topic,
		.counts = counts,
		.rows_known = letter_rows_unknown(rows) == NULL,
		.by_node = listing->order->by_node,
		.now_ms = listing->now_ms,
	};

	if (listing->order->json)
		show_letter_summary_json(&listing->text, &summary);
	else
		show_letter_summary(&listing->text, &summary);
	return letter_out_write(&listing->text);
}

int list_letters(
	const struct letters *letters, struct letter_rows *rows, const struct list_order *order
) {
	struct listing listing = {.order = order, .now_ms = clock_wall_ms()};
	struct letter_counts counts = {.nodes = NULL};
	int err;

	buf_init(&listing.text, 0);
	err = list_letters_count(letters, rows, order->filter, &counts, print_line, &listing);
	if (err == 0)
		err = print_summary(&listing, letters, rows, &counts);
	if (err == 0 && letter_rows_unknown(rows) != NULL)
		fprintf(stderr,
			"purgefleet: which letters are open and which are solved is unknown: %s\n",
			letter_rows_unknown(rows));
	if (err == 0 && letter_rows_is_lost(rows))
		err = -EIO;
	letter_counts_fini(&counts);
	buf_fini(&listing.text);
	return err;
}

// --- show

static int print_whole(void *ctx, struct letter *letter, const rd_kafka_message_t *message) {
	struct listing *listing = ctx;

	if (listing->order->json) {
		decode_line_message(&listing->text, message);
		buf_str(&listing->text, "\n");
	} else {
		show_letter_whole(&listing->text, letter, message, listing->now_ms);
	}
	return letter_out_write(&listing->text);
}

int list_letters_whole(const struct letters *letters, const struct list_order *order) {
	struct listing listing = {.order = order, .now_ms = clock_wall_ms()};
	int err;

	buf_init(&listing.text, 0);
	err = letters_visit(letters, order->filter, print_whole, &listing);
	buf_fini(&listing.text);
	return err;
}
