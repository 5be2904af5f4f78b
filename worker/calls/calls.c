// SPDX-License-Identifier: MPL-2.0
// calls: from the lanes to the nodes, and the answers back.
//
// Design notes
//
//    calls_add ──► queue of its lane ──► its turn ──► libcurl ──► answer ──► hooks.answered
//                       │                 │    │
//                       └► hooks.leave ◄──┤    └──► hooks.unmakeable
//                          hooks.recheck ◄┘
//
// - A call is in its lane's queue, with libcurl, or somewhere that this room does not know.
//   Whoever takes it out of the queue hands it on at once.
// - What may be sent now depends on the lane (lane.c), the rates, --inflight (of which nodes that
//   never worked get half), the tickets of --max-records, how long the call was tried already, and
//   the age of its task's judgement. All of that is asked when it has its turn.
// - Calls leave without a turn when their lane gives up (lane_gives_up), when a full window waits
//   for a slow node, and when the limit is reached or the worker stops.
// - Tasks are judged again ahead of their turn, because a check is a batch and takes its time. A
//   turn that finds an old judgement waits while others of the lane are being judged; when none is,
//   its own task goes to be judged, and the next call has the turn.
// - libcurl has the time by which a request must be sent (send_by_ms). So a name look-up or a
//   connection that takes long does not send on a judgement that is too old.
// - The target hears of an answer first (judge.c), then the lane, then hooks.answered.
// - The lanes take turns at being the first, so that a rate which is shared by all starves none.
#include "worker/calls/calls.h"

#include "common/base/clock.h"
#include "common/http/http_message.h"
#include "common/target/finding.h"
#include "common/target/target_calls.h"
#include "worker/calls/lane.h"
#include "worker/calls/request.h"
#include "worker/calls/turn.h"

#include <errno.h>
#include <stdlib.h>

enum {
	// So many of a lane's calls are judged again ahead of their turn, at least.
	PREFETCH_LEAST = 64,
	CROWD_SHARE = 4, // part of the window
};

struct calls {
	struct calls_setup setup;
	struct shift *shift; // of the setup
	struct http *http;
	struct lanes *lanes;
	// Which lane is first, so that none is always first.
	size_t rotation;
	const struct lane_entry *first_stopped; // in this pass
};

static int open_http(struct calls *calls) {
	const struct target_calls *wanted = calls->shift->target->calls;
	struct http_options options = *calls->setup.http;

	options.wait_headers = wanted == NULL ? NULL : wanted->wait_headers;
	return http_open(&calls->http, &options);
}

int calls_new(struct calls **out, const struct calls_setup *setup) {
	struct calls *calls = calloc(1, sizeof(*calls));
	int err;

	if (calls == NULL)
		return -ENOMEM;
	calls->setup = *setup;
	calls->shift = setup->shift;
	err = open_http(calls);
	if (err == 0) {
		calls->lanes = lanes_new(setup->lane);
		err = calls->lanes == NULL ? -ENOMEM : 0;
	}
	if (err < 0) {
		calls_free(calls);
		return err;
	}
	*out = calls;
	return 0;
}

void calls_free(struct calls *calls) {
	if (calls == NULL)
		return;
	http_close(calls->http);
	lanes_free(calls->lanes);
	free(calls);
}

void calls_begin_pass(struct calls *calls) {
	calls->first_stopped = NULL;
	lanes_reset(calls->lanes);
}

// --- into the lanes

int calls_add(struct calls *calls, struct call *call, const char *origin, bool was_checked) {
	call->lane = lanes_get(calls->lanes, origin);
	if (call->lane == NULL)
		return -ENOMEM;
	call->task->latest = call;
	if (call->queued_ms == 0) {
		call->queued_ms = calls->shift->now_ms;
		call->lane->last_arrival = calls->shift->tally.taken;
	}
	lane_entry_queue(call->lane, call, lane_place_of(call, was_checked));
	return 0;
}

// --- out of the lanes

static void leave(
	struct calls *calls, struct call *call, enum verdict verdict, enum reason reason
) {
	call->task->latest = call;
	calls->setup.hooks.leave(calls->setup.hooks.ctx, call, verdict, reason);
}

// The task is in no list. Sends its next request now.
static void send_request(struct calls *calls, struct call *call) {
	struct http_request request = {0};
	int err = request_make(calls->shift, call, &request);

	request.send_by_ms = shift_fresh_until_ms(calls->shift, call->task);
	if (err == 0)
		err = http_start(calls->http, &request, 0, call);
	http_request_fini(&request);
	call->task->latest = call;
	if (err < 0) {
		if (call->task->result.finding.words == NULL)
			finding_say(&call->task->result.finding, "the request cannot be made");
		calls->setup.hooks.unmakeable(calls->setup.hooks.ctx, call);
		return;
	}
	task_forget_troubles(call->task);
	task_place_call(call, CALL_OUT);
	call->attempts++;
	if (call->first_ms == 0)
		call->first_ms = calls->shift->now_ms;
	calls->shift->tally.requests++;
	lane_begin(&call->lane->lane, calls->shift->now_ms);
	pace_take(calls->setup.pace, 1, calls->shift->now_ms);
}

