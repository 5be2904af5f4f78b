// SPDX-License-Identifier: MPL-2.0
// timer: when a task, or one of its calls, goes on. Thread: loop. Owner: what it is a part of.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call;
struct task;

struct timer {
	int64_t due_ms; // monotonic
	bool is_set; // it is in the heap
	size_t index; // there
	struct task *task;
	// NULL: the task as a whole waits.
	struct call *call;
};
