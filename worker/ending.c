// SPDX-License-Identifier: MPL-2.0
// ending: the end of a task: tally, metrics, log, and back to the queue.
#include "worker/ending.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/target/event.h"
#include "common/target/finding.h"
#include "common/target/target_calls.h"
#include "common/target/target_remover.h"
#include "common/verdict.h"
#include "worker/audit/audit.h"
#include "worker/batch/batcher.h"
#include "worker/calls/lanes.h"
#include "worker/failed_rows.h"
#include "worker/task/tally.h"

#include <stdlib.h>

enum { LINE_BYTES = 800 };

// Where the task's request went, or would have gone; NULL: unknown.
static const char *node_of(
	const struct ending *ending, const struct task *task, struct call_plan *room
) {
	const struct target_calls *calls = ending->shift->target->calls;
	struct finding why = {.verdict = VERDICT_GO};

	room->origin[0] = '\0';
	if (task->latest != NULL)
		return task->latest->lane->origin;
	if (calls != NULL && task->work.state != NULL)
		calls->next(ending->shift->config, &task->work, 0, room, &why);
	finding_clear(&why);
	return room->origin[0] == '\0' ? NULL : room->origin;
}

// What an operator would call its end.
static enum tally_end end_of(
	const struct ending *ending, const struct task *task, enum verdict verdict
) {
	const struct removed_rows *rows = &task->result.rows;

	if (verdict == VERDICT_DONE && ending->setup.dryrun)
		return END_PLANNED;
	if (verdict == VERDICT_DONE && rows->removed == 0)
		return rows->spared > 0 ? END_LEFT : rows->failed > 0 ? END_FAILED : END_GONE;
	if (verdict == VERDICT_POSTPONED)
		return task_is_revoked(task) ? END_TAKEN_AWAY : END_POSTPONED;
	if (verdict == VERDICT_LEFT)
		return END_LEFT;
	return verdict == VERDICT_DONE ? END_PURGED : END_FAILED;
}

// One line for each record; nothing bounds them but the level.
static void tell_end(
	const struct ending *ending, const struct task *task, enum tally_end end, enum reason reason
) {
	struct call_plan room;
	int status = task->latest == NULL ? 0 : task->latest->status;

	LOG(ending->shift->log,
	    LOG_LEVEL_DEBUG,
	    "record ended",
	    log_str("id", task->candidate->id),
	    log_str("verdict", tally_end_name(end)),
	    log_str("reason", reason == REASON_NONE ? NULL : reason_name(reason)),
	    log_str("node", node_of(ending, task, &room)),
	    status == 0 ? log_str("status", NULL) : log_int("status", status),
	    log_int("rows", task->work.rows),
	    log_int("purged", ending->setup.dryrun ? 0 : task->result.rows.removed));
}

void ending_check_limit(struct ending *ending) {
	if (!tickets_ran_out(ending->setup.tickets))
		return;
	shift_report(ending->shift, &(struct event){.kind = EVENT_LIMIT});
	ending->setup.queue->ops->stop(ending->setup.queue);
}

// What is left of a task that does not come to its end here.
static bool say_rest(
	const struct ending *ending,
	const struct task *task,
	enum verdict verdict,
	struct candidate *rest
) {
	const struct shift *shift = ending->shift;
	const struct target_remover *remover = shift->target->remover;

	if (verdict != VERDICT_POSTPONED && verdict != VERDICT_FAILED)
		return false;
	if (remover->rest == NULL || task->work.state == NULL)
		return false;
	*rest = *task->candidate;
	return remover->rest(shift->config, &task->work, rest);
}

// Its end is written down before anybody may count on it.
static void write_down(
	const struct ending *ending, const struct task *task, enum tally_end end, struct fate *fate
) {
	struct queue_take *queue = ending->setup.queue;
	const char *to = queue->ops->ends == NULL ? ""
						  : queue->ops->ends(queue, task->candidate, fate);
	struct call_plan room;
	const struct audit_entry entry = {
		.at_ms = clock_wall_ms(),
		.target = ending->shift->target->name,
		.id = task->candidate->id,
		.key = task->candidate->key,
		.end = tally_end_name(end),
		.reason = fate->reason == REASON_NONE ? "" : reason_name(fate->reason),
		.to = to,
		.node = to == NULL ? NULL : node_of(ending, task, &room),
		.status = fate->status,
		.attempts = fate->attempts,
		.rows = task->work.rows,
		.removed = fate->removed,
		.deletes = task->requests_done,
		.seen_ms = task->candidate->seen_ms,
		.is_replayed = task->candidate->origin.is_replayed,
	};

	if (to == NULL)
		return;
	if (audit_note(ending->setup.audit, &entry) < 0) {
		shift_fail(ending->shift, audit_error(ending->setup.audit));
		fate->is_unheard = true;
		return;
	}
	fate->audit = audit_carried(ending->setup.audit, &fate->audit_bytes);
}

