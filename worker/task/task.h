// SPDX-License-Identifier: MPL-2.0
// task: one candidate in work, and the only state machine of the program.
//
// A state says where the task is; flow.c draws the ways from one to the other. In TASK_REQUEST its
// calls are somewhere: see call.h. Thread: loop; a batch thread only ever sees its work and result.
// Owner: the worker, from task_new to task_free.
#pragma once

#include "common/target/target.h"
#include "common/target/work.h"
#include "worker/task/call.h"
#include "worker/task/timer.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

enum task_state {
	TASK_NEW, // in no list
	// In the check batcher, or in a batch.
	TASK_CHECK,
	TASK_REQUEST, // its calls say where
	// In the remove batcher, or in a batch.
	TASK_REMOVE,
	TASK_WAIT, // parked
	// In the defer batcher, or in a batch.
	TASK_LEAVING,
	// In no list, about to be freed.
	TASK_DONE,
	TASK_STATES
};

// What becomes of a task whose calls are taken back, once none of them is out any more.
enum task_intent { TASK_GOES_ON, TASK_IS_CHECKED, TASK_ENDS };

// As what it ends, once none of its calls is out.
struct task_end {
	enum verdict verdict;
	enum reason reason;
	// While it leaves: what was said before; owned, or NULL.
	char *words;
};

struct task {
	struct work work;
	// What was last said about it: by a batch, an answer, or the engine. What comes after the
	// reason for TASK_ENDS is not noted.
	struct work_result result;
	struct candidate *candidate;
	enum task_state state;
	enum task_intent intent;
	struct task_end end; // of TASK_ENDS, and of TASK_LEAVING
	// In the list that the state says; the timers need none.
	TAILQ_ENTRY(task) link;
	LIST_ENTRY(task) entry; // in the roll
	int64_t taken_ms; // when it was taken in
	struct timer timer; // TASK_WAIT: when to go on
	// When its first batch of this step did not work; 0: none yet.
	int64_t trouble_ms;
	// When a batch of this step first left it untried; 0: none yet.
	int64_t untried_ms;
	int64_t requests_done; // that reached their goal
	// That had its turn or its answer last; NULL: none did.
	struct call *latest;
	// Batches of this step that did not work.
	int troubles;
	bool is_leaving; // while it is swept
	// Its remove wants to be called again: nobody takes it out of TASK_REMOVE before.
	bool has_begun;
	bool is_paced; // its rows were counted against max_rate
	// Holds one for each of its rows.
	bool has_ticket;
	uint32_t calls_out; // with their nodes
	uint32_t call_max;
	// Slots, in the same memory. Who looks for one after the other finds the next one there.
	struct call *calls;
	uint32_t call_hint;
};

struct target_remover;

TAILQ_HEAD(task_list, task);
// All tasks of a worker, wherever they are. Zeroed: none.
LIST_HEAD(task_roll, task);

// call_max: calls that it may have open. Owner of candidate stays the queue. NULL: out of memory.
struct task *task_new(struct task_roll *roll, struct candidate *candidate, size_t call_max);
void task_free(struct task *task); // the state must have been unloaded
// Frees all that are left, wherever they are; their candidates stay with the queue.
void task_roll_clear(
	struct task_roll *roll, const struct target_remover *remover, const void *config
);
struct task *task_of(struct work *work); // whose it is

// The only writer of task->state. A move that the table does not know is a bug and aborts.
void task_move(struct task *task, enum task_state next);
// Its request could be sent, so batches that did not work before count no more.
void task_forget_troubles(struct task *task);
struct call *task_call_of_timer(struct timer *timer); // NULL: it is a task's
struct task *task_of_timer(struct timer *timer); // whose it is, or whose call's
// The only writer of call->place.
void task_place_call(struct call *call, enum call_place place);
// The slot of the call with this id; a new one has no attempts. NULL: all are in use.
struct call *task_find_call(struct task *task, int64_t id);
// The call reached its goal: its slot is free.
void task_end_call(struct call *call);
// Was its lease revoked? Then it may only be abandoned.
bool task_is_revoked(const struct task *task);
// Has it been in work for so long that it holds up others, by its lease? Then it leaves when it
// can.
bool task_holds_up(const struct task *task);
bool task_may_move(enum task_state from, enum task_state to);
const char *task_state_name(enum task_state state);
