// SPDX-License-Identifier: MPL-2.0
// letter_census: how many dead letters there are, why, and how many of them are solved.
#include "cli/dead/letter_census.h"

#include "cli/dead/letter_filter.h"
#include "cli/dead/letter_rows.h"
#include "cli/dead/letters.h"
#include "cli/dead/list_letters.h"
#include "cli/front/front.h"

#include <stdio.h>

// Of none, none is open.
static void note_unknown(struct letter_census *out, const struct letter_rows *rows) {
	const char *why = letter_rows_unknown(rows);

	if (why != NULL && out->counts.all.letters > 0)
		snprintf(out->rows_unknown, sizeof(out->rows_unknown), "%s", why);
}

int letter_census_take(
	struct letter_census *out,
	const struct front *front,
	const struct kafka_options *kafka,
	const struct words *words
) {
	const struct letters_setup setup = {
		.kafka = kafka,
		.target = front->target,
		.config = front->config,
		.log = front->log,
		.words = words,
	};
	const struct letter_filter all = {.reasons = 0};
	struct letter_rows *rows = NULL;
	struct letters letters = {.index = NULL};
	int err = letters_open(&letters, &setup);

	if (err == 0)
		err = letters_fold(&letters);
	if (err == 0)
		err = letter_rows_open(&rows, front, &setup);
	if (err == 0)
		err = list_letters_count(&letters, rows, &all, &out->counts, NULL, NULL);
	if (err == 0)
		note_unknown(out, rows);
	letter_rows_close(rows);
	letters_close(&letters);
	return err;
}

void letter_census_fini(struct letter_census *census) {
	letter_counts_fini(&census->counts);
}
