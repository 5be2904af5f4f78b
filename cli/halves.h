// SPDX-License-Identifier: MPL-2.0
// halves: producer and worker of one process, joined by the queue in memory. Thread: loop.
#pragma once

#include "cli/options/run_options.h"
#include "cli/run_lock.h"

struct audit;
struct front;
struct queue_memory;

struct halves { // zero it before use
	struct run_lock lock;
	struct producer_options producer_options;
	struct worker_options worker_options;
	struct queue_memory *queue;
	// Set before halves_open, closed with it; NULL: none.
	struct audit *audit;
	struct producer *producer;
	struct worker *worker;
};

// The halves stay where they are until halves_close; front and options outlive them. 0 or a
// negative errno; close then, too.
int halves_open(
	struct halves *halves, const struct front *front, const struct run_options *options
);
// What is in work comes to its end, the rest is dropped.
void halves_stop(struct halves *halves);
void halves_close(struct halves *halves);
