// SPDX-License-Identifier: MPL-2.0
// schedule: when the next pass starts. Never two at once; requests during a pass become one
// follow-up, which is short when all of them were for a short one. Pure.
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
	// When the next pass is due, a whole one and a short one; INT64_MAX: when it is asked for.
	int64_t whole_ms;
	int64_t short_ms;
	bool running;
	// The pass that runs, or the last one.
	bool is_short;
};

void schedule_init(
	struct schedule *schedule, const struct schedule_options *options, int64_t now_ms
);
bool schedule_is_due(const struct schedule *schedule, int64_t now_ms);
// INT64_MAX: not before something ends, or is asked for.
int64_t schedule_due_ms(const struct schedule *schedule);
// The same as a time from now; -1 instead of INT64_MAX.
int64_t schedule_wait_ms(const struct schedule *schedule, int64_t now_ms);
// Returns whether it is a short pass: only such ones were asked for, and no whole one is due.
bool schedule_began(struct schedule *schedule, int64_t now_ms);
// The next one is due after the interval, more or less by the jitter; random is uniform in [0, 1).
// After a short one the whole one is due when it was before.
void schedule_ended(struct schedule *schedule, int64_t now_ms, double random);
// It failed: the next one of its kind is due within_ms from now, unless earlier anyway. After
// schedule_ended.
void schedule_again(struct schedule *schedule, int64_t now_ms, int64_t within_ms);
// It could not begin: it is due again in wait_ms, however short the interval is. Instead of
// schedule_ended.
void schedule_put_off(struct schedule *schedule, int64_t now_ms, int64_t wait_ms);
// Scan now.
void schedule_request(struct schedule *schedule, bool is_short);
