// SPDX-License-Identifier: MPL-2.0
// flow: what comes next for a task.
//
// Design notes
//
//    with requests:   NEW ───────► REQUEST ──────────► REMOVE ──► DONE
//                                   │   ▲ too old when its turn comes
//                                   └─► CHECK
//    without any:     NEW ──► CHECK when it is too old ──► REMOVE ──► DONE
//    in a dry run:    the same as without any; REMOVE is only planned
//
// - What is too old is the judgement that the task may go: older than --check-ttl, or than the last
//   change of what may go at all, which also has one made again that was under way. The scan of the
//   same process has made one. Records from Kafka bring none, so there each task is checked once,
//   ahead of its turn (calls.c).
// - REQUEST is entered each time that the target is asked for calls. As many are planned as may be
//   open at once, each with a lane, attempts and a time of its own. A call that reached its goal
//   brings flow_advance again, for the next ones or for REMOVE.
// - WAIT is of the task as a whole: for a batch that is tried again, a ticket, a rate, the end of
//   a pause. A call that waits for its time (CALL_WAITING) leaves its task in REQUEST.
// - A remove that takes its time (work_result.again_ms) is called again and again. Until its end
//   the task stays in REMOVE, and neither a stop nor a pause takes it out.
// - LEAVING is a last batch (target_remover.defer), and then DONE.
// - A task is in exactly one place: with its calls (call.h), in a batcher, in a batch that is out,
//   or parked. Whoever takes it out of there moves it on at once. So none is forgotten, and
//   shift->in_work says how many there are. A move that the table in task.c does not know aborts.
// - Nothing is sent on a judgement that is too old. Nothing is removed before the last request
//   reached its goal, nor on an old judgement, unless its data is gone already: then the guards of
//   the remove itself count.
// - A task that is to be judged again, or to end, while calls are with their nodes waits for their
//   answers: task->intent says for what. The other calls are taken back at once. flow_settle goes
//   on after the last answer. Before a check each answer still counts, and may end the task.
// - The first reason that ends a task counts, with the status and the words of its answer. Those
//   that come later change nothing of it.
// - A pause sends nothing, and removes no row whose data is not gone. Where a request reached its
//   goal and none is missing, the row goes too.
#include "worker/flow.h"

#include "common/base/clock.h"
#include "common/target/finding.h"
#include "common/target/target_calls.h"
#include "common/target/target_remover.h"
#include "worker/batch/batcher.h"
#include "worker/calls/lanes.h"
#include "worker/park/timers.h"

// Once its data is gone, the guards of the remove itself are what counts.
static bool needs_check(const struct flow *flow, const struct task *task) {
	return task->requests_done == 0 && !shift_is_fresh(flow->shift, task);
}

// It waits no more, nor do those of its calls that are not out. CALL_IDLE: they keep their
// attempts, and the time before which they may not be sent.
static void take_back(struct flow *flow, struct task *task, enum call_place to) {
	if (task->timer.is_set)
		timers_remove(&flow->park->timers, &task->timer);
	for (size_t i = 0; i < task->call_max; i++) {
		struct call *call = &task->calls[i];

		if (call->place == CALL_QUEUED)
			lane_entry_unqueue(call->lane, call);
		else if (call->timer.is_set)
			timers_remove(&flow->park->timers, &call->timer);
		if (call->place != CALL_FREE && call->place != CALL_OUT)
			task_place_call(call, to);
	}
}

static void end_now(
	struct flow *flow, struct task *task, enum verdict verdict, enum reason reason
) {
	if (verdict == VERDICT_LEFT)
		ending_left(flow->ending, task, reason);
	else if (verdict == VERDICT_FAILED)
		ending_failed(flow->ending, task, reason);
	else
		ending_postponed(flow->ending, task, reason);
}

static void end_when_none_is_out(struct flow *flow, struct task *task) {
	take_back(flow, task, CALL_FREE);
	if (task->calls_out > 0) {
		lanes_task_rechecked(task);
		return;
	}
	task->intent = TASK_GOES_ON;
	end_now(flow, task, task->end.verdict, task->end.reason);
}

void flow_end(struct flow *flow, struct task *task, enum verdict verdict, enum reason reason) {
	// The first reason counts, with what was last said then.
	if (task->intent != TASK_ENDS) {
		task->intent = TASK_ENDS;
		task->end = (struct task_end){.verdict = verdict, .reason = reason};
	}
	end_when_none_is_out(flow, task);
}

void flow_recheck(struct flow *flow, struct task *task) {
	take_back(flow, task, CALL_IDLE);
	if (task->calls_out > 0) {
		if (task->intent == TASK_GOES_ON)
			task->intent = TASK_IS_CHECKED;
		// Nobody judges it yet, so its lanes do not wait for that.
		lanes_task_rechecked(task);
		return;
	}
	task->intent = TASK_GOES_ON;
	task_move(task, TASK_CHECK);
	flow->shift->tally.rechecked++;
	batcher_add(&flow->batches->check, task, flow->shift->now_ms);
}

