// SPDX-License-Identifier: MPL-2.0
// quiet: while the operator wants a pause nothing new begins; what has begun is brought to its end.
// Thread: loop. Owner: the worker.
#pragma once

#include "worker/flow.h"

#include <stdbool.h>
#include <stdint.h>

// Zeroed but for the flow, which outlives it.
struct quiet {
	struct flow *flow;
	int64_t since_ms;
};

void quiet_set(struct quiet *quiet, bool paused);
// Is it paused, and nothing that had begun is left?
bool quiet_is_still(const struct quiet *quiet);