// The target's own log lines and metrics.
static void tell_target(const struct ending *ending, const struct task *task) {
	const struct shift *shift = ending->shift;
	const struct target_remover *remover = shift->target->remover;
	char line[LINE_BYTES];
	bool is_warning = false;

	if (remover->ended != NULL)
		remover->ended(shift->config, &task->work);
	while (remover->tell != NULL &&
	       remover->tell(shift->config, &is_warning, line, sizeof(line)))
		LOG(shift->log, is_warning ? LOG_LEVEL_WARNING : LOG_LEVEL_INFO, line);
	shift_report(shift, &(struct event){.kind = EVENT_ENDED, .work = &task->work});
}

// What went before its end counts, whatever that is. Returns all that went along.
static int64_t count_along(struct ending *ending, const struct task *task) {
	const struct target_remover *remover = ending->shift->target->remover;
	int64_t along = task->work.state == NULL || remover->gone_along == NULL
		? 0
		: remover->gone_along(ending->shift->config, &task->work);

	ending->shift->tally.removed_in_all += along;
	return task->result.rows.along + along;
}

static void finish(
	struct ending *ending, struct task *task, enum verdict verdict, enum reason reason
) {
	struct queue_take *queue = ending->setup.queue;
	const struct call *latest = task->latest;
	enum tally_end end = end_of(ending, task, verdict);
	struct candidate rest;
	struct fate fate = {
		.verdict = verdict,
		.reason = reason,
		.status = latest == NULL ? 0 : latest->status,
		.attempts = latest == NULL ? 0 : latest->attempts,
		.removed = task->result.rows.removed,
		.removed_also = count_along(ending, task),
		.removed_bytes = task->result.rows.bytes,
		.message = finding_words(&task->result.finding),
		.rest = say_rest(ending, task, verdict, &rest) ? &rest : NULL,
		.is_ending = shift_is_stopping(ending->shift),
	};

	if (log_enabled(ending->shift->log, LOG_LEVEL_DEBUG))
		tell_end(ending, task, end, reason);
	ending->shift->tally.ended[end][reason]++;
	if (ending->setup.audit != NULL && !ending->setup.dryrun)
		write_down(ending, task, end, &fate);
	tickets_return(ending->setup.tickets, task);
	lanes_task_rechecked(task);
	if (task->state != TASK_LEAVING)
		ending->shift->rows_in_work -= task->work.rows;
	task_move(task, TASK_DONE);
	if (task->work.state != NULL)
		tell_target(ending, task);
	queue->ops->finish(queue, task->candidate, &fate);
	if (task->work.state != NULL)
		ending->shift->target->remover->unload(ending->shift->config, &task->work);
	task_free(task);
	ending->shift->in_work--;
	ending_check_limit(ending);
}

static void note_unremoved(
	struct ending *ending, const struct task *task, enum reason reason, int64_t rows
) {
	if (ending->shift->target->handle_kind == HANDLE_DB && task->requests_done > 0 &&
	    (reason == REASON_UNKNOWN || reason == REASON_DATABASE))
		ending->shift->tally.unremoved += rows;
}

// Counts what remove settled. Returns the other rows.
static int64_t count_settled(struct ending *ending, struct task *task) {
	const struct removed_rows *rows = &task->result.rows;

	ending->shift->tally.gone += rows->gone;
	ending->shift->tally.left[REASON_CHANGED] += rows->spared;
	ending->shift->tally.purged += rows->removed;
	ending->shift->tally.removed_in_all += rows->removed + rows->along;
	ending->shift->tally.removed_bytes += rows->bytes;
	if (rows->removed > 0)
		shift_report(
			ending->shift,
			&(struct event){
				.kind = EVENT_PURGED, .work = &task->work, .value = rows->removed}
		);
	if (rows->failed > 0)
		failed_rows_report(ending->shift, task);
	return task->work.rows - rows->removed - rows->spared - rows->failed - rows->gone;
}

static void warn_of_unknown(struct ending *ending, const struct task *task, int64_t rows) {
	LOG(ending->shift->log,
	    LOG_LEVEL_WARNING,
	    "the database was lost in a commit: rows that do not count as purged may be gone",
	    log_str("id", task->candidate->id),
	    log_int("rows_at_most", rows));
}

// For a task that did not come to its end: counts what remove settled. Returns the other rows.
static int64_t count_part(struct ending *ending, struct task *task) {
	int64_t rows = count_settled(ending, task);

	if (task->result.commit_unknown || task->result.along_unknown > 0)
		warn_of_unknown(
			ending,
			task,
			(task->result.commit_unknown ? rows : 0) + task->result.along_unknown
		);
	return rows;
}

void ending_left(struct ending *ending, struct task *task, enum reason reason) {
	ending->shift->tally.left[reason] += task->work.rows;
	finish(ending, task, VERDICT_LEFT, reason);
}

