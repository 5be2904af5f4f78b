// SPDX-License-Identifier: MPL-2.0
// schedule: when the next pass starts. Never two at once; requests during a pass become one
// follow-up. Pure.
// Thread: loop.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct schedule_options {
	// 0: the next one is asked for.
	int64_t interval_ms;
	// Share of the interval, to either side.
	double jitter;
	// The first pass is due at once; else after the interval.
	bool at_start;
};

struct schedule {
	struct schedule_options options;
	// When the next pass is due; INT64_MAX while one runs, and when none is before one is asked
	// for.
	int64_t next_ms;
	bool running;
	bool requested; // one more, as soon as possible
};

void schedule_init(
	struct schedule *schedule, const struct schedule_options *options, int64_t now_ms
);
bool schedule_is_due(const struct schedule *schedule, int64_t now_ms);
// INT64_MAX: not before something ends, or is asked for.
int64_t schedule_due_ms(const struct schedule *schedule);
// The same as a time from now; -1 instead of INT64_MAX.
int64_t schedule_wait_ms(const struct schedule *schedule, int64_t now_ms);
void schedule_began(struct schedule *schedule);
// The next one is due after the interval, more or less by the jitter; random is uniform in [0, 1).
void schedule_ended(struct schedule *schedule, int64_t now_ms, double random);
// It failed: the next one is due within_ms from now, unless earlier anyway. After schedule_ended.
void schedule_again(struct schedule *schedule, int64_t now_ms, int64_t within_ms);
// It could not begin: it is due again in wait_ms, however short the interval is. Instead of
// schedule_ended.
void schedule_put_off(struct schedule *schedule, int64_t now_ms, int64_t wait_ms);
void schedule_request(struct schedule *schedule); // scan now