static void recheck_from_lane(struct calls *calls, struct call *call) {
	lane_entry_recheck(call->lane, call);
	calls->setup.hooks.recheck(calls->setup.hooks.ctx, call);
}

// Judges the lane's next tasks again before their turn, which need not wait for it then.
static void prefetch_checks(struct calls *calls, struct lane_entry *entry) {
	size_t ahead = (size_t)entry->lane.window * 2;
	struct call *call;

	if (ahead < PREFETCH_LEAST)
		ahead = PREFETCH_LEAST;
	while (entry->ready_count + entry->rechecking < ahead &&
	       (call = TAILQ_FIRST(&entry->waiting)) != NULL &&
	       !shift_is_fresh(calls->shift, call->task))
		recheck_from_lane(calls, call);
}

static void give_up_waiters(struct calls *calls, struct lane_entry *entry, enum reason reason) {
	struct call *call;

	while ((call = lane_entry_first(entry)) != NULL) {
		lane_entry_unqueue(entry, call);
		if (call->attempts > 0 && !shift_is_stopping(calls->shift))
			leave(calls, call, VERDICT_FAILED, call->last_reason);
		else
			leave(calls, call, VERDICT_POSTPONED, reason);
	}
}

static bool is_overdue(const struct calls *calls, const struct call *call) {
	return call != NULL &&
		calls->shift->now_ms - call->queued_ms > calls->setup.lane->patience_ms;
}

// A slow node's waiters must not fill the window for good while other nodes have nothing to do:
// those who have waited longer than a retry may take stay for a later pass. Only a share of the
// window at once, to see whether it was of use.
static void leave_overdue(struct calls *calls, struct lane_entry *entry) {
	const struct lanes_crowd crowd = {
		.taken = calls->shift->tally.taken,
		.lately = (int64_t)(calls->setup.window / CROWD_SHARE),
		.now_ms = calls->shift->now_ms,
	};
	size_t most = calls->setup.window / CROWD_SHARE + 1;
	struct call *call = TAILQ_FIRST(&entry->waiting);

	if (calls->shift->in_work < calls->setup.window || !is_overdue(calls, call) ||
	    !lanes_another_starves(calls->lanes, entry, &crowd))
		return;
	for (; most > 0 && is_overdue(calls, call); most--) {
		lane_entry_unqueue(entry, call);
		leave(calls, call, VERDICT_POSTPONED, REASON_HELD);
		call = TAILQ_FIRST(&entry->waiting);
	}
}

// Its next attempt would be later than --retry-time allows, because the node had others to answer
// first.
static bool is_too_late(const struct calls *calls, const struct call *call) {
	bool was_held = call->lane->lane.hold_until_ms > call->first_ms;

	return call->attempts > 0 &&
		retry_is_over(calls->setup.retry, call->first_ms, calls->shift->now_ms, was_held);
}

static void leave_over_limit(struct calls *calls, struct lane_entry *entry) {
	struct call *call;

	while ((call = lane_entry_first(entry)) != NULL) {
		lane_entry_unqueue(entry, call);
		leave(calls, call, VERDICT_LEFT, REASON_LIMIT);
	}
}

// The first of the lane has its turn: it is sent, judged again or given up. Returns false when it
// has to wait.
static bool take_turn(struct calls *calls, struct lane_entry *entry, struct call *call) {
	if (is_too_late(calls, call)) {
		lane_entry_unqueue(entry, call);
		leave(calls, call, VERDICT_FAILED, call->last_reason);
		return true;
	}
	if (!shift_is_fresh(calls->shift, call->task)) {
		// Those that are being judged come first.
		if (entry->rechecking > 0)
			return false;
		recheck_from_lane(calls, call);
		return true;
	}
	if (!tickets_take(calls->setup.tickets, call->task))
		return false;
	lane_entry_unqueue(entry, call);
	send_request(calls, call);
	return true;
}

// Nodes that have not worked yet leave half of --inflight to those that have: many that hang would
// take all of it.
static bool may_send(const struct calls *calls, const struct lane_entry *entry) {
	const struct lane *lane = &entry->lane;
	size_t inflight = http_inflight(calls->http), most = calls->setup.http->inflight_max;

	return inflight < most && pace_allows(calls->setup.pace, calls->shift->now_ms) &&
		lane_may_start(lane, calls->shift->now_ms) &&
		(lane->has_worked || lane->inflight == 0 || inflight < most / 2);
}

