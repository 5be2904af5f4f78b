// SPDX-License-Identifier: MPL-2.0
// fate: the end of a task: tally, metrics, log, and back to the queue.
#include "common/base/log.h"
#include "worker/worker_state.h"

// Where the task's request went, or would have gone; NULL: unknown.
static const char *node_of(
	const struct worker *worker, const struct task *task, struct route *room
) {
	room->origin[0] = '\0';
	if (task->lane != NULL)
		return task->lane->origin;
	if (worker->target->route != NULL && task->work.state != NULL)
		worker->target->route(worker->setup.config, &task->work, room);
	return room->origin[0] == '\0' ? NULL : room->origin;
}

// What an operator would call its end.
static const char *end_name(
	const struct worker *worker, const struct task *task, enum verdict verdict
) {
	const struct work *work = &task->work;

	if (verdict == VERDICT_DONE && worker->options->dryrun)
		return "planned";
	if (verdict == VERDICT_DONE && work->removed == 0)
		return work->spared > 0 ? "left" : work->failed > 0 ? "failed" : "gone";
	if (verdict == VERDICT_POSTPONED && task_is_revoked(task))
		return "taken away";
	return verdict == VERDICT_DONE ? "purged" : verdict_name(verdict);
}

// One line for each record; nothing bounds them but the level.
static void tell_end(
	const struct worker *worker,
	const struct task *task,
	enum verdict verdict,
	enum reason reason
) {
	struct route room;

	LOG(worker->setup.log,
	    LOG_LEVEL_DEBUG,
	    "record ended",
	    log_str("id", task->candidate->id),
	    log_str("verdict", end_name(worker, task, verdict)),
	    log_str("reason", reason == REASON_NONE ? NULL : reason_name(reason)),
	    log_str("node", node_of(worker, task, &room)),
	    task->status == 0 ? log_str("status", NULL) : log_int("status", task->status),
	    log_int("rows", task->work.rows),
	    log_int("purged", worker->options->dryrun ? 0 : task->work.removed));
}

static void finish(
	struct worker *worker, struct task *task, enum verdict verdict, enum reason reason
) {
	struct queue_take *queue = worker->setup.queue;
	const struct fate fate = {
		.verdict = verdict,
		.reason = reason,
		.status = task->status,
		.attempts = task->attempts,
		.message = task->work.message,
	};

	if (log_enabled(worker->setup.log, LOG_LEVEL_DEBUG))
		tell_end(worker, task, verdict, reason);
	ticket_return(worker, task);
	lane_entry_rechecked(task);
	task->candidate->removed = task->work.removed;
	task->candidate->removed_also = task->work.removed_also;
	if (task->state != TASK_LEAVING)
		worker->rows_in_work -= task->work.rows;
	task_move(task, TASK_DONE);
	if (task->work.state != NULL)
		worker->target->unload(worker->setup.config, &task->work);
	queue->ops->finish(queue, task->candidate, &fate);
	task_free(task);
	worker->in_work--;
	ticket_check_limit(worker);
}

static void note_unremoved(
	struct worker *worker, const struct task *task, enum reason reason, int64_t rows
) {
	if (task->requests_done > 0 && (reason == REASON_UNKNOWN || reason == REASON_DATABASE))
		worker->tally.unremoved += rows;
}

// Counts what remove settled. Returns the other rows.
static int64_t count_settled(struct worker *worker, struct task *task) {
	const struct work *work = &task->work;

	worker->tally.gone += work->gone;
	worker->tally.left[REASON_CHANGED] += work->spared;
	worker->tally.purged += work->removed;
	worker->tally.removed_in_all += work->removed + work->removed_also;
	if (work->removed > 0)
		worker_report(
			worker,
			&(struct event){.kind = EVENT_PURGED, .work = work, .value = work->removed}
		);
	if (work->failed > 0)
		failed_rows_report(worker, task);
	return work->rows - work->removed - work->spared - work->failed - work->gone;
}

static void warn_of_unknown(struct worker *worker, const struct task *task, int64_t rows) {
	LOG(worker->setup.log,
	    LOG_LEVEL_WARNING,
	    "the database was lost in a commit: rows that do not count as purged may be gone",
	    log_str("id", task->candidate->id),
	    log_int("rows_at_most", rows));
}

