// SPDX-License-Identifier: MPL-2.0
// retrying: a task tries again after a while, when that is allowed; else it ends. Thread: loop.
#pragma once

#include "worker/ending.h"
#include "worker/park/park.h"
#include "worker/park/retry.h"
#include "worker/task/shift.h"
#include "worker/task/task.h"

#include <stdint.h>

struct retrying { // all outlive it
	struct shift *shift;
	struct ending *ending;
	struct park *park;
	const struct retry_limits *limits;
};

// Its call did not reach its goal; hold_ms: what its node asked to wait.
void retrying_after_request(
	const struct retrying *retrying, struct task *task, enum reason reason, int64_t hold_ms
);
void retrying_after_batch(const struct retrying *retrying, struct task *task, enum reason reason);
