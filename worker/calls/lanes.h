// SPDX-License-Identifier: MPL-2.0
// lanes: the lanes of all nodes, each with its queue of calls. Thread: loop. Owner: the worker.
#pragma once

#include "worker/calls/lane.h"
#include "worker/task/call.h"

#include <stdbool.h>
#include <stddef.h>

struct lane_entry {
	struct lane lane;
	// Judged again just now: before the others.
	struct call_list ready;
	struct call_list waiting; // in the order they came
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

size_t lanes_queued(const struct lanes *lanes); // calls in all queues
size_t lanes_held_by_rate(const struct lanes *lanes, int64_t now_ms); // of them, by --node-rate
// Of the calls that wait or are on their way, how many are to nodes that give no answer now;
// *nodes: to how many nodes.
size_t lanes_waiting_for_nodes(const struct lanes *lanes, size_t *nodes);

struct lanes_crowd {
	int64_t taken; // candidates in this pass
	int64_t lately; // so many of them came lately
	int64_t now_ms;
};
// Has some other node nothing to do, though rows for it kept coming? Then more of them are likely
// behind this window.
bool lanes_another_starves(
	const struct lanes *lanes, const struct lane_entry *entry, const struct lanes_crowd *crowd
);

enum lane_place {
	LANE_LAST, // behind all others
	// Before those that wait: it was judged again, or has a request behind it.
	LANE_READY,
	// Before all others: it was its turn already; who holds a ticket before who does not.
	LANE_NEXT,
};

// Who holds a ticket goes first: behind rows that wait for one it would never be sent, nor they.
enum lane_place lane_place_of(const struct call *call, bool was_checked);
// Puts a call into the entry's queue.
void lane_entry_queue(struct lane_entry *entry, struct call *call, enum lane_place place);
struct call *lane_entry_first(const struct lane_entry *entry); // next to be sent; NULL: none
void lane_entry_unqueue(struct lane_entry *entry, struct call *call);
// Takes it out to be judged again; lanes_task_rechecked follows.
void lane_entry_recheck(struct lane_entry *entry, struct call *call);
// The task was judged again, or ended before; any other task is fine too.
void lanes_task_rechecked(struct task *task);
// Why those who wait in this lane are given up.
enum reason lane_entry_why_given_up(const struct lane_entry *entry);
