// SPDX-License-Identifier: MPL-2.0
// waiters: tasks in TASK_WAIT, the earliest due first. Thread: loop. Owner: the worker.
#pragma once

#include "worker/task/task.h"

struct waiters { // zero it before use
	struct task **heap;
	size_t count;
	size_t size;
};

void waiters_fini(struct waiters *waiters); // does not free tasks
int waiters_add(struct waiters *waiters, struct task *task); // by task->due_ms; 0 or -ENOMEM
struct task *waiters_take_due(struct waiters *waiters, int64_t now_ms); // NULL: none is due
struct task *waiters_take_any(struct waiters *waiters); // NULL: empty
int64_t waiters_next_ms(const struct waiters *waiters); // INT64_MAX: empty
