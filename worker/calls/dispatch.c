// SPDX-License-Identifier: MPL-2.0
// dispatch: from the lanes to the nodes, and the answers back.
#include "common/base/clock.h"
#include "common/base/log.h"
#include "worker/calls/judge.h"
#include "worker/worker_state.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>

enum {
	// So many of a lane's tasks are judged again ahead of their turn, at least.
	PREFETCH_LEAST = 64,
	// Part of the window.
	CROWD_SHARE = 4,
	// Worth a word to those whose signature is refused.
	CLOCKS_APART_S = 5,
};

static int make_request(struct worker *worker, struct task *task, struct http_request *request) {
	struct send_moment moment = {.now_s = (double)clock_wall_ms() / 1000.0};

	if (getrandom(moment.random, sizeof(moment.random), 0) != (ssize_t)sizeof(moment.random))
		return -EAGAIN;
	return worker->target->request(worker->setup.config, &task->work, &moment, request);
}

// The task is in no list. Sends its next request now.
static void send_request(struct worker *worker, struct task *task) {
	struct http_request request = {0};
	int err = make_request(worker, task, &request);

	request.send_by_ms = steps_fresh_until_ms(worker, task);
	if (err == 0)
		err = http_start(worker->http, &request, 0, task);
	http_request_fini(&request);
	if (err < 0) {
		if (task->work.message[0] == '\0')
			snprintf(
				task->work.message,
				sizeof(task->work.message),
				"the request cannot be made"
			);
		fate_failed(worker, task, REASON_UNKNOWN);
		return;
	}
	task_forget_troubles(task);
	task->attempts++;
	if (task->first_ms == 0)
		task->first_ms = worker->now_ms;
	worker->tally.requests++;
	lane_begin(&task->lane->lane, worker->now_ms);
	pace_take(worker, 1);
}

static void recheck_from_lane(struct worker *worker, struct task *task) {
	lane_entry_recheck(task->lane, task);
	steps_recheck(worker, task);
}

// Judges the lane's next tasks again before their turn comes, so that their turn need not wait for
// it.
static void prefetch_checks(struct worker *worker, struct lane_entry *entry) {
	size_t ahead = (size_t)entry->lane.window * 2;
	struct task *task;

	if (ahead < PREFETCH_LEAST)
		ahead = PREFETCH_LEAST;
	while (entry->ready_count + entry->rechecking < ahead &&
	       (task = TAILQ_FIRST(&entry->waiting)) != NULL && !steps_is_fresh(worker, task))
		recheck_from_lane(worker, task);
}

static void give_up_waiters(struct worker *worker, struct lane_entry *entry, enum reason reason) {
	struct task *task;

	while ((task = lane_entry_first(entry)) != NULL) {
		lane_entry_unqueue(entry, task);
		if (task->attempts > 0 && !worker_is_stopping(worker))
			fate_failed(worker, task, task->last_reason);
		else
			fate_postponed(worker, task, reason);
	}
}

// Has some other node nothing to do, though rows for it kept coming? Then more of them are likely
// behind this window.
static bool another_starves(const struct worker *worker, const struct lane_entry *entry) {
	int64_t lately = (int64_t)(worker->options->window / CROWD_SHARE);

	for (size_t i = 0; i < lanes_count(worker->lanes); i++) {
		const struct lane_entry *other = lanes_at(worker->lanes, i);

		if (other != entry && other->queued == 0 && other->last_arrival > 0 &&
		    lane_may_start(&other->lane, worker->now_ms) &&
		    worker->tally.taken - other->last_arrival <= lately)
			return true;
	}
	return false;
}

static bool is_overdue(const struct worker *worker, const struct task *task) {
	return task != NULL && worker->now_ms - task->queued_ms > worker->options->lane.patience_ms;
}

// A slow node's waiters must not fill the window for good while other nodes have nothing to do:
// those who have waited longer than a retry may take stay for a later pass. Only a share of the
// window at once, to see whether it was of use.
static void leave_overdue(struct worker *worker, struct lane_entry *entry) {
	size_t most = worker->options->window / CROWD_SHARE + 1;
	struct task *task = TAILQ_FIRST(&entry->waiting);

	if (worker->in_work < worker->options->window || !is_overdue(worker, task) ||
	    !another_starves(worker, entry))
		return;
	for (; most > 0 && is_overdue(worker, task); most--) {
		lane_entry_unqueue(entry, task);
		fate_postponed(worker, task, REASON_HELD);
		task = TAILQ_FIRST(&entry->waiting);
	}
}

