// SPDX-License-Identifier: MPL-2.0
// rounds: how many rounds a loop makes in a time, so that it takes no processor of its own. Pure.
// Thread: that of the loop.
#pragma once

#include <stdint.h>

enum { ROUNDS_MOST = 100, ROUNDS_MS = 100 };

struct rounds { // zeroed
	int made;
	int64_t since_ms;
};

// One was made. How long to wait before the next one: 0, or, after ROUNDS_MOST of them within
// ROUNDS_MS, until these are over.
int64_t rounds_rest_ms(struct rounds *rounds, int64_t now_ms);
