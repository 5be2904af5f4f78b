// SPDX-License-Identifier: MPL-2.0
// sweep: takes out the tasks that must leave: their lease was revoked, they hold up others, or the
// worker stops. Thread: loop.
#pragma once

#include "worker/flow.h"

// Those whose lease was revoked, and those that wait and hold up others. What is with a node or a
// batch thread follows when it comes back.
void sweep_revoked(struct flow *flow);
// While stopping nothing more goes to the nodes, so who has not been sent yet stays as it is.
// Removes go on: their data is gone.
void sweep_unsent(struct flow *flow);