// Its next attempt would be later than --retry-time allows, because the node had others to answer
// first.
static bool is_too_late(const struct worker *worker, const struct task *task) {
	const struct retry_limits *limits = &worker->options->retry;
	bool was_held = task->lane->lane.hold_until_ms > task->first_ms;

	return task->attempts > 0 &&
		worker->now_ms - task->first_ms >
		(was_held ? limits->hold_time_ms : limits->time_ms);
}

static void leave_over_limit(struct worker *worker, struct lane_entry *entry) {
	struct task *task;

	while ((task = lane_entry_first(entry)) != NULL) {
		lane_entry_unqueue(entry, task);
		fate_left(worker, task, REASON_LIMIT);
	}
}

// The first of the lane has its turn: it is sent, judged again or given up. Returns false when it
// has to wait.
static bool take_turn(struct worker *worker, struct lane_entry *entry, struct task *task) {
	if (is_too_late(worker, task)) {
		lane_entry_unqueue(entry, task);
		fate_failed(worker, task, task->last_reason);
		return true;
	}
	if (!steps_is_fresh(worker, task)) {
		// The judgement is still on its way.
		if (entry->rechecking > 0)
			return false;
		recheck_from_lane(worker, task);
		return true;
	}
	if (!ticket_take(worker, task))
		return false;
	lane_entry_unqueue(entry, task);
	send_request(worker, task);
	return true;
}

// Nodes that have not worked yet leave half of --inflight to those that have: many that hang would
// take all of it.
static bool may_send(const struct worker *worker, const struct lane_entry *entry) {
	const struct lane *lane = &entry->lane;
	size_t inflight = http_inflight(worker->http), most = worker->options->http.inflight_max;

	return inflight < most && pace_allows(worker) && lane_may_start(lane, worker->now_ms) &&
		(lane->has_worked || lane->inflight == 0 || inflight < most / 2);
}

static void send_some(struct worker *worker, struct lane_entry *entry) {
	struct task *task;

	while (may_send(worker, entry) && (task = lane_entry_first(entry)) != NULL) {
		// A step may have been held up since it began.
		worker->now_ms = clock_mono_ms();
		if (!take_turn(worker, entry, task))
			return;
	}
}

enum reason dispatch_why_given_up(const struct lane_entry *entry) {
	if (entry->lane.stopped)
		return REASON_STOPPED;
	// None: it asked for time.
	return entry->last_reason == REASON_NONE ? REASON_HELD : entry->last_reason;
}

static void serve_lane(struct worker *worker, struct lane_entry *entry) {
	const struct lane *lane = &entry->lane;

	if (worker_is_stopping(worker)) {
		give_up_waiters(worker, entry, REASON_STOPPED);
	} else if (worker->limit_reached) {
		leave_over_limit(worker, entry);
	} else if (lane_gives_up(lane, worker->now_ms)) {
		give_up_waiters(worker, entry, dispatch_why_given_up(entry));
	} else {
		leave_overdue(worker, entry);
		if (!lane->open)
			prefetch_checks(worker, entry);
		send_some(worker, entry);
	}
}

// While stopping nothing is sent, but those who wait leave.
static bool may_send_now(const struct worker *worker) {
	return !quiet_is_on(worker) && (!worker->awaits_muster || worker_is_stopping(worker));
}

void dispatch_lanes(struct worker *worker) {
	size_t count = may_send_now(worker) ? lanes_count(worker->lanes) : 0;

	for (size_t i = 0; i < count; i++) {
		struct lane_entry *entry = lanes_at(
			worker->lanes, (worker->lane_rotation + i) % count
		);

		if (entry->queued > 0)
			serve_lane(worker, entry);
	}
	worker->lane_rotation++;
}

// --- answers

static void note_turn(struct worker *worker, const struct lane_entry *entry, enum lane_turn turn) {
	if (turn != LANE_STOPPED)
		return;
	worker->tally.lanes_stopped++;
	if (worker->first_stopped_lane == NULL)
		worker->first_stopped_lane = entry;
}

static void note_answer(struct task *task, const struct http_answer *answer) {
	task->status = answer->failure == HTTP_FAILURE_NONE ? answer->status : 0;
	if (answer->failure == HTTP_FAILURE_NONE)
		snprintf(
			task->work.message, sizeof(task->work.message), "status %d", answer->status
		);
	else
		snprintf(task->work.message, sizeof(task->work.message), "%s", answer->message);
}

