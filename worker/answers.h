// SPDX-License-Identifier: MPL-2.0
// answers: what a task does when it is the turn of its call, or when the answer has come.
// Thread: loop. Owner: the worker.
#pragma once

#include "worker/calls/calls.h"
#include "worker/flow.h"

struct answers { // all outlive it
	struct flow *flow;
};

// For calls_setup.
struct calls_hooks answers_hooks(struct answers *answers);
