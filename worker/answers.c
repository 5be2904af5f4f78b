// SPDX-License-Identifier: MPL-2.0
// answers: what comes after a call had its turn or its answer.
#include "worker/answers.h"

#include "common/target/event.h"
#include "worker/calls/turn.h"

#include <inttypes.h>
#include <stdio.h>

// Worth a word to those whose signature is refused.
enum { CLOCKS_APART_S = 5 };

static struct flow *flow_of(void *ctx) {
	return ((struct answers *)ctx)->flow;
}

// --- its turn

static void on_recheck(void *ctx, struct call *call) {
	flow_recheck(flow_of(ctx), call->task);
}

static void on_leave(void *ctx, struct call *call, enum verdict verdict, enum reason reason) {
	struct ending *ending = flow_of(ctx)->ending;

	if (verdict == VERDICT_LEFT)
		ending_left(ending, call->task, reason);
	else if (verdict == VERDICT_FAILED)
		ending_failed(ending, call->task, reason);
	else
		ending_postponed(ending, call->task, reason);
}

static void on_unmakeable(void *ctx, struct call *call) {
	ending_failed(flow_of(ctx)->ending, call->task, REASON_UNKNOWN);
}

// --- its answer

static void request_done(struct flow *flow, struct task *task, const struct http_answer *answer) {
	struct shift *shift = flow->shift;

	shift->tally.requests_done++;
	task->requests_done++;
	task_begin_step(task);
	shift_report(
		shift,
		&(struct event){.kind = EVENT_REQUEST_DONE, .work = &task->work, .answer = answer}
	);
	flow_advance(flow, task);
}

static void say_clocks_apart(struct task *task, const struct http_answer *answer) {
	int64_t ahead_s = turn_our_clock_ahead_s(answer);

	if (ahead_s < CLOCKS_APART_S && ahead_s > -CLOCKS_APART_S)
		return;
	snprintf(
		task->result.finding.words,
		sizeof(task->result.finding.words),
		"status %d; our clock is %" PRId64 " s %s the node's",
		answer->status,
		ahead_s < 0 ? -ahead_s : ahead_s,
		ahead_s < 0 ? "behind" : "ahead of"
	);
}

static void denied(struct flow *flow, struct task *task, const struct http_answer *answer) {
	struct call *call = &task->call;

	if (call->denied_once) {
		say_clocks_apart(task, answer);
		flow->shift->tally.denied += task->work.rows;
		ending_failed(flow->ending, task, REASON_HTTP_4XX);
		return;
	}
	if (shift_is_stopping(flow->shift) || task_is_revoked(task)) {
		ending_postponed(flow->ending, task, REASON_STOPPED);
		return;
	}
	call->denied_once = true;
	flow->shift->tally.retries++;
	lane_entry_queue(call->lane, call, LANE_NEXT);
}

// Its request was too late when the connection was there. It is judged again at once: that is no
// attempt, but has an end too.
static void not_sent(struct flow *flow, struct task *task) {
	struct shift *shift = flow->shift;

	shift->tally.requests--;
	task->call.attempts--;
	if (shift->now_ms - task->call.first_ms > flow->retrying->limits->time_ms)
		ending_failed(flow->ending, task, REASON_CONNECT);
	else
		flow_recheck(flow, task);
}

// This process, or its machine, has no files left: that is no fault of the node's.
static void lacks_files(struct flow *flow, struct task *task, const struct http_answer *answer) {
	flow->shift->tally.requests--;
	shift_fail(flow->shift, answer->message);
	ending_postponed(flow->ending, task, REASON_STOPPED);
}

static void go_by(
	struct flow *flow,
	struct task *task,
	const struct http_answer *answer,
	const struct judgement *judgement
) {
	switch (judgement->finding.verdict) {
	case VERDICT_GO:
		request_done(flow, task, answer);
		break;
	case VERDICT_RETRY:
		retrying_after_request(
			flow->retrying, task, judgement->finding.reason, answer->hold_ms
		);
		break;
	case VERDICT_DENIED:
		denied(flow, task, answer);
		break;
	case VERDICT_RECHECK:
		flow_recheck(flow, task);
		break;
	case VERDICT_LEFT:
		ending_left(flow->ending, task, judgement->finding.reason);
		break;
	default:
		ending_failed(flow->ending, task, judgement->finding.reason);
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
		lacks_files(flow, task, answer);
		return;
	}
	if (answer->failure == HTTP_FAILURE_STALE) {
		not_sent(flow, task);
		return;
	}
	shift_report(
		flow->shift,
		&(struct event){.kind = EVENT_ANSWER, .work = &task->work, .answer = answer}
	);
	go_by(flow, task, answer, judgement);
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