static struct judgement judge(
	struct worker *worker, struct task *task, const struct http_answer *answer
) {
	struct judgement judgement = judge_answer(answer);

	if (worker->target->judge != NULL &&
	    worker->target->judge(worker->setup.config, &task->work, answer)) {
		judgement.verdict = task->work.verdict;
		judgement.reason = task->work.reason;
	}
	// The first refusal may be a nonce used twice by a silent resend: a fresh signature tells.
	if (judgement.verdict == VERDICT_DENIED && !task->denied_once)
		judgement.lane = LANE_NEUTRAL;
	return judgement;
}

static void request_done(
	struct worker *worker, struct task *task, const struct http_answer *answer
) {
	worker->tally.requests_done++;
	task->requests_done++;
	task_begin_step(task);
	if (worker->target->request_done != NULL)
		worker->target->request_done(worker->setup.config, &task->work);
	worker_report(
		worker,
		&(struct event){.kind = EVENT_REQUEST_DONE, .work = &task->work, .answer = answer}
	);
	steps_advance(worker, task);
}

static void denied(struct worker *worker, struct task *task, const struct http_answer *answer) {
	int64_t ahead_s = turn_our_clock_ahead_s(answer);

	if (task->denied_once) {
		if (ahead_s >= CLOCKS_APART_S || ahead_s <= -CLOCKS_APART_S)
			snprintf(
				task->work.message,
				sizeof(task->work.message),
				"status %d; our clock is %" PRId64 " s %s the node's",
				answer->status,
				ahead_s < 0 ? -ahead_s : ahead_s,
				ahead_s < 0 ? "behind" : "ahead of"
			);
		worker->tally.denied += task->work.rows;
		fate_failed(worker, task, REASON_HTTP_4XX);
		return;
	}
	if (worker_is_stopping(worker) || task_is_revoked(task)) {
		fate_postponed(worker, task, REASON_STOPPED);
		return;
	}
	task->denied_once = true;
	worker->tally.retries++;
	task_move(task, TASK_REQUEST);
	lane_entry_queue(task->lane, task, LANE_NEXT);
}

void dispatch_answer(void *ctx, void *tag, const struct http_answer *answer) {
	struct worker *worker = ctx;
	struct task *task = tag;
	struct judgement judgement = judge(worker, task, answer);
	enum lane_turn turn;

	if (judgement.verdict != VERDICT_GO)
		task->last_reason = task->lane->last_reason = judgement.reason;
	note_answer(task, answer);
	turn = lane_end(
		&task->lane->lane,
		judgement.lane,
		answer->elapsed_ms,
		answer->hold_ms,
		worker->now_ms
	);
	note_turn(worker, task->lane, turn);
	turn_tell(worker, task, answer, turn);
	if (answer->failure == HTTP_FAILURE_FILES) {
		worker->tally.requests--;
		worker_fail(worker, answer->message);
		fate_postponed(worker, task, REASON_STOPPED);
		return;
	}
	if (answer->failure == HTTP_FAILURE_STALE) {
		wait_not_sent(worker, task);
		return;
	}
	worker_report(
		worker, &(struct event){.kind = EVENT_ANSWER, .work = &task->work, .answer = answer}
	);
	switch (judgement.verdict) {
	case VERDICT_GO:
		request_done(worker, task, answer);
		break;
	case VERDICT_RETRY:
		wait_after_request(worker, task, judgement.reason, answer->hold_ms);
		break;
	case VERDICT_DENIED:
		denied(worker, task, answer);
		break;
	case VERDICT_RECHECK:
		steps_recheck(worker, task);
		break;
	case VERDICT_LEFT:
		fate_left(worker, task, judgement.reason);
		break;
	default:
		fate_failed(worker, task, judgement.reason);
		break;
	}
}

int64_t dispatch_wake_ms(const struct worker *worker) {
	int64_t wake_ms = INT64_MAX;
	size_t count = may_send_now(worker) ? lanes_count(worker->lanes) : 0;

	for (size_t i = 0; i < count; i++) {
		const struct lane_entry *entry = lanes_at(worker->lanes, i);
		int64_t lane_ms = lane_wake_ms(&entry->lane, worker->now_ms);
		int64_t pace_ms = pace_wake_ms(worker);

		if (pace_ms > worker->now_ms && pace_ms < lane_ms)
			lane_ms = pace_ms;
		if (entry->queued > 0 && lane_ms < wake_ms)
			wake_ms = lane_ms;
	}
	return wake_ms;
}
