// SPDX-License-Identifier: MPL-2.0
// retry: whether and when a call, or a batch for a task, may be tried again.
#include "worker/park/retry.h"

static int64_t time_ms(const struct retry_limits *limits, bool was_held) {
	return was_held && limits->hold_time_ms > limits->time_ms ? limits->hold_time_ms
								  : limits->time_ms;
}

bool retry_is_over(
	const struct retry_limits *limits, int64_t first_ms, int64_t now_ms, bool was_held
) {
	return now_ms - first_ms > time_ms(limits, was_held);
}

int64_t retry_delay_ms(const struct retry_limits *limits, int attempts_made, double random) {
	int64_t most_ms = limits->base_ms;

	for (int i = 1; i < attempts_made && most_ms < limits->ceiling_ms; i++)
		most_ms *= 2;
	if (most_ms > limits->ceiling_ms)
		most_ms = limits->ceiling_ms;
	return (int64_t)(random * (double)(most_ms + 1));
}

int64_t retry_again(
	const struct retry_limits *limits,
	int attempts_made,
	int64_t first_ms,
	int64_t now_ms,
	int64_t hold_ms,
	double random
) {
	int64_t wait_ms = retry_delay_ms(limits, attempts_made, random);

	if (attempts_made >= limits->attempts)
		return -1;
	if (hold_ms > wait_ms)
		wait_ms = hold_ms;
	if (wait_ms > time_ms(limits, hold_ms > 0) - (now_ms - first_ms))
		return -1;
	return now_ms + wait_ms;
}
