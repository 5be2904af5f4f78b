// SPDX-License-Identifier: MPL-2.0
// letter_census: how many dead letters there are, why, and how many of them are solved. Blocks, for
// as long as it takes to read all of them. Thread: the owner's.
#pragma once

#include "cli/dead/letter_counts.h"

#include <stdint.h>

struct front;
struct kafka_options;
struct words;

struct letter_census { // zero it
	struct letter_counts counts;
	int64_t open, solved; // -1: not known
	// Of which nobody can say whether they are solved: all, or those that cannot be read.
	int64_t unknown;
	// Why it is not known what became of the rows; "": it is.
	char rows_unknown[600];
};

// 0; a negative errno with words. letter_census_fini then, too.
int letter_census_take(
	struct letter_census *out,
	const struct front *front,
	const struct kafka_options *kafka,
	const struct words *words
);
// When the next count is to begin after one that took so long: every_ms later, or so late that at
// most a twentieth of the time is spent on it.
int64_t letter_census_rest_ms(int64_t took_ms, int64_t every_ms);
void letter_census_fini(struct letter_census *census);
