// SPDX-License-Identifier: MPL-2.0
// worker_state: the worker's inside, shared by the files that move tasks.
//
// worker.c       takes candidates in, runs the loop's step
// steps.c        moves a task to its next state; checks, removes and defers in batches
// pace.c         records a second over all nodes
// dispatch.c     lanes to nodes, answers back
// turn.c         tells when a node is not used any more, or again
// ticket.c       who may purge one of the --max-records rows
// fate.c         the end of a task
// failed_rows.c  rows that stay though their task is done
// quiet.c        a pause that the operator wants
// sweep.c        takes out those that must leave
// wait.c         those that try again later
// Thread: loop.
#pragma once

#include "common/base/quota.h"
#include "worker/batch/batch_pool.h"
#include "worker/batch/batcher.h"
#include "worker/calls/lanes.h"
#include "worker/park/budget.h"
#include "worker/park/waiters.h"
#include "worker/worker.h"

struct worker {
	struct worker_setup setup;
	const struct worker_options *options;
	const struct target *target;
	struct http *http;
	struct batch_pool *pool;
	struct lanes *lanes;
	unsigned short random[3]; // of erand48(3)
	// Which lane is first, so that none is always first.
	size_t lane_rotation;
	struct batcher check;
	struct batcher remove;
	struct batcher defer;
	struct waiters waiters;
	// TASK_WAIT: want to remove a counted row and found no ticket free.
	struct task_list ticketless;
	// TASK_WAIT: rows that need no request and wait for max_rate.
	struct task_list paced;
	// TASK_WAIT: rows that need no request and wait for the end of a pause.
	struct task_list resting;
	struct rate rate; // of max_rate
	struct budget budget;
	struct tally tally;
	struct plan *plan;
	int64_t now_ms; // of this step, monotonic
	size_t in_work; // tasks
	struct quota failures_named;
	// Of these, without those that only are still to be deferred.
	int64_t rows_in_work;
	// In this step, maybe after those who want it had their turn.
	bool ticket_came_free;
	// In this pass: the batch threads were asked to connect.
	bool has_mustered;
	// And have not all answered: no request is sent yet.
	bool awaits_muster;
	// Of --max-records: who has no ticket now leaves.
	bool limit_reached;
	bool is_quiet;
	int64_t quiet_ms; // since when
	bool quitting;
	const struct lane_entry *first_stopped_lane; // in this pass
	char fatal[512];
};

// --- worker.c
// What is not with a node stays as it is.
bool worker_is_stopping(const struct worker *worker);
void worker_fail(struct worker *worker, const char *message); // the pass cannot go on
void worker_report(struct worker *worker, const struct event *event); // to the target's metrics

// --- steps.c
void steps_start(struct worker *worker, struct task *task); // TASK_NEW onwards
// Judged fit to go on: next request, or remove.
void steps_advance(struct worker *worker, struct task *task);
void steps_recheck(struct worker *worker, struct task *task); // judge it again
void steps_go_on(struct worker *worker, struct task *task); // its waiting is over
void steps_resume(struct worker *worker); // those whose waiting is over
void steps_submit(struct worker *worker); // batches that are worth it
void steps_take_done(struct worker *worker); // batches that came back
// When its judgement is too old to send a request on; 0: never.
int64_t steps_fresh_until_ms(const struct worker *worker, const struct task *task);
// Is its judgement still good?
bool steps_is_fresh(const struct worker *worker, const struct task *task);
int64_t steps_wake_ms(const struct worker *worker);

// --- dispatch.c
void dispatch_lanes(struct worker *worker); // sends what may be sent
enum reason dispatch_why_given_up(const struct lane_entry *entry); // those who wait in its lane
// ctx is the worker, tag the task.
void dispatch_answer(void *ctx, void *tag, const struct http_answer *answer);
int64_t dispatch_wake_ms(const struct worker *worker);

// --- turn.c
// Tells what the answer meant for the node of the task, whose message has the answer's words.
void turn_tell(
	const struct worker *worker,
	const struct task *task,
	const struct http_answer *answer,
	enum lane_turn turn
);
// 0 too when it did not tell its time.
int64_t turn_our_clock_ahead_s(const struct http_answer *answer);

// --- fate.c
void fate_done(struct worker *worker, struct task *task);
void fate_left(struct worker *worker, struct task *task, enum reason reason);
void fate_failed(struct worker *worker, struct task *task, enum reason reason);
void fate_postponed(struct worker *worker, struct task *task, enum reason reason);
void fate_abandoned(struct worker *worker, struct task *task); // its lease was revoked
void fate_deferred(struct worker *worker, struct task *task); // came back from the defer batch

// --- ticket.c Takes a ticket for each of its rows unless it has them or needs none. false: not so
// many are free now.
bool ticket_take(struct worker *worker, struct task *task);
// Its tickets, if it has some: one for each row that is gone or may be is used up, the others are
// free again.
void ticket_return(struct worker *worker, struct task *task);
// Ends the pass once all are used up.
void ticket_check_limit(struct worker *worker);

// --- pace.c
enum { PACE_LEAST_MS = 2000 };
bool pace_allows(const struct worker *worker); // may one more record go?
void pace_take(struct worker *worker, int64_t records);
// May rows that need no request go to the batch? Else the task waits until they may.
bool pace_admits(struct worker *worker, struct task *task);
void pace_resume(struct worker *worker); // those whose turn has come
// Does all in work wait for a rate, and for nothing else?
bool pace_holds_all(const struct worker *worker);
// When one more may go; the step's time: now.
int64_t pace_wake_ms(const struct worker *worker);
// How many may be in work at these rates.
size_t pace_window(const struct worker *worker);

// --- quiet.c
// Nothing new may begin; a stop goes before it.
bool quiet_is_on(const struct worker *worker);
// Is the task kept from being removed, because nothing was begun for it? Then it waits for the end
// of the pause.
bool quiet_holds(struct worker *worker, struct task *task);

// --- failed_rows.c
// Of a task that is done: its rows that could not be removed.
void failed_rows_report(struct worker *worker, struct task *task);

// --- wait.c: tries again later if that is allowed, else fails.
// A request did not reach its goal; hold_ms: what its node asked to wait.
void wait_after_request(
	struct worker *worker, struct task *task, enum reason reason, int64_t hold_ms
);
// Its request was too late when the connection was there. It is judged again at once: that is no
// attempt, but has an end too.
void wait_not_sent(struct worker *worker, struct task *task);
void wait_after_batch(struct worker *worker, struct task *task, enum reason reason);
