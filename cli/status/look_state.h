// SPDX-License-Identifier: MPL-2.0
// look_state: what the state topic says of a fleet. Blocks. Thread: the owner's.
#pragma once

#include "cli/status/view.h"

#include <stdint.h>

struct kafka_options;
struct log;

// Zeroed before; what cannot be read within timeout_ms is unknown in it. 0, -ENOMEM. Owner: the
// caller.
int look_state_ask(
	const struct kafka_options *kafka,
	const char *target,
	struct log *log,
	int64_t timeout_ms,
	struct view_state *out
);
