// SPDX-License-Identifier: MPL-2.0
// again: when a pass is tried again that failed.
#include "producer/again.h"

// The most: so that what lasts is told once a minute.
enum { FIRST_MS = 10 * 1000, MOST_MS = 60 * 1000 };

static int64_t next_ms(int64_t last_ms) {
	if (last_ms == 0)
		return FIRST_MS;
	return 2 * last_ms < MOST_MS ? 2 * last_ms : MOST_MS;
}

void again_plan(struct again *again, struct schedule *schedule, bool failed, int64_t now_ms) {
	again->last_ms = failed ? next_ms(again->last_ms) : 0;
	if (failed)
		schedule_again(schedule, now_ms, again->last_ms);
}
