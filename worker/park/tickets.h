// SPDX-License-Identifier: MPL-2.0
// tickets: who may purge one of the --max-records rows. They are taken before anything is sent and
// given back when the rows fail, so that exactly so many are purged. Thread: loop.
// Owner: the worker.
#pragma once

#include "worker/task/task.h"

#include <stdbool.h>
#include <stdint.h>

struct tickets { // zeroed but for the limit
	int64_t limit; // 0: none
	int64_t taken; // held by tasks
	int64_t spent; // purged
	// In this step, maybe after those who want one had their turn.
	bool came_free;
	// All are used up: who has none now leaves.
	bool is_over;
};

// Takes a ticket for each of its rows unless it has them or needs none. False: not so many are free
// now.
bool tickets_take(struct tickets *tickets, struct task *task);
// Its tickets, if it has some: one for each row that is gone or may be is used up, the others are
// free again.
void tickets_return(struct tickets *tickets, struct task *task);
// Looks whether nothing more can be purged. True once: when that is so.
bool tickets_ran_out(struct tickets *tickets);
