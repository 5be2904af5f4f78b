// SPDX-License-Identifier: MPL-2.0
// retry: whether and when a call, or a batch for a task, may be tried again. Pure. Thread: any.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct retry_limits {
	int attempts; // --attempts
	// Longest delay before the second attempt; doubles with each one.
	int64_t base_ms;
	int64_t ceiling_ms; // longest delay before any
	// No new attempt later than this after the first.
	int64_t time_ms;
	// The same when the node asked to wait.
	int64_t hold_time_ms;
};

// Is it too late for another attempt? first_ms: when the first one started. was_held: the node
// asked to wait.
bool retry_is_over(
	const struct retry_limits *limits, int64_t first_ms, int64_t now_ms, bool was_held
);

// The delay before attempt number `attempts_made` + 1 with full jitter: uniform in [0, min(ceiling,
// base·2^(n-1))]. `random` is uniform in [0, 1).
int64_t retry_delay_ms(const struct retry_limits *limits, int attempts_made, double random);

// When another attempt may start: absolute ms, or -1 when there may be none. `hold_ms`: what the
// node asked to wait, 0 for nothing. `first_ms`: when the first attempt started.
int64_t retry_again(
	const struct retry_limits *limits,
	int attempts_made,
	int64_t first_ms,
	int64_t now_ms,
	int64_t hold_ms,
	double random
);