// A dry run ends here: what would have happened is counted instead.
static void plan_only(struct flow *flow, struct task *task) {
	const struct work *work = &task->work;
	const char *where = NULL;
	const char *outcome = "remove";
	struct plan_rows rows;

	if (!tickets_take(flow->tickets, task)) {
		ending_left(flow->ending, task, REASON_LIMIT);
		return;
	}
	if (flow->shift->target->remover->plan != NULL)
		outcome = flow->shift->target->remover->plan(flow->shift->config, work, &where);
	rows = (struct plan_rows){work->rows, work->oldest_at, work->newest_at};
	if (plan_add(flow->plan, outcome, where, &rows) < 0)
		shift_fail(flow->shift, "out of memory");
	task->result.rows.removed = task->work.rows;
	task_move(task, TASK_REMOVE);
	ending_done(flow->ending, task);
}

// Nothing was begun for it, so a pause keeps it from being removed.
static bool is_held(const struct flow *flow, const struct task *task) {
	return shift_is_quiet(flow->shift) && task->requests_done == 0;
}

// May rows that need no request go to the batch?
static bool is_admitted(struct flow *flow, struct task *task) {
	if (task->is_paced || task->requests_done > 0)
		return true;
	if (park_first(flow->park, PARK_RATE) != NULL ||
	    !pace_allows(flow->pace, flow->shift->now_ms))
		return false;
	pace_admit(flow->pace, task, flow->shift->now_ms);
	return true;
}

static void go_remove(struct flow *flow, struct task *task) {
	if (is_held(flow, task)) {
		park_add(flow->park, task, PARK_REST);
		return;
	}
	if (task->state != TASK_CHECK && needs_check(flow, task)) {
		flow_recheck(flow, task);
		return;
	}
	if (!tickets_take(flow->tickets, task)) {
		park_add(flow->park, task, PARK_TICKET);
		ending_check_limit(flow->ending);
		return;
	}
	if (!is_admitted(flow, task)) {
		park_add(flow->park, task, PARK_RATE);
		return;
	}
	task->work.good_until_ms = shift_fresh_until_ms(flow->shift, task);
	task_move(task, TASK_REMOVE);
	batcher_add(&flow->batches->remove, task, flow->shift->now_ms);
}

// No call is needed any more.
static void go_last(struct flow *flow, struct task *task) {
	take_back(flow, task, CALL_FREE);
	go_remove(flow, task);
}

// A check that takes longer than its judgement holds would be made again for ever.
static void check_was_too_slow(struct flow *flow, struct task *task) {
	finding_say(&task->result.finding, "judging the record took longer than --check-ttl");
	retrying_after_batch(flow->retrying, task, REASON_DATABASE);
}

// As target_calls.next; a target without calls never needs one.
static int next_call(
	const struct flow *flow, struct task *task, size_t index, struct call_plan *plan
) {
	const struct target_calls *calls = flow->shift->target->calls;

	if (calls == NULL)
		return 0;
	return calls->next(flow->shift->config, &task->work, index, plan, &task->result.finding);
}

// One that has no slot has to wait, one that goes already is left alone. 0, or negative: it cannot.
// One that was waiting for its time when the task was judged again goes on waiting.
static int queue_call(
	struct flow *flow, struct task *task, const struct call_plan *plan, bool was_checked
) {
	struct call *call = task_find_call(task, plan->id);

	if (call == NULL || call->place != CALL_IDLE)
		return 0;
	if (call->timer.due_ms <= flow->shift->now_ms)
		return calls_add(flow->calls, call, plan->origin, was_checked);
	task_place_call(call, CALL_WAITING);
	return timers_add(&flow->park->timers, &call->timer);
}

// Those that were planned before a check and are not any more. Returns how many.
static size_t drop_idle_calls(struct task *task) {
	size_t count = 0;

	for (size_t i = 0; i < task->call_max; i++) {
		if (task->calls[i].place != CALL_IDLE)
			continue;
		task_place_call(&task->calls[i], CALL_FREE);
		count++;
	}
	return count;
}

// `plan` is the first; as many more as it may have open. 0, or negative: it cannot.
static int queue_calls(
	struct flow *flow, struct task *task, struct call_plan *plan, bool was_checked
) {
	int found = 1;
	int err = 0;

	for (size_t index = 1; found > 0 && err == 0; index++) {
		err = queue_call(flow, task, plan, was_checked);
		found = index < task->call_max ? next_call(flow, task, index, plan) : 0;
	}
	return found < 0 ? found : err;
}

