// SPDX-License-Identifier: MPL-2.0
// park: where tasks wait for something that is no node and no batch. Thread: loop. Owner: the
// worker.
#pragma once

#include "worker/park/timers.h"
#include "worker/task/task.h"

#include <stdint.h>

enum park_place {
	// To remove a counted row; no ticket was free.
	PARK_TICKET,
	// Rows that need no request: for --max-rate.
	PARK_RATE,
	// Rows that need no request: for the end of a pause.
	PARK_REST,
	PARK_PLACES
};

struct park { // see park_init
	struct timers timers;
	// Tasks in TASK_REMOVE that have begun, until their remove is called again.
	struct timers begun;
	struct task_list lists[PARK_PLACES];
};

void park_init(struct park *park);
void park_fini(struct park *park); // does not free the tasks
// The task moves to TASK_WAIT, unless it is in it.
void park_add(struct park *park, struct task *task, enum park_place place);
struct task *park_first(const struct park *park, enum park_place place); // NULL: none
void park_remove(struct park *park, struct task *task, enum park_place place);
