// SPDX-License-Identifier: MPL-2.0
// calls: from the lanes to the nodes, and the answers back. Thread: loop. Owner: the worker.
//
// It knows no task's way: when a call has its turn, leaves its lane or is answered, it says so.
#pragma once

#include "common/http/http.h"
#include "worker/calls/judge.h"
#include "worker/calls/lanes.h"
#include "worker/park/pace.h"
#include "worker/park/retry.h"
#include "worker/park/tickets.h"
#include "worker/task/shift.h"
#include "worker/task/task.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct calls; // opaque

// The node's lane knows of it already; the task's message has the answer's words.
typedef void calls_answered(
	void *ctx,
	struct call *call,
	const struct http_answer *answer,
	const struct judgement *judgement
);

struct calls_hooks {
	// Its task is to be judged again; it is in no list.
	void (*recheck)(void *ctx, struct call *call);
	// It leaves its lane, not sent this time, and its task with it: LEFT, FAILED or POSTPONED.
	void (*leave)(void *ctx, struct call *call, enum verdict verdict, enum reason reason);
	// Its request cannot be made; the task's message says why.
	void (*unmakeable)(void *ctx, struct call *call);
	calls_answered *answered;
	void *ctx;
};

// All outlive the calls; what is pointed to may change at any time.
struct calls_setup {
	struct shift *shift;
	struct tickets *tickets;
	struct pace *pace;
	const struct http_options *http;
	const struct lane_limits *lane;
	const struct retry_limits *retry;
	size_t window; // tasks in work at once
	// How long rows of a node that is away wait at most; 0: for the next pass.
	int64_t away_most_ms;
	struct calls_hooks hooks;
};

// 0, -ENOMEM, -EINVAL (an option, as http_open says).
int calls_new(struct calls **out, const struct calls_setup *setup);
// Aborts what is on its way; NULL is fine.
void calls_free(struct calls *calls);
void calls_begin_pass(struct calls *calls); // stops are forgotten

// Queues the call in the lane of this origin. 0 or -ENOMEM.
int calls_add(struct calls *calls, struct call *call, const char *origin, bool was_checked);
// Sends what may be sent. While stopping nothing is sent, but those who wait leave.
void calls_serve(struct calls *calls);
void calls_drain(struct calls *calls); // takes in the answers
int64_t calls_wake_ms(const struct calls *calls);
// Waits until something moves, one of the descriptors is ready, or timeout_ms. As http_poll.
int calls_poll(struct calls *calls, struct pollfd *fds, size_t count, int64_t timeout_ms);
// Judgements of before do not hold: what is not sent yet is judged again instead.
void calls_expire_unsent(struct calls *calls);
void calls_wake(struct calls *calls); // Thread: any

struct lanes *calls_lanes(struct calls *calls);
size_t calls_inflight(const struct calls *calls);
// The first, in this pass; or NULL.
const char *calls_stopped_node(const struct calls *calls);
