// SPDX-License-Identifier: MPL-2.0
// shift: what all parts of a worker share in a pass: the target that it works on, the time of the
// step, the numbers, and whether it stops or rests. Thread: loop. Owner: the worker.
#pragma once

#include "common/target/target.h"
#include "worker/task/tally.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log;
struct metrics;
struct task;

struct shift {
	const struct target *target;
	const void *config;
	struct log *log;
	struct metrics *metrics;
	unsigned short random[3]; // of erand48(3)
	// How long a judgement holds; negative: for ever, nobody judges.
	int64_t check_ttl_ms;
	// On the monotonic clock: what was judged then or earlier does not hold any more.
	int64_t judged_anew_ms;

	int64_t now_ms; // of this step, monotonic
	struct tally tally;
	struct tally before; // of the passes before this one
	size_t in_work; // tasks
	// Of these, without those that only are still to be deferred.
	int64_t rows_in_work;
	bool quitting;
	bool is_paused; // by the operator
	// Why the pass cannot go on; "": it can.
	char fatal[512];
};

// What is not with a node stays as it is.
bool shift_is_stopping(const struct shift *shift);
// Nothing new may begin; a stop goes before it.
bool shift_is_quiet(const struct shift *shift);
// When the task's judgement is too old, on the monotonic clock; 0: never.
int64_t shift_fresh_until_ms(const struct shift *shift, const struct task *task);
bool shift_is_fresh(const struct shift *shift, const struct task *task);
// Was it judged by what is not true any more?
bool shift_is_outdated(const struct shift *shift, const struct task *task);
// The pass cannot go on. The first reason counts.
void shift_fail(struct shift *shift, const char *why);
void shift_report(const struct shift *shift, const struct event *event); // to the target's metrics
