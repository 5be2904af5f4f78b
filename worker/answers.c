// SPDX-License-Identifier: MPL-2.0
// answers: what comes after a call had its turn or its answer.
#include "worker/answers.h"

#include "common/target/event.h"
#include "common/target/finding.h"
#include "common/target/target.h"
#include "common/target/target_calls.h"
#include "worker/calls/lanes.h"
#include "worker/calls/turn.h"
#include "worker/park/retry.h"
#include "worker/retrying.h"
#include "worker/task/shift.h"
#include "worker/task/task.h"

#include <inttypes.h>

// Worth a word to those whose signature is refused.
enum { CLOCKS_APART_S = 5 };

static struct flow *flow_of(void *ctx) {
	return ((struct answers *)ctx)->flow;
}

// --- its turn

static void on_recheck(void *ctx, struct call *call) {
	flow_recheck(flow_of(ctx), call->task);
}

// Does its task go on though the call is not sent?
static bool goes_on_without(const struct flow *flow, struct call *call, enum verdict verdict) {
	const struct target_calls *calls = flow->shift->target->calls;

	if (verdict == VERDICT_LEFT || shift_is_stopping(flow->shift) ||
	    task_is_revoked(call->task) || calls->unsent == NULL)
		return false;
	return calls->unsent(flow->shift->config, &call->task->work, call->id);
}

static void on_leave(void *ctx, struct call *call, enum verdict verdict, enum reason reason) {
	struct flow *flow = flow_of(ctx);

	if (goes_on_without(flow, call, verdict)) {
		task_end_call(call);
		flow_settle(flow, call->task);
		return;
	}
	flow_end(flow, call->task, verdict, reason);
}

static void on_unmakeable(void *ctx, struct call *call) {
	flow_end(flow_of(ctx), call->task, VERDICT_FAILED, REASON_UNKNOWN);
}

// --- its answer

static void request_done(struct flow *flow, struct call *call, const struct http_answer *answer) {
	struct shift *shift = flow->shift;
	struct task *task = call->task;

	shift->tally.requests_done++;
	task->requests_done++;
	task_end_call(call);
	shift_report(
		shift,
		&(struct event){.kind = EVENT_REQUEST_DONE, .work = &task->work, .answer = answer}
	);
	flow_settle(flow, task);
}

static void say_clocks_apart(struct task *task, const struct http_answer *answer) {
	int64_t ahead_s = turn_our_clock_ahead_s(answer);

	if (ahead_s < CLOCKS_APART_S && ahead_s > -CLOCKS_APART_S)
		return;
	finding_say(
		&task->result.finding,
		"status %d; our clock is %" PRId64 " s %s the node's",
		answer->status,
		ahead_s < 0 ? -ahead_s : ahead_s,
		ahead_s < 0 ? "behind" : "ahead of"
	);
}

// The call waits where it is now, unless its task is to be judged again first.
static void keep_waiting(struct flow *flow, struct task *task) {
	if (task->intent != TASK_GOES_ON)
		flow_settle(flow, task);
}

static void denied(struct flow *flow, struct call *call, const struct http_answer *answer) {
	struct task *task = call->task;

	if (call->denied_once) {
		say_clocks_apart(task, answer);
		flow->shift->tally.denied += task->work.rows;
		flow_end(flow, task, VERDICT_FAILED, REASON_HTTP_4XX);
		return;
	}
	if (shift_is_stopping(flow->shift) || task_is_revoked(task)) {
		flow_end(flow, task, VERDICT_POSTPONED, REASON_STOPPED);
		return;
	}
	call->denied_once = true;
	flow->shift->tally.retries++;
	lane_entry_queue(call->lane, call, LANE_NEXT);
	keep_waiting(flow, task);
}

static void try_again(struct flow *flow, struct call *call, enum reason reason, int64_t hold_ms) {
	if (shift_is_stopping(flow->shift) || task_is_revoked(call->task))
		flow_end(flow, call->task, VERDICT_POSTPONED, REASON_STOPPED);
	else if (!retrying_call(flow->retrying, call, hold_ms))
		flow_end(flow, call->task, VERDICT_FAILED, reason);
	else
		keep_waiting(flow, call->task);
}

// Its request was too late when the connection was there. It is judged again at once: that is no
// attempt, but has an end too.
static void not_sent(struct flow *flow, struct call *call) {
	struct shift *shift = flow->shift;

	shift->tally.requests--;
	call->attempts--;
	if (call->task->intent != TASK_GOES_ON)
		flow_settle(flow, call->task);
	else if (retry_is_over(flow->retrying->limits, call->first_ms, shift->now_ms, false))
		flow_end(flow, call->task, VERDICT_FAILED, REASON_CONNECT);
	else
		flow_recheck(flow, call->task);
}

// This process, or its machine, has no files left: that is no fault of the node's.
static void lacks_files(struct flow *flow, struct call *call, const struct http_answer *answer) {
	flow->shift->tally.requests--;
	shift_fail(flow->shift, answer->message);
	flow_end(flow, call->task, VERDICT_POSTPONED, REASON_STOPPED);
}

static void go_by(
	struct flow *flow,
	struct call *call,
	const struct http_answer *answer,
	const struct judgement *judgement
) {
	enum reason reason = judgement->finding.reason;

	switch (judgement->finding.verdict) {
	case VERDICT_GO:
		request_done(flow, call, answer);
		break;
	case VERDICT_RETRY:
		try_again(flow, call, reason, answer->hold_ms);
		break;
	case VERDICT_DENIED:
		denied(flow, call, answer);
		break;
	case VERDICT_RECHECK:
		flow_recheck(flow, call->task);
		break;
	case VERDICT_LEFT:
		flow_end(flow, call->task, VERDICT_LEFT, reason);
		break;
	default:
		flow_end(flow, call->task, VERDICT_FAILED, reason);
		break;
	}
}

static void on_answer(
	void *ctx,
	struct call *call,
	const struct http_answer *answer,
	const struct judgement *judgement
) {
	struct flow *flow = flow_of(ctx);
	struct task *task = call->task;

	if (answer->failure == HTTP_FAILURE_FILES) {
		lacks_files(flow, call, answer);
		return;
	}
	if (answer->failure == HTTP_FAILURE_STALE) {
		not_sent(flow, call);
		return;
	}
	shift_report(
		flow->shift,
		&(struct event){.kind = EVENT_ANSWER, .work = &task->work, .answer = answer}
	);
	// How the task ends was settled before this answer.
	if (task->intent == TASK_ENDS && judgement->finding.verdict != VERDICT_GO)
		flow_settle(flow, task);
	else
		go_by(flow, call, answer, judgement);
}

struct calls_hooks answers_hooks(struct answers *answers) {
	return (struct calls_hooks){
		.recheck = on_recheck,
		.leave = on_leave,
		.unmakeable = on_unmakeable,
		.answered = on_answer,
		.ctx = answers,
	};
}
