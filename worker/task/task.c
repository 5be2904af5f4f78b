// SPDX-License-Identifier: MPL-2.0
// task: one candidate in work.
#include "worker/task/task.h"

#include "common/target/target_remover.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#define BIT(state) (1u << (state))

static const struct {
	const char *name;
	unsigned next; // states that may follow
} states[TASK_STATES] = {
	[TASK_NEW] =
		{"NEW",
		 BIT(TASK_CHECK) | BIT(TASK_REQUEST) | BIT(TASK_REMOVE) | BIT(TASK_WAIT) |
			 BIT(TASK_LEAVING) | BIT(TASK_DONE)},
	[TASK_CHECK] =
		{"CHECK",
		 BIT(TASK_CHECK) | BIT(TASK_REQUEST) | BIT(TASK_REMOVE) | BIT(TASK_WAIT) |
			 BIT(TASK_LEAVING) | BIT(TASK_DONE)},
	[TASK_REQUEST] =
		{"REQUEST",
		 BIT(TASK_REQUEST) | BIT(TASK_CHECK) | BIT(TASK_REMOVE) | BIT(TASK_WAIT) |
			 BIT(TASK_LEAVING) | BIT(TASK_DONE)},
	[TASK_REMOVE] = {"REMOVE", BIT(TASK_WAIT) | BIT(TASK_LEAVING) | BIT(TASK_DONE)},
	[TASK_WAIT] =
		{"WAIT",
		 BIT(TASK_CHECK) | BIT(TASK_REQUEST) | BIT(TASK_REMOVE) | BIT(TASK_LEAVING) |
			 BIT(TASK_DONE)},
	[TASK_LEAVING] = {"LEAVING", BIT(TASK_DONE)},
	[TASK_DONE] = {"DONE", 0},
};

struct task *task_new(struct task_roll *roll, struct candidate *candidate, size_t call_max) {
	struct task *task = calloc(1, sizeof(*task) + call_max * sizeof(struct call));

	if (task == NULL)
		return NULL;
	LIST_INSERT_HEAD(roll, task, entry);
	task->candidate = candidate;
	task->call_max = (uint32_t)call_max;
	task->calls = (struct call *)(task + 1);
	for (size_t i = 0; i < call_max; i++) {
		struct call *call = &task->calls[i];

		call->task = task;
		call->timer.is_of_call = true;
	}
	task->work.candidate = candidate;
	task->work.rows = 1;
	task->work.oldest_at = task->work.newest_at = task->candidate->at;
	task->work.judged = (struct judged){candidate->checked_mono_ms, candidate->seen_ms};
	return task;
}

void task_free(struct task *task) {
	LIST_REMOVE(task, entry);
	free(task->end.words);
	free(task->result.finding.words);
	free(task);
}

void task_roll_clear(
	struct task_roll *roll, const struct target_remover *remover, const void *config
) {
	struct task *task = LIST_FIRST(roll);

	while (task != NULL) {
		struct task *next = LIST_NEXT(task, entry);

		if (task->work.state != NULL)
			remover->unload(config, &task->work);
		task_free(task);
		task = next;
	}
}

struct task *task_of(struct work *work) {
	return (struct task *)(void *)((char *)work - offsetof(struct task, work));
}

struct call *task_call_of_timer(struct timer *timer) {
	if (!timer->is_of_call)
		return NULL;
	return (struct call *)(void *)((char *)timer - offsetof(struct call, timer));
}

struct task *task_of_timer(struct timer *timer) {
	struct call *call = task_call_of_timer(timer);

	if (call != NULL)
		return call->task;
	return (struct task *)(void *)((char *)timer - offsetof(struct task, timer));
}

bool task_is_revoked(const struct task *task) {
	const struct lease *lease = task->candidate->origin.lease;

	return lease != NULL && lease->revoked;
}

bool task_holds_up(const struct task *task) {
	const struct lease *lease = task->candidate->origin.lease;

	return lease != NULL && task->taken_ms < lease->leave_before_ms;
}

void task_forget_troubles(struct task *task) {
	task->troubles = 0;
	task->trouble_ms = 0;
	task->untried_ms = 0;
}

void task_place_call(struct call *call, enum call_place place) {
	struct task *task = call->task;

	task->calls_out -= call->place == CALL_OUT;
	call->place = place;
	task->calls_out += call->place == CALL_OUT;
}

static void forget_attempts(struct call *call) {
	call->attempts = 0;
	call->first_ms = 0;
	call->timer.due_ms = 0;
	call->denied_once = false;
}

struct call *task_find_call(struct task *task, int64_t id) {
	struct call *found = NULL;

	for (uint32_t i = 0; i < task->call_max; i++) {
		uint32_t slot = (task->call_hint + i) % task->call_max;
		struct call *call = &task->calls[slot];

		if (call->place != CALL_FREE && call->id == id) {
			task->call_hint = slot + 1;
			return call;
		}
		if (call->place == CALL_FREE && found == NULL)
			found = call;
	}
	if (found == NULL)
		return NULL;
	found->id = id;
	found->queued_ms = 0;
	found->is_ready = false;
	forget_attempts(found);
	task_place_call(found, CALL_IDLE);
	return found;
}

void task_end_call(struct call *call) {
	task_place_call(call, CALL_FREE);
	forget_attempts(call);
	task_forget_troubles(call->task);
}

bool task_may_move(enum task_state from, enum task_state to) {
	return (states[from].next & BIT(to)) != 0;
}

void task_move(struct task *task, enum task_state next) {
	if (!task_may_move(task->state, next)) {
		fprintf(stderr,
			"bug: task %s from %s to %s\n",
			task->candidate->id,
			task_state_name(task->state),
			task_state_name(next));
		abort();
	}
	task->state = next;
}

const char *task_state_name(enum task_state state) {
	return states[state].name;
}
