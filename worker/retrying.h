// SPDX-License-Identifier: MPL-2.0
// retrying: a task tries again after a while, when that is allowed; else it ends. Thread: loop.
#pragma once

#include "worker/ending.h"
#include "worker/park/park.h"
#include "worker/park/retry.h"
#include "worker/task/shift.h"
#include "worker/task/task.h"

#include <stdbool.h>
#include <stdint.h>

struct retrying { // all outlive it
	struct shift *shift;
	struct ending *ending;
	struct park *park;
	const struct retry_limits *limits;
};

// The call did not reach its goal; hold_ms: what its node asked to wait. False: it may not be tried
// again.
bool retrying_call(const struct retrying *retrying, struct call *call, int64_t hold_ms);
// The task goes on later, or ends.
void retrying_after_batch(const struct retrying *retrying, struct task *task, enum reason reason);
