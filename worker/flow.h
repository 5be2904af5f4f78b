// SPDX-License-Identifier: MPL-2.0
// flow: what comes next for a task. Nobody else decides that; who parks it, or ends it, moves it
// there. Thread: loop. Owner: the worker.
#pragma once

#include "worker/batch/batches.h"
#include "worker/calls/calls.h"
#include "worker/ending.h"
#include "worker/park/pace.h"
#include "worker/park/park.h"
#include "worker/park/tickets.h"
#include "worker/retrying.h"
#include "worker/task/plan.h"
#include "worker/task/shift.h"
#include "worker/task/task.h"

#include <stdbool.h>
#include <stdint.h>

struct flow { // all outlive it
	struct shift *shift;
	struct ending *ending;
	struct calls *calls;
	struct batches *batches;
	struct park *park;
	struct tickets *tickets;
	struct pace *pace;
	struct plan *plan;
	const struct retrying *retrying;
	bool dryrun;
};

void flow_start(struct flow *flow, struct task *task); // TASK_NEW onwards
// Judged fit to go on: next request, or remove.
void flow_advance(struct flow *flow, struct task *task);
// Judge it again, once none of its calls is out.
void flow_recheck(struct flow *flow, struct task *task);
// Its end: FAILED, LEFT or POSTPONED, once none of its calls is out. The task may be gone.
void flow_end(struct flow *flow, struct task *task, enum verdict verdict, enum reason reason);
// One of its calls was answered: what waited for that goes on. The task may be gone.
void flow_settle(struct flow *flow, struct task *task);
void flow_go_on(struct flow *flow, struct task *task); // its waiting is over
// Its remove has begun, and is called again when its time comes (work_result.again_ms).
void flow_remove_again(struct flow *flow, struct task *task);
void flow_resume(struct flow *flow); // those whose waiting is over
int64_t flow_wake_ms(const struct flow *flow);
