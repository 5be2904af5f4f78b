// SPDX-License-Identifier: MPL-2.0
// muster: the batch threads take their connections before anything is begun that wants one later:
// rows can only go when they have them, and a node that deleted cannot take it back.
// Thread: loop. Owner: the worker.
#pragma once

#include "worker/batch/batch_pool.h"
#include "worker/task/shift.h"

#include <stdbool.h>
#include <stddef.h>

// Zeroed but for the first three, which outlive it.
struct muster {
	struct shift *shift;
	struct batch_pool *pool;
	size_t wanted; // threads
	bool was_called; // in this pass
	// Not all have answered: no request is sent yet.
	bool is_awaited;
};

void muster_begin_pass(struct muster *muster);
// Calls them when there is work, hears their answers, and fails the pass when none has one.
void muster_serve(struct muster *muster);
