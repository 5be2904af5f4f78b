// SPDX-License-Identifier: MPL-2.0
// rounds: how many rounds a loop makes in a time.
#include "cli/admin/rounds.h"

int64_t rounds_rest_ms(struct rounds *rounds, int64_t now_ms) {
	int64_t left_ms = rounds->since_ms + ROUNDS_MS - now_ms;

	if (left_ms <= 0) {
		*rounds = (struct rounds){.made = 1, .since_ms = now_ms};
		return 0;
	}
	if (++rounds->made < ROUNDS_MOST)
		return 0;
	*rounds = (struct rounds){.since_ms = now_ms + left_ms};
	return left_ms;
}
