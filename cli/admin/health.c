// SPDX-License-Identifier: MPL-2.0
// health: whether a process lives, and whether it is ready for its work.
#include "cli/admin/health.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SECOND_MS = 1000 };

static void say(struct health *out, const char *words) {
	size_t len = strlen(out->words);

	snprintf(out->words + len, sizeof(out->words) - len, "%s\n", words);
}

static void object(struct health *out, const char *words) {
	out->is_well = false;
	say(out, words);
}

static void look_at_loop(int64_t idle_ms, int64_t still_ms, struct health *out) {
	char words[80];

	if (idle_ms <= still_ms)
		return;
	snprintf(
		words,
		sizeof(words),
		"the loop has made no step for %" PRId64 " s",
		idle_ms / SECOND_MS
	);
	object(out, words);
}

static void look_at_database(
	const struct numbers *numbers, int64_t now_wall_ms, struct health *out
) {
	int64_t since_ms = numbers->database_ms;
	char words[80];

	if (numbers->database != 0)
		return;
	snprintf(
		words,
		sizeof(words),
		"the database has been away for %" PRId64 " s",
		now_wall_ms > since_ms && since_ms > 0 ? (now_wall_ms - since_ms) / SECOND_MS : 0
	);
	object(out, words);
}

void health_live(const struct numbers *numbers, int64_t still_ms, struct health *out) {
	*out = (struct health){.is_well = true};
	look_at_loop(numbers->idle_ms, still_ms, out);
	if (out->is_well)
		say(out, "alive");
}

void health_ready(
	const struct numbers *numbers, int64_t still_ms, int64_t now_wall_ms, struct health *out
) {
	*out = (struct health){.is_well = true};
	look_at_loop(numbers->idle_ms, still_ms, out);
	if (numbers->parts == 0)
		object(out, "it starts");
	if (numbers->is_stopping == 1)
		object(out, "it comes to its end");
	if (numbers->is_paused == 1)
		object(out, "it rests: the operator wants that nothing new is begun");
	if ((numbers->parts & NUMBERS_SOURCE) != 0 && numbers->source.is_assigned == 0)
		object(out, "the group has given it no partitions yet");
	look_at_database(numbers, now_wall_ms, out);
	if (out->is_well)
		say(out,
		    numbers->publisher.is_standby == 1
			    ? "ready, and standing by: another producer scans already"
			    : "ready");
}
