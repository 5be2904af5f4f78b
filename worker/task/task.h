// SPDX-License-Identifier: MPL-2.0
// task: one candidate in work, and the only state machine of the program.
//
// NEW → CHECK → REQUEST → REMOVE → DONE, with WAIT (a short local retry) and LEAVING (given up,
// being handed over). A state says in which list the task is; TASK_WAIT: in one of four.
// Thread: loop; a batch thread only ever sees task->work.
// Owner: the worker, from task_new to task_free.
#pragma once

#include "common/target.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

enum task_state {
	TASK_NEW, // in no list
	// In the check batcher, or in a batch.
	TASK_CHECK,
	// In its lane's queue, or on its way to the node.
	TASK_REQUEST,
	// In the remove batcher, or in a batch.
	TASK_REMOVE,
	// In the waiters, or the worker's ticketless, its paced or its resting.
	TASK_WAIT,
	// In the defer batcher, or in a batch.
	TASK_LEAVING,
	// In no list, about to be freed.
	TASK_DONE,
	TASK_STATES
};

struct lane_entry;

struct task {
	// First: a work's address is its task's.
	struct work work;
	enum task_state state;
	struct candidate *candidate;
	struct lane_entry *lane;
	// In the list that the state says; the waiters need none.
	TAILQ_ENTRY(task) link;
	int64_t taken_ms; // when it was taken in
	int64_t due_ms; // TASK_WAIT: when to go on
	// Since when it waits for its lane; 0: it never did.
	int64_t queued_ms;
	// When its first request of this step was sent; 0: none yet.
	int64_t first_ms;
	int attempts; // requests of this step
	int status; // of the last answer; 0: none
	// When its first batch of this step did not work; 0: none yet.
	int64_t trouble_ms;
	// Batches of this step that did not work.
	int troubles;
	// When a batch of this step first left it untried; 0: none yet.
	int64_t untried_ms;
	int64_t requests_done; // that reached their goal
	// Why the last attempt did not reach its goal.
	enum reason last_reason;
	// Its last answer was 401 or 403 and it gets one fresh signature.
	bool denied_once;
	bool is_paced; // its rows were counted against max_rate
	// Holds one for each of its rows.
	bool has_ticket;
	// Judged again out of its lane's turn, counted in lane->rechecking.
	bool left_lane;
	// Which of its lane's two lists it is in.
	bool is_ready;
};

TAILQ_HEAD(task_list, task);

// Owner of candidate stays the queue. NULL: out of memory.
struct task *task_new(struct candidate *candidate);
void task_free(struct task *task); // the state must have been unloaded

// The only writer of task->state. A move that the table does not know is a bug and aborts.
void task_move(struct task *task, enum task_state next);
// Its request could be sent, so batches that did not work before count no more.
void task_forget_troubles(struct task *task);
// The next step has attempts of its own.
void task_begin_step(struct task *task);
// Was its lease revoked? Then it may only be abandoned.
bool task_is_revoked(const struct task *task);
bool task_may_move(enum task_state from, enum task_state to);
const char *task_state_name(enum task_state state);