// What the log says of a row that does not go.
struct complaint {
	const char *message;
	const char *last; // from here on nothing is said
	// The same, until the quota is renewed.
	const char *last_for_now;
};

static const struct complaint has_failed = {
	.message = "row failed",
	.last = "more rows fail; only counted from here on",
	.last_for_now = "more rows fail; only counted for a while",
};

static const struct complaint is_stuck = {
	.message = "row postponed",
	.last = "more rows are postponed; only counted from here on",
	.last_for_now = "more rows are postponed; only counted for a while",
};

// The log is bounded: the first ones in full, then only the count in the summary, or until the
// quota is renewed.
static void complain(
	struct ending *ending,
	struct quota *quota,
	const struct complaint *complaint,
	const struct task *task,
	enum reason reason
) {
	int64_t renew_ms = ending->setup.failures_renew_ms;
	enum quota_answer answer = quota_take(quota, renew_ms, ending->shift->now_ms);
	struct call_plan room;

	if (answer == QUOTA_WRITE)
		LOG(ending->shift->log,
		    LOG_LEVEL_WARNING,
		    complaint->message,
		    log_str("id", task->candidate->id),
		    log_str("reason", reason_name(reason)),
		    log_str("node", node_of(ending, task, &room)),
		    log_int("attempts", task->latest == NULL ? 0 : task->latest->attempts),
		    log_str("error", finding_words(&task->result.finding)));
	else if (answer == QUOTA_LAST)
		LOG(ending->shift->log,
		    LOG_LEVEL_WARNING,
		    renew_ms > 0 ? complaint->last_for_now : complaint->last);
}

void ending_postponed(struct ending *ending, struct task *task, enum reason reason) {
	int64_t rows;

	if (task_is_revoked(task)) {
		ending_abandoned(ending, task);
		return;
	}
	rows = count_part(ending, task);
	ending->shift->tally.postponed[reason] += rows;
	note_unremoved(ending, task, reason, rows);
	if (task->latest != NULL && reason_is_of_node(reason) && !shift_is_stopping(ending->shift))
		task->latest->lane->postponed += rows;
	// What has words of its own waits for something that an operator may have to see to.
	if (!reason_is_of_node(reason) && reason != REASON_DATABASE)
		complain(ending, &ending->postponed_named, &is_stuck, task, reason);
	finish(ending, task, VERDICT_POSTPONED, reason);
}

void ending_abandoned(struct ending *ending, struct task *task) {
	ending->shift->tally.abandoned++;
	count_part(ending, task);
	finish(ending, task, VERDICT_POSTPONED, REASON_STOPPED);
}

void ending_done(struct ending *ending, struct task *task) {
	struct removed_rows *rows = &task->result.rows;

	rows->gone = task->work.rows - rows->removed - rows->spared - rows->failed;
	count_settled(ending, task);
	finish(ending, task, VERDICT_DONE, task->result.finding.reason);
}

void ending_failed(struct ending *ending, struct task *task, enum reason reason) {
	int64_t rows;

	if (task_is_revoked(task)) {
		ending_abandoned(ending, task);
		return;
	}
	rows = count_part(ending, task);
	ending->shift->tally.failed[reason] += rows;
	note_unremoved(ending, task, reason, rows);
	task->result.finding.reason = reason;
	complain(ending, &ending->failures_named, &has_failed, task, reason);
	shift_report(
		ending->shift,
		&(struct event){
			.kind = EVENT_FAILED,
			.work = &task->work,
			.reason = reason,
			.value = rows,
		}
	);
	tickets_return(ending->setup.tickets, task);
	if (ending->setup.defer_failed && ending->shift->target->remover->defer != NULL &&
	    !ending->setup.dryrun && task->work.state != NULL && ending->shift->fatal[0] == '\0') {
		ending->shift->rows_in_work -= task->work.rows;
		task->end.reason = reason;
		task->end.words = task->result.finding.words;
		task->result.finding.words = NULL;
		task_move(task, TASK_LEAVING);
		batcher_add(&ending->setup.batches->defer, task, ending->shift->now_ms);
		return;
	}
	finish(ending, task, VERDICT_FAILED, reason);
}

void ending_deferred(struct ending *ending, struct task *task) {
	if (task->result.finding.verdict == VERDICT_DONE)
		ending->shift->tally.deferred += task->work.rows;
	// Somebody else moved it first: nothing is wrong.
	else if (task->result.finding.verdict != VERDICT_LEFT)
		shift_report(
			ending->shift,
			&(struct event){.kind = EVENT_DEFER_FAILED, .work = &task->work}
		);
	free(task->result.finding.words);
	task->result.finding.words = task->end.words;
	task->end.words = NULL;
	finish(ending, task, VERDICT_FAILED, task->end.reason);
}