static void send_some(struct calls *calls, struct lane_entry *entry) {
	struct call *call;

	while (may_send(calls, entry) && (call = lane_entry_first(entry)) != NULL) {
		// A step may have been held up since it began.
		calls->shift->now_ms = clock_mono_ms();
		if (!take_turn(calls, entry, call))
			return;
	}
}

static void serve_lane(struct calls *calls, struct lane_entry *entry) {
	const struct lane *lane = &entry->lane;

	if (shift_is_stopping(calls->shift)) {
		give_up_waiters(calls, entry, REASON_STOPPED);
	} else if (calls->setup.tickets->is_over) {
		leave_over_limit(calls, entry);
	} else if (lane_gives_up(lane, calls->shift->now_ms)) {
		give_up_waiters(calls, entry, lane_entry_why_given_up(entry));
	} else {
		leave_overdue(calls, entry);
		if (!lane->open)
			prefetch_checks(calls, entry);
		send_some(calls, entry);
	}
}

void calls_serve(struct calls *calls) {
	size_t count = lanes_count(calls->lanes);

	for (size_t i = 0; i < count; i++) {
		struct lane_entry *entry = lanes_at(calls->lanes, (calls->rotation + i) % count);

		if (entry->queued > 0)
			serve_lane(calls, entry);
	}
	calls->rotation++;
}

int64_t calls_wake_ms(const struct calls *calls) {
	int64_t pace_ms = pace_due_ms(calls->setup.pace, calls->shift->now_ms);
	int64_t wake_ms = INT64_MAX;

	for (size_t i = 0; i < lanes_count(calls->lanes); i++) {
		const struct lane_entry *entry = lanes_at(calls->lanes, i);
		int64_t lane_ms = lane_wake_ms(&entry->lane, calls->shift->now_ms);

		if (pace_ms > calls->shift->now_ms && pace_ms < lane_ms)
			lane_ms = pace_ms;
		if (entry->queued > 0 && lane_ms < wake_ms)
			wake_ms = lane_ms;
	}
	return wake_ms;
}

// --- answers

// The task takes what was found, unless its end was settled before.
static void note_answer(
	struct call *call, const struct http_answer *answer, struct finding *finding
) {
	struct task *task = call->task;

	call->status = answer->failure == HTTP_FAILURE_NONE ? answer->status : 0;
	if (finding->verdict != VERDICT_GO)
		call->last_reason = call->lane->last_reason = finding->reason;
	if (task->intent == TASK_ENDS) {
		free(finding->words);
		return;
	}
	task->latest = call;
	finding_take(&task->result.finding, finding);
}

static void note_turn(
	struct calls *calls,
	const struct call *call,
	enum lane_turn what,
	const struct http_answer *answer,
	const struct finding *finding
) {
	const struct turn turn = {
		.node = call->lane->origin,
		.denied_words = calls->shift->target->calls->denied_words,
		.words = finding_words(finding),
		.away_most_ms = calls->setup.away_most_ms,
		.probe_ms = calls->setup.lane->stopped_probe_ms,
	};

	if (what == LANE_STOPPED) {
		calls->shift->tally.lanes_stopped++;
		if (calls->first_stopped == NULL)
			calls->first_stopped = call->lane;
	}
	turn_tell(calls->shift->log, what, &turn, answer);
}

// ctx are the calls, tag the call.
static void on_answer(void *ctx, void *tag, const struct http_answer *answer) {
	struct calls *calls = ctx;
	struct call *call = tag;
	struct judgement judgement = judge_call(calls->shift, call, answer);
	enum lane_turn turn;

	calls->shift->tally.answers[judge_class(answer)]++;
	task_place_call(call, CALL_IDLE);
	turn = lane_end(
		&call->lane->lane,
		judgement.lane,
		answer->elapsed_ms,
		answer->hold_ms,
		calls->shift->now_ms
	);
	note_turn(calls, call, turn, answer, &judgement.finding);
	note_answer(call, answer, &judgement.finding);
	calls->setup.hooks.answered(calls->setup.hooks.ctx, call, answer, &judgement);
}

void calls_drain(struct calls *calls) {
	http_drain(calls->http, on_answer, calls);
}

int calls_poll(struct calls *calls, struct pollfd *fds, size_t count, int64_t timeout_ms) {
	return http_poll(calls->http, fds, count, timeout_ms);
}

void calls_expire_unsent(struct calls *calls) {
	http_expire_unsent(calls->http);
}

void calls_wake(struct calls *calls) {
	http_wake(calls->http);
}

struct lanes *calls_lanes(struct calls *calls) {
	return calls->lanes;
}

size_t calls_inflight(const struct calls *calls) {
	return http_inflight(calls->http);
}

const char *calls_stopped_node(const struct calls *calls) {
	return calls->first_stopped == NULL ? NULL : calls->first_stopped->origin;
}
