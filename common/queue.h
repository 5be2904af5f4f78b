// SPDX-License-Identifier: MPL-2.0
// queue: what lies between scan and worker. Two sides, put and take; every kind fills the same slots.
//
// The put side is one thread and may block; the take side is the loop thread and never does.
#pragma once

#include "common/candidate.h"
#include "common/verdict.h"

#include <stdbool.h>
#include <stddef.h>

struct queue;

struct settled {
	int64_t removed; // rows
	int64_t removed_also; // rows of other kinds that went with them
};

struct queue_ops {
	// Puts a list; owns it from now on, also on error. Waits while the queue is full. -ECANCELED: stopped.
	int (*put)(struct queue *queue, struct candidate *list);
	// Waits until all that was put is finished. 0 or -ECANCELED.
	int (*drain)(struct queue *queue);
	// Takes up to `max` into `out`; returns how many. The taker owns them until finish.
	size_t (*take)(struct queue *queue, struct candidate **out, size_t max);
	// A file descriptor that polls readable when take may give something.
	int (*take_fd)(const struct queue *queue);
	// Gives a candidate back with its fate; the queue frees it.
	void (*finish)(struct queue *queue, struct candidate *candidate, enum verdict verdict);
	// Puts and drains end with -ECANCELED until restarted; what was put but not taken is dropped. Thread: loop.
	void (*stop)(struct queue *queue);
	void (*restart)(struct queue *queue);
	void (*free)(struct queue *queue);
	// What was removed for the candidates finished since the last restart. optional: NULL when the put side does not
	// hear of it.
	void (*settled)(struct queue *queue, struct settled *out);
};

struct queue {
	const struct queue_ops *ops;
};

// The kind in memory: at most `capacity` candidates wait in it (a longer list waits for an empty queue).
// NULL: out of memory or file descriptors.
struct queue *queue_memory_new(size_t capacity);
