// SPDX-License-Identifier: MPL-2.0
// call: one request of a task: where it goes, how often it was tried, and where it is now. What is
// said of it stays until its slot is used again.
// Thread: loop. Owner: its task.
#pragma once

#include "common/verdict.h"
#include "worker/task/timer.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

struct lane_entry;
struct task;

enum call_place {
	CALL_FREE, // no call
	CALL_IDLE, // planned: its task decides
	CALL_QUEUED, // in its lane's queue
	CALL_OUT, // on its way to the node
	CALL_WAITING, // for its time, to try again
};

struct call {
	struct task *task;
	struct lane_entry *lane;
	int64_t id; // the target's name of it
	TAILQ_ENTRY(call) link; // in its lane's list
	// CALL_WAITING, and before it may not be sent, wherever it is; 0: at once.
	struct timer timer;
	// Since when it waits for its lane; 0: it never did.
	int64_t queued_ms;
	// When it was sent first; 0: never.
	int64_t first_ms;
	int attempts;
	int status; // of the last answer; 0: none
	// Why the last attempt did not reach its goal.
	enum reason last_reason;
	enum call_place place; // set by task_place_call only
	// Its last answer was 401 or 403 and it gets one fresh signature.
	bool denied_once;
	// Taken out of its lane's turn because its task is judged again; counted in the lane.
	bool left_lane;
	// Which of its lane's two lists it is in.
	bool is_ready;
};

TAILQ_HEAD(call_list, call);
