// SPDX-License-Identifier: MPL-2.0
// pace: the limit of records a second over all nodes. Requests look at it when they are sent; rows
// that need none wait for it before their batch and so before its transaction. Thread: loop.
// Owner: the worker.
#pragma once

#include "worker/park/rate.h"
#include "worker/task/task.h"

#include <stdbool.h>
#include <stdint.h>

struct pace { // zeroed but for max_rate
	struct rate rate;
	// Records a second; 0: no limit; may change at any time.
	const double *max_rate;
};

bool pace_allows(const struct pace *pace, int64_t now_ms); // may one more record go?
void pace_take(struct pace *pace, int64_t records, int64_t now_ms);
// The task's rows go to the batch.
void pace_admit(struct pace *pace, struct task *task, int64_t now_ms);
// When one more may go; now_ms: now.
int64_t pace_due_ms(const struct pace *pace, int64_t now_ms);

struct pace_limits {
	double max_rate, node_rate; // a second; 0: no limit
	size_t nodes; // that were met
	int64_t patience_ms;
	size_t window;
};
// How many may be in work at these rates. Pure.
size_t pace_window(const struct pace_limits *limits);
