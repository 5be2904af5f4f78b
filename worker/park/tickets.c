// SPDX-License-Identifier: MPL-2.0
// tickets: who may purge one of the --max-records rows.
#include "worker/park/tickets.h"

bool tickets_take(struct tickets *tickets, struct task *task) {
	int64_t rows = task->work.rows;

	if (!task->work.counted || task->has_ticket)
		return true;
	if (tickets->limit > 0 && rows > tickets->limit - tickets->taken - tickets->spent)
		return false;
	tickets->taken += rows;
	task->has_ticket = true;
	return true;
}

// Rows that may be gone count as gone here: never more than the limit.
static int64_t purged_at_most(const struct task *task) {
	enum verdict verdict = task->result.finding.verdict;
	bool is_open = verdict == VERDICT_RETRY || verdict == VERDICT_FAILED;

	return task->result.commit_unknown && is_open ? task->work.rows : task->result.rows.removed;
}

void tickets_return(struct tickets *tickets, struct task *task) {
	int64_t purged = task->work.counted ? purged_at_most(task) : 0;

	if (!task->has_ticket)
		return;
	task->has_ticket = false;
	tickets->taken -= task->work.rows;
	tickets->spent += purged;
	if (purged < task->work.rows)
		tickets->came_free = tickets->limit > 0;
}

bool tickets_ran_out(struct tickets *tickets) {
	if (tickets->is_over || tickets->limit == 0 || tickets->spent < tickets->limit)
		return false;
	tickets->is_over = true;
	return true;
}
