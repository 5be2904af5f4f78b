// SPDX-License-Identifier: MPL-2.0
// again: when a pass is tried again that failed: after a time that doubles with each further
// failure, up to a minute. Pure. Thread: loop.
#pragma once

#include "producer/schedule.h"

#include <stdbool.h>
#include <stdint.h>

struct again { // zero it before use
	int64_t last_ms; // 0: nothing has failed
};

// A pass has ended, and schedule_ended was told: one that failed is tried again, unless the next
// one is due earlier.
void again_plan(struct again *again, struct schedule *schedule, bool failed, int64_t now_ms);
