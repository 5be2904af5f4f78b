// SPDX-License-Identifier: MPL-2.0
// letter_counts: how many letters there are, by reason, by node and by what became of their rows.
// Pure. Thread: the owner's.
#pragma once

#include "cli/dead/letter.h"
#include "cli/dead/letter_reason.h"

#include <stddef.h>
#include <stdint.h>

struct letter_count {
	int64_t letters;
	int64_t states[LETTER_STATES];
};

struct letter_node {
	char *name; // "": none, or not known
	struct letter_count count;
};

struct letter_counts { // zeroed: none
	struct letter_count all;
	struct letter_count reasons[LETTER_REASONS];
	struct letter_node *nodes; // by name
	size_t node_count;
	int64_t gone, changed; // of those that are solved
	// What is truncated is one of these, or not.
	int64_t undecodable;
	int64_t truncated;
	int64_t replays;
	int64_t returnable; // can be put back
	// When the oldest was written; 0: not known.
	int64_t oldest_ms;
};

int letter_counts_add(struct letter_counts *counts, const struct letter *letter); // 0 or -ENOMEM
void letter_counts_fini(struct letter_counts *counts);
