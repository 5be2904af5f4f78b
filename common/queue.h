// SPDX-License-Identifier: MPL-2.0
// queue: what lies between scan and worker, as each of them sees it: a side to put in and a side to
// take from.
//
// A kind of queue has the sides that make sense for it: the one in memory has both, what Kafka
// carries has one in each process. A side lives as long as the kind that it belongs to.
#pragma once

#include "common/candidate.h"
#include "common/verdict.h"

#include <stddef.h>

// Rows removed for all candidates since the last restart; -1: this side does not hear of it.
struct settled {
	int64_t removed;
	// Rows of other kinds that went with them.
	int64_t removed_also;
	int64_t removed_bytes; // of storage, where they are counted
};

// What a drain waits for.
enum queue_drain {
	// The pass goes on, and rests on what became of what was put before.
	QUEUE_SETTLED,
	// The pass ends: safe keeping is enough.
	QUEUE_KEPT,
};

struct queue_put;
struct queue_take;

// Thread: scan, but stop and restart: loop.
struct queue_put_ops {
	// Puts a list; owns it from now on, also on error. Waits while the queue is full.
	// -ECANCELED: stopped.
	int (*put)(struct queue_put *side, struct candidate *list);
	// Waits until all that was put has its fate, retries included; with QUEUE_KEPT a side may
	// return as soon as it is in safe keeping. 0, -ECANCELED, or why it will never be.
	int (*drain)(struct queue_put *side, enum queue_drain until, struct settled *settled);
	// Puts and drains end with -ECANCELED until restarted; what was put but not taken may be
	// dropped.
	void (*stop)(struct queue_put *side);
	void (*restart)(struct queue_put *side);
};

// Gives a candidate back with its fate; the queue frees it.
typedef void queue_take_finish(
	struct queue_take *side, struct candidate *candidate, const struct fate *fate
);

// Thread: loop. Never blocks.
struct queue_take_ops {
	// Takes up to `max` into `out`; returns how many. The taker owns them until finish.
	size_t (*take)(struct queue_take *side, struct candidate **out, size_t max);
	// A file descriptor that polls readable when take may give something.
	int (*fd)(const struct queue_take *side);
	queue_take_finish *finish;
	// Asked right before finish: where the record goes with which the candidate ends ("dead",
	// "expired"; "": nowhere). NULL: it does not end, it comes back. optional: all end.
	const char *(*ends
	)(struct queue_take *side, struct candidate *candidate, const struct fate *fate);
	// Nothing more can be taken; what was taken is finished as usual.
	void (*stop)(struct queue_take *side);
};

struct queue_put {
	const struct queue_put_ops *ops;
};

struct queue_take {
	const struct queue_take_ops *ops;
};
