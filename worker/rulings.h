// SPDX-License-Identifier: MPL-2.0
// rulings: what batches that came back say of their tasks, and what comes next by it. Thread: loop.
#pragma once

#include "worker/flow.h"

// Takes the batches that came back; their tasks go on, wait or end.
void rulings_take(struct flow *flow);
