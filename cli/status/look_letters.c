// SPDX-License-Identifier: MPL-2.0
// look_letters: how many dead letters there are, and why.
#include "cli/status/look_letters.h"

#include "cli/dead/letter_counts.h"
#include "cli/dead/letter_filter.h"
#include "cli/dead/letter_rows.h"
#include "cli/dead/letters.h"
#include "cli/dead/list_letters.h"
#include "cli/front/front.h"

#include <errno.h>
#include <stdio.h>

static void take(
	struct view_letters *out, const struct letter_counts *counts, const char *rows_unknown
) {
	// Of none, none is open.
	if (counts->all.letters == 0)
		rows_unknown = NULL;
	out->source = (struct view_source){.is_known = true};
	out->letters = counts->all.letters;
	out->open = rows_unknown == NULL ? counts->all.states[LETTER_OPEN] : VIEW_UNKNOWN;
	out->solved = rows_unknown == NULL ? counts->all.states[LETTER_SOLVED] : VIEW_UNKNOWN;
	out->oldest_ms = counts->oldest_ms > 0 ? counts->oldest_ms : VIEW_UNKNOWN;
	for (int i = 0; i < LETTER_REASONS; i++)
		out->reasons[i] = counts->reasons[i].letters;
	if (rows_unknown != NULL)
		snprintf(out->source.why, sizeof(out->source.why), "%s", rows_unknown);
}

int look_letters_ask(
	const struct front *front, const struct kafka_options *kafka, struct view_letters *out
) {
	const struct letters_setup setup = {
		.kafka = kafka,
		.target = front->target,
		.config = front->config,
		.log = front->log,
	};
	const struct letter_filter all = {.reasons = 0};
	struct letter_counts counts = {.nodes = NULL};
	struct letter_rows *rows = NULL;
	struct letters letters = {.index = NULL};
	int err;

	*out = (struct view_letters){
		.letters = VIEW_UNKNOWN,
		.open = VIEW_UNKNOWN,
		.solved = VIEW_UNKNOWN,
		.oldest_ms = VIEW_UNKNOWN,
	};
	snprintf(
		out->source.why,
		sizeof(out->source.why),
		"they could not be read; standard error says why"
	);
	err = letters_open(&letters, &setup);
	if (err == 0)
		err = letters_fold(&letters);
	if (err == 0)
		err = letter_rows_open(&rows, front, kafka);
	if (err == 0)
		err = list_letters_count(&letters, rows, &all, &counts, NULL, NULL);
	if (err == 0)
		take(out, &counts, letter_rows_unknown(rows));
	letter_counts_fini(&counts);
	letter_rows_close(rows);
	letters_close(&letters);
	return err == -ENOMEM ? err : 0;
}
