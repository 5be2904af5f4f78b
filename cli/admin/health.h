// SPDX-License-Identifier: MPL-2.0
// health: whether a process lives, and whether it is ready for its work. Pure: no clock.
// Thread: any.
#pragma once

#include "cli/admin/numbers.h"

#include <stdbool.h>
#include <stdint.h>

enum { HEALTH_WORDS_BYTES = 512 };

struct health {
	bool is_well;
	// What is so, or all that is not: sentences, one a line, each with its end of line.
	char words[HEALTH_WORDS_BYTES];
};

// Does the loop turn? More than `still_ms` since its last step is no life.
void health_live(const struct numbers *numbers, int64_t still_ms, struct health *out);
// The same, and is it able to do its work, as far as that is known?
void health_ready(
	const struct numbers *numbers, int64_t still_ms, int64_t now_wall_ms, struct health *out
);