// For a task that did not come to its end: counts what remove settled. Returns the other rows.
static int64_t count_part(struct worker *worker, struct task *task) {
	int64_t rows = count_settled(worker, task);

	if (task->work.commit_unknown || task->work.also_unknown > 0)
		warn_of_unknown(
			worker,
			task,
			(task->work.commit_unknown ? rows : 0) + task->work.also_unknown
		);
	return rows;
}

void fate_left(struct worker *worker, struct task *task, enum reason reason) {
	worker->tally.left[reason] += task->work.rows;
	finish(worker, task, VERDICT_LEFT, reason);
}

void fate_postponed(struct worker *worker, struct task *task, enum reason reason) {
	int64_t rows;

	if (task_is_revoked(task)) {
		fate_abandoned(worker, task);
		return;
	}
	rows = count_part(worker, task);
	worker->tally.postponed[reason] += rows;
	note_unremoved(worker, task, reason, rows);
	if (task->lane != NULL && reason != REASON_DATABASE && !worker_is_stopping(worker))
		task->lane->postponed += rows;
	finish(worker, task, VERDICT_POSTPONED, reason);
}

void fate_abandoned(struct worker *worker, struct task *task) {
	worker->tally.abandoned++;
	count_part(worker, task);
	finish(worker, task, VERDICT_POSTPONED, REASON_STOPPED);
}

// The log is bounded: the first failures in full, then only the count in the summary, or until the
// quota is renewed.
static void log_failure(
	struct worker *worker, const struct task *task, const char *id, const char *words
) {
	int64_t renew_ms = worker->options->failures_renew_ms;
	enum quota_answer answer = quota_take(&worker->failures_named, renew_ms, worker->now_ms);
	struct route room;

	if (answer == QUOTA_WRITE)
		LOG(worker->setup.log,
		    LOG_LEVEL_WARNING,
		    "row failed",
		    log_str("id", id),
		    log_str("reason", reason_name(task->work.reason)),
		    log_str("node", node_of(worker, task, &room)),
		    log_int("attempts", task->attempts),
		    log_str("error", words));
	else if (answer == QUOTA_LAST)
		LOG(worker->setup.log,
		    LOG_LEVEL_WARNING,
		    renew_ms > 0 ? "more rows fail; only counted for a while"
				 : "more rows fail; only counted from here on");
}

void fate_done(struct worker *worker, struct task *task) {
	struct work *work = &task->work;

	work->gone = work->rows - work->removed - work->spared - work->failed;
	count_settled(worker, task);
	finish(worker, task, VERDICT_DONE, task->work.reason);
}

void fate_failed(struct worker *worker, struct task *task, enum reason reason) {
	int64_t rows;

	if (task_is_revoked(task)) {
		fate_abandoned(worker, task);
		return;
	}
	rows = count_part(worker, task);
	worker->tally.failed[reason] += rows;
	note_unremoved(worker, task, reason, rows);
	task->work.reason = task->last_reason = reason;
	log_failure(worker, task, task->candidate->id, task->work.message);
	worker_report(
		worker, &(struct event){.kind = EVENT_FAILED, .work = &task->work, .value = rows}
	);
	ticket_return(worker, task);
	if (worker->options->defer_failed && worker->target->defer != NULL &&
	    !worker->options->dryrun && task->work.state != NULL && worker->fatal[0] == '\0') {
		worker->rows_in_work -= task->work.rows;
		task_move(task, TASK_LEAVING);
		batcher_add(&worker->defer, task, worker->now_ms);
		return;
	}
	finish(worker, task, VERDICT_FAILED, reason);
}

void fate_deferred(struct worker *worker, struct task *task) {
	if (task->work.verdict == VERDICT_DONE)
		worker->tally.deferred += task->work.rows;
	// Somebody else moved it first: nothing is wrong.
	else if (task->work.verdict != VERDICT_LEFT)
		worker_report(
			worker, &(struct event){.kind = EVENT_DEFER_FAILED, .work = &task->work}
		);
	finish(worker, task, VERDICT_FAILED, task->last_reason);
}
