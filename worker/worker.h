// SPDX-License-Identifier: MPL-2.0
// worker: takes candidates from a queue and purges them. It makes the parts of a worker and joins
// them; they do not know each other, but for what rooms.txt allows.
//
// Thread: loop, all of it.
#pragma once

#include "common/http/http.h"
#include "common/queue.h"
#include "common/target/target.h"
#include "worker/calls/lane.h"
#include "worker/park/retry.h"
#include "worker/task/tally.h"

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

struct audit;
struct log;
struct metrics;
struct plan;
struct worker; // opaque
struct worker_view;

struct worker_options {
	size_t window; // candidates in work at once
	size_t batch_rows; // most works in a batch
	size_t batch_threads;
	// How long a small batch waits for more.
	int64_t linger_ms;
	int64_t check_ttl_ms; // how long a judgement holds
	// How long a lost database is waited for.
	int64_t reconnect_ms;
	int64_t max_records; // 0: no limit
	// Records a second, over all nodes; 0: no limit; may change at any time.
	double max_rate;
	// Failed rows are named anew in the log after this; 0: never in a pass.
	int64_t failures_renew_ms;
	// How long rows of a node that is away wait at most; 0: for the next pass.
	int64_t away_most_ms;
	bool dryrun;
	bool defer_failed; // --on-failure=defer
	struct http_options http;
	struct lane_limits lane;
	struct retry_limits retry;
};

struct worker_setup {
	const struct target *target;
	const void *config;
	const char *location;
	struct queue_take *queue;
	struct log *log;
	struct metrics *metrics;
	const struct worker_options *options; // must outlive the worker
	// Likewise; NULL: no candidate's end is written down.
	struct audit *audit;
};

// 0, -ENOMEM, -EINVAL (an option of http, as http_open says, or the location), -EAGAIN (no thread).
int worker_new(struct worker **out, const struct worker_setup *setup);
// Aborts the requests that are on their way; batches that are queued are still done. NULL is fine.
void worker_free(struct worker *worker);

// Forgets the numbers, stops and limits of the last pass. Only while idle.
void worker_begin_pass(struct worker *worker);
// Does what can be done now, then waits until something moves, one of `fds` is ready, or
// timeout_ms.
void worker_step(struct worker *worker, struct pollfd *fds, size_t count, int64_t timeout_ms);

// Ends the wait of worker_step. Thread: any.
void worker_wake(struct worker *worker);

size_t worker_in_work(const struct worker *worker);
// Is nothing in work, and known whether the database let it be done? (A dry run does nothing and
// wants to know.)
bool worker_is_done(const struct worker *worker);
// Rows that these tasks stand for and whose fate is open.
int64_t worker_rows_in_work(const struct worker *worker);
// So many nodes are waited for when all that is in work waits for nodes that give no answer now; 0:
// work goes on.
size_t worker_nodes_waited(const struct worker *worker);
// Is all that is in work kept from going on by --max-rate or --node-rate alone?
bool worker_waits_for_rate(const struct worker *worker);
const struct tally *worker_tally(const struct worker *worker);
const struct plan *worker_plan(const struct worker *worker); // of a dry run
// Why the pass cannot go on, or NULL.
const char *worker_fatal(const struct worker *worker);
// The first that refused all that was sent, or NULL.
const char *worker_stopped_node(const struct worker *worker);
// A log line for each node that was given up in this pass.
void worker_tell_postponed(const struct worker *worker);
bool worker_limit_reached(const struct worker *worker); // --max-records
// All of its numbers at once, of all passes.
void worker_look(const struct worker *worker, struct worker_view *out);

// Tasks whose lease was revoked are dropped, and those that wait and hold up others leave. Call it
// when a lease changed. What is with a node or a batch thread follows when it comes back.
void worker_sweep(struct worker *worker);
// While paused it takes nothing in, sends nothing, and removes no row whose request was not sent;
// what has begun is brought to its end.
void worker_pause(struct worker *worker, bool paused);
// Is it paused, and nothing that had begun is left?
bool worker_is_still(const struct worker *worker);
// What may go is another matter now: what was judged so far is judged again before anything else is
// begun for it, but for what waits in a batch to be removed without a request: there the guards of
// the remove itself count.
void worker_judge_anew(struct worker *worker);
// Sends nothing new any more: what is with a node or a batch thread is brought to its end, the rest
// stays as it is.
void worker_quit(struct worker *worker);
