// SPDX-License-Identifier: MPL-2.0
// letter_census: how many dead letters there are, why, and how many of them are solved. Blocks, for
// as long as it takes to read all of them. Thread: the owner's.
#pragma once

#include "cli/dead/letter_counts.h"

struct front;
struct kafka_options;
struct words;

struct letter_census { // zero it
	struct letter_counts counts;
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
void letter_census_fini(struct letter_census *census);
