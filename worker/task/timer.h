// SPDX-License-Identifier: MPL-2.0
// timer: when a task, or one of its calls, goes on. Thread: loop. Owner: what it is a part of.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct timer {
	int64_t due_ms; // monotonic
	uint32_t index; // in the heap
	bool is_set; // it is in the heap
	// False: the task as a whole waits.
	bool is_of_call;
};
