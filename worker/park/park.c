// SPDX-License-Identifier: MPL-2.0
// park: where tasks wait for something that is no node and no batch.
#include "worker/park/park.h"

void park_init(struct park *park) {
	*park = (struct park){.timers = {.count = 0}};
	for (size_t i = 0; i < PARK_PLACES; i++)
		TAILQ_INIT(&park->lists[i]);
}

void park_fini(struct park *park) {
	timers_fini(&park->timers);
	timers_fini(&park->begun);
}

void park_add(struct park *park, struct task *task, enum park_place place) {
	if (task->state != TASK_WAIT)
		task_move(task, TASK_WAIT);
	TAILQ_INSERT_TAIL(&park->lists[place], task, link);
}

struct task *park_first(const struct park *park, enum park_place place) {
	return TAILQ_FIRST(&park->lists[place]);
}

void park_remove(struct park *park, struct task *task, enum park_place place) {
	TAILQ_REMOVE(&park->lists[place], task, link);
}
