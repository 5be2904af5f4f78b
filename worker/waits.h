// SPDX-License-Identifier: MPL-2.0
// waits: what all that is in work waits for. Thread: loop.
#pragma once

#include "worker/flow.h"

#include <stdbool.h>
#include <stddef.h>

// To how many nodes that give no answer now all requests that are left are to go; 0: something else
// is left.
size_t waits_for_nodes(const struct flow *flow);
// Does all of it wait for a rate?
bool waits_for_rate(const struct flow *flow);