// `plan` is the first.
static void go_request(struct flow *flow, struct task *task, struct call_plan *plan) {
	bool was_checked = task->state == TASK_CHECK;
	int err;

	if (was_checked && !shift_is_fresh(flow->shift, task)) {
		check_was_too_slow(flow, task);
		return;
	}
	task_move(task, TASK_REQUEST);
	err = queue_calls(flow, task, plan, was_checked);
	// Those of before had the slots.
	if (drop_idle_calls(task) > 0 && err == 0 && next_call(flow, task, 0, plan) > 0)
		err = queue_calls(flow, task, plan, was_checked);
	if (err < 0)
		flow_end(flow, task, VERDICT_FAILED, REASON_UNKNOWN);
}

void flow_advance(struct flow *flow, struct task *task) {
	struct call_plan plan;
	int found;

	if (task_is_revoked(task)) {
		flow_end(flow, task, VERDICT_POSTPONED, REASON_STOPPED);
		return;
	}
	found = next_call(flow, task, 0, &plan);
	if (found < 0)
		flow_end(flow, task, VERDICT_FAILED, REASON_UNKNOWN);
	else if (flow->dryrun)
		plan_only(flow, task);
	else if (found > 0 && task->requests_done > 0 && task_holds_up(task))
		flow_end(flow, task, VERDICT_POSTPONED, REASON_HELD);
	else if (found > 0)
		go_request(flow, task, &plan);
	else if (task->calls_out == 0)
		go_last(flow, task);
}

void flow_settle(struct flow *flow, struct task *task) {
	if (task->intent == TASK_ENDS)
		end_when_none_is_out(flow, task);
	else if (task->intent == TASK_IS_CHECKED)
		flow_recheck(flow, task);
	else
		flow_advance(flow, task);
}

void flow_start(struct flow *flow, struct task *task) {
	int err = flow->shift->target->remover->load(
		flow->shift->config, &task->work, &task->result.finding
	);

	flow->shift->rows_in_work += task->work.rows;
	if (err < 0) {
		finding_say(&task->result.finding, "the record cannot be decoded");
		ending_failed(flow->ending, task, REASON_UNKNOWN);
		return;
	}
	if (flow->dryrun && !shift_is_fresh(flow->shift, task))
		flow_recheck(flow, task);
	else
		flow_advance(flow, task);
}

// --- those who waited

void flow_go_on(struct flow *flow, struct task *task) {
	if (needs_check(flow, task))
		flow_recheck(flow, task);
	else
		flow_advance(flow, task);
}

void flow_remove_again(struct flow *flow, struct task *task) {
	task->has_begun = true;
	task->timer.due_ms = flow->shift->now_ms + task->result.again_ms;
	// Out of memory: it is called too early, and says again how long to wait.
	if (timers_add(&flow->park->begun, &task->timer) < 0)
		batcher_add(&flow->batches->remove, task, flow->shift->now_ms);
}

static void resume_begun(struct flow *flow) {
	struct timer *timer;

	while ((timer = timers_take_due(&flow->park->begun, flow->shift->now_ms)) != NULL)
		batcher_add(&flow->batches->remove, task_of_timer(timer), flow->shift->now_ms);
}

static void resume_ticketless(struct flow *flow) {
	struct task *task;

	while ((task = park_first(flow->park, PARK_TICKET)) != NULL &&
	       (flow->tickets->is_over || tickets_take(flow->tickets, task))) {
		park_remove(flow->park, task, PARK_TICKET);
		if (flow->tickets->is_over)
			ending_left(flow->ending, task, REASON_LIMIT);
		else
			flow_go_on(flow, task);
	}
}

static void resume_paced(struct flow *flow) {
	struct task *task;

	while ((task = park_first(flow->park, PARK_RATE)) != NULL &&
	       pace_allows(flow->pace, flow->shift->now_ms)) {
		park_remove(flow->park, task, PARK_RATE);
		pace_admit(flow->pace, task, flow->shift->now_ms);
		flow_go_on(flow, task);
	}
}

void flow_resume(struct flow *flow) {
	struct timer *timer;

	resume_begun(flow);
	if (shift_is_quiet(flow->shift))
		return;
	while ((timer = timers_take_due(&flow->park->timers, flow->shift->now_ms)) != NULL) {
		struct call *call = task_call_of_timer(timer);

		if (call != NULL)
			task_place_call(call, CALL_IDLE);
		flow_go_on(flow, task_of_timer(timer));
	}
	resume_ticketless(flow);
	resume_paced(flow);
}

int64_t flow_wake_ms(const struct flow *flow) {
	int64_t wake_ms = timers_next_ms(&flow->park->begun);
	int64_t pace_ms = pace_due_ms(flow->pace, flow->shift->now_ms);

	if (shift_is_quiet(flow->shift))
		return wake_ms;
	clock_sooner(&wake_ms, timers_next_ms(&flow->park->timers));
	if (park_first(flow->park, PARK_RATE) != NULL && pace_ms < wake_ms)
		wake_ms = pace_ms;
	return wake_ms;
}
