// SPDX-License-Identifier: MPL-2.0
// look_brokers: asks the brokers how far the group is in each topic, and who is in it. Blocks.
// Thread: the owner's.
#pragma once

#include "cli/status/view.h"

#include <stdint.h>

struct kafka_options;
struct log;
struct look_brokers; // opaque

// Connects to nothing yet. All outlive it, and it outlives the process. 0; -EINVAL with words in
// `error`; -ENOMEM.
int look_brokers_open(
	struct look_brokers **out,
	const struct kafka_options *kafka,
	const char *target,
	struct log *log,
	char *error,
	size_t error_bytes
);

// Zeroed before; what does not answer within timeout_ms is unknown in it. 0, -ENOMEM. Owner: the
// caller.
int look_brokers_ask(struct look_brokers *look, int64_t timeout_ms, struct view_lags *out);
