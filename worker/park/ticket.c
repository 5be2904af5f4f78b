// SPDX-License-Identifier: MPL-2.0
// ticket: which tasks hold tickets of --max-records, and what happens when all are used up.
#include "worker/worker_state.h"

bool ticket_take(struct worker *worker, struct task *task) {
	if (!task->work.counted || task->has_ticket)
		return true;
	task->has_ticket = budget_take(&worker->budget, task->work.rows);
	return task->has_ticket;
}

// Rows that may be gone count as gone here: never more than the limit.
static int64_t purged_at_most(const struct work *work) {
	bool is_open = work->verdict == VERDICT_RETRY || work->verdict == VERDICT_FAILED;

	return work->commit_unknown && is_open ? work->rows : work->removed;
}

void ticket_return(struct worker *worker, struct task *task) {
	int64_t purged = purged_at_most(&task->work);

	if (!task->has_ticket)
		return;
	task->has_ticket = false;
	if (!task->work.counted)
		purged = 0;
	budget_spend(&worker->budget, purged);
	budget_give_back(&worker->budget, task->work.rows - purged);
	if (purged < task->work.rows)
		worker->ticket_came_free = worker->budget.limit > 0;
}

void ticket_check_limit(struct worker *worker) {
	if (worker->limit_reached || !budget_is_spent(&worker->budget))
		return;
	worker->limit_reached = true;
	worker_report(worker, &(struct event){.kind = EVENT_LIMIT});
	worker->setup.queue->ops->stop(worker->setup.queue);
}
