// SPDX-License-Identifier: MPL-2.0
// letter_census: how many dead letters there are, why, and how many of them are solved.
#include "cli/dead/letter_census.h"

#include "cli/dead/letter_filter.h"
#include "cli/dead/letter_rows.h"
#include "cli/dead/letters.h"
#include "cli/dead/list_letters.h"
#include "cli/front/front.h"

#include <stdio.h>

enum { REST = 20 };

// Of none, none is open.
static void sum_up(struct letter_census *out, const struct letter_rows *rows) {
	const struct letter_count *all = &out->counts.all;
	const char *why = all->letters > 0 ? letter_rows_unknown(rows) : NULL;

	out->open = why == NULL ? all->states[LETTER_OPEN] : -1;
	out->solved = why == NULL ? all->states[LETTER_SOLVED] : -1;
	out->unknown = why == NULL ? all->states[LETTER_IN_DOUBT] : all->letters;
	if (why != NULL)
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
		sum_up(out, rows);
	letter_rows_close(rows);
	letters_close(&letters);
	return err;
}

int64_t letter_census_rest_ms(int64_t took_ms, int64_t every_ms) {
	return took_ms * REST > every_ms ? took_ms * REST : every_ms;
}

void letter_census_fini(struct letter_census *census) {
	letter_counts_fini(&census->counts);
}
