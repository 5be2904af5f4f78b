// SPDX-License-Identifier: MPL-2.0
// lanes: the lanes of all nodes, each with its queue of tasks. Thread: loop. Owner: the worker.
#pragma once

#include "worker/calls/lane.h"
#include "worker/task/task.h"

#include <stddef.h>

struct lane_entry {
	struct lane lane;
	// Judged again just now: before the others.
	struct task_list ready;
	struct task_list waiting; // in the order they came
	size_t queued; // in both lists
	size_t ready_count;
	// Taken from the lists to be judged again, will come back to `ready`.
	size_t rechecking;
	// Why the last request that did not reach its goal did not.
	enum reason last_reason;
	// Rows that left in this pass because of the node.
	int64_t postponed;
	// Number of the candidate, in the order of this pass, that came last; 0: none.
	int64_t last_arrival;
	char origin[];
};

// Opaque: its memory grows with the nodes that were ever met, about 300 bytes each.
struct lanes;

struct lanes *lanes_new(const struct lane_limits *limits); // NULL: out of memory
// NULL is fine; the lists must be empty.
void lanes_free(struct lanes *lanes);
// Finds or makes; NULL: out of memory.
struct lane_entry *lanes_get(struct lanes *lanes, const char *origin);
size_t lanes_count(const struct lanes *lanes);
struct lane_entry *lanes_at(const struct lanes *lanes, size_t index);
void lanes_reset(struct lanes *lanes); // a new pass: stops are forgotten

enum lane_place {
	LANE_LAST, // behind all others
	// Before those that wait: it was judged again, or has a request behind it.
	LANE_READY,
	// Before all others: it was its turn already; who holds a ticket before who does not.
	LANE_NEXT,
};

// Puts a task in TASK_REQUEST into the entry's queue.
void lane_entry_queue(struct lane_entry *entry, struct task *task, enum lane_place place);
struct task *lane_entry_first(const struct lane_entry *entry); // next to be sent; NULL: none
void lane_entry_unqueue(struct lane_entry *entry, struct task *task);
// Takes it out to be judged again; lane_entry_rechecked follows.
void lane_entry_recheck(struct lane_entry *entry, struct task *task);
// The task was judged again, or ended before; any other task is fine too.
void lane_entry_rechecked(struct task *task);
