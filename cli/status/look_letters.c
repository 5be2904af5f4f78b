// SPDX-License-Identifier: MPL-2.0
// look_letters: how many dead letters there are, and why.
#include "cli/status/look_letters.h"

#include "cli/dead/letter_census.h"
#include "common/base/words.h"

#include <errno.h>
#include <stdio.h>

static void take(struct view_letters *out, const struct letter_census *census) {
	const struct letter_counts *counts = &census->counts;

	out->source.is_known = true;
	snprintf(out->source.why, sizeof(out->source.why), "%s", census->rows_unknown);
	out->letters = counts->all.letters;
	out->open = census->open;
	out->solved = census->solved;
	out->unknown = census->unknown;
	out->oldest_ms = counts->oldest_ms > 0 ? counts->oldest_ms : VIEW_UNKNOWN;
	for (int i = 0; i < LETTER_REASONS; i++)
		out->reasons[i] = counts->reasons[i].letters;
}

int look_letters_ask(
	const struct front *front, const struct kafka_options *kafka, struct view_letters *out
) {
	struct letter_census census = {.rows_unknown = ""};
	struct words words = {.bytes = sizeof(out->source.why)};
	int err;

	*out = (struct view_letters){
		.letters = VIEW_UNKNOWN,
		.open = VIEW_UNKNOWN,
		.solved = VIEW_UNKNOWN,
		.unknown = VIEW_UNKNOWN,
		.oldest_ms = VIEW_UNKNOWN,
	};
	words.text = out->source.why;
	err = letter_census_take(&census, front, kafka, &words);
	if (err == 0)
		take(out, &census);
	letter_census_fini(&census);
	return err == -ENOMEM ? err : 0;
}
