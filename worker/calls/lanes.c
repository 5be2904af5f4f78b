// SPDX-License-Identifier: MPL-2.0
// lanes: the lanes of all nodes.
#include "worker/calls/lanes.h"

#include "worker/park/rate.h"
#include "worker/task/task.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>

struct lanes {
	const struct lane_limits *limits;
	void *by_origin; // tsearch tree of the entries' origins
	struct lane_entry **list;
	size_t count;
	size_t size;
};

static int compare(const void *a, const void *b) {
	return strcmp(a, b);
}

struct lanes *lanes_new(const struct lane_limits *limits) {
	struct lanes *lanes = calloc(1, sizeof(*lanes));

	if (lanes != NULL)
		lanes->limits = limits;
	return lanes;
}

void lanes_free(struct lanes *lanes) {
	if (lanes == NULL)
		return;
	for (size_t i = 0; i < lanes->count; i++) {
		tdelete(lanes->list[i]->origin, &lanes->by_origin, compare);
		free(lanes->list[i]);
	}
	free(lanes->list);
	free(lanes);
}

static struct lane_entry *lane_entry_new(const struct lane_limits *limits, const char *origin) {
	size_t bytes = strlen(origin) + 1;
	struct lane_entry *entry = calloc(1, sizeof(*entry) + bytes);

	if (entry == NULL)
		return NULL;
	lane_init(&entry->lane, limits);
	TAILQ_INIT(&entry->ready);
	TAILQ_INIT(&entry->waiting);
	memcpy(entry->origin, origin, bytes);
	return entry;
}

static bool make_room(struct lanes *lanes) {
	size_t size = lanes->size == 0 ? 16 : lanes->size * 2;
	struct lane_entry **list;

	if (lanes->count < lanes->size)
		return true;
	list = realloc(lanes->list, size * sizeof(struct lane_entry *));
	if (list == NULL)
		return false;
	lanes->list = list;
	lanes->size = size;
	return true;
}

static struct lane_entry *find(const struct lanes *lanes, const char *origin) {
	char *const *found = tfind(origin, &lanes->by_origin, compare);

	if (found == NULL)
		return NULL;
	return (struct lane_entry *)(void *)(*found - offsetof(struct lane_entry, origin));
}

struct lane_entry *lanes_get(struct lanes *lanes, const char *origin) {
	struct lane_entry *entry = find(lanes, origin);

	if (entry != NULL)
		return entry;
	entry = lane_entry_new(lanes->limits, origin);
	if (entry == NULL || !make_room(lanes) ||
	    tsearch(entry->origin, &lanes->by_origin, compare) == NULL) {
		free(entry);
		return NULL;
	}
	lanes->list[lanes->count++] = entry;
	return entry;
}

size_t lanes_count(const struct lanes *lanes) {
	return lanes->count;
}

struct lane_entry *lanes_at(const struct lanes *lanes, size_t index) {
	return lanes->list[index];
}

void lanes_reset(struct lanes *lanes) {
	for (size_t i = 0; i < lanes->count; i++) {
		lane_init(&lanes->list[i]->lane, lanes->limits);
		lanes->list[i]->last_arrival = 0;
		lanes->list[i]->postponed = 0;
		lanes->list[i]->last_reason = REASON_NONE;
	}
}

size_t lanes_queued(const struct lanes *lanes) {
	size_t count = 0;

	for (size_t i = 0; i < lanes->count; i++)
		count += lanes->list[i]->queued;
	return count;
}

size_t lanes_held_by_rate(const struct lanes *lanes, int64_t now_ms) {
	size_t count = 0;

	for (size_t i = 0; i < lanes->count; i++) {
		const struct lane_entry *entry = lanes->list[i];

		if (!rate_has(&entry->lane.rate, lanes->limits->rate_per_s, now_ms))
			count += entry->queued;
	}
	return count;
}

size_t lanes_waiting_for_nodes(const struct lanes *lanes, size_t *nodes) {
	size_t waiting = 0;

	*nodes = 0;
	for (size_t i = 0; i < lanes->count; i++) {
		const struct lane_entry *entry = lanes->list[i];
		size_t here = entry->queued + (size_t)entry->lane.inflight;

		if (entry->lane.blocked_since_ms == 0 || here == 0)
			continue;
		waiting += here;
		++*nodes;
	}
	return waiting;
}

bool lanes_another_starves(
	const struct lanes *lanes, const struct lane_entry *entry, const struct lanes_crowd *crowd
) {
	for (size_t i = 0; i < lanes->count; i++) {
		const struct lane_entry *other = lanes->list[i];

		if (other != entry && other->queued == 0 && other->last_arrival > 0 &&
		    lane_may_start(&other->lane, crowd->now_ms) &&
		    crowd->taken - other->last_arrival <= crowd->lately)
			return true;
	}
	return false;
}

// Those that hold a ticket of --max-records stay before all others: who has none could not be sent,
// nor let them pass.
static void insert_next(struct lane_entry *entry, struct call *call) {
	struct call *first = TAILQ_FIRST(&entry->ready);

	while (!call->task->has_ticket && first != NULL && first->task->has_ticket)
		first = TAILQ_NEXT(first, link);
	if (first == NULL)
		TAILQ_INSERT_TAIL(&entry->ready, call, link);
	else
		TAILQ_INSERT_BEFORE(first, call, link);
}

enum lane_place lane_place_of(const struct call *call, bool was_checked) {
	const struct task *task = call->task;

	if (task->has_ticket || (was_checked && call->is_ready))
		return LANE_NEXT;
	// Of a task with many calls there may always be one more: it takes turns with the others.
	if (task->requests_done > 0 && task->call_max == 1)
		return LANE_READY;
	return was_checked || call->attempts > 0 ? LANE_READY : LANE_LAST;
}

void lane_entry_queue(struct lane_entry *entry, struct call *call, enum lane_place place) {
	task_place_call(call, CALL_QUEUED);
	call->is_ready = place != LANE_LAST;
	if (place == LANE_LAST)
		TAILQ_INSERT_TAIL(&entry->waiting, call, link);
	else if (place == LANE_READY)
		TAILQ_INSERT_TAIL(&entry->ready, call, link);
	else
		insert_next(entry, call);
	entry->ready_count += call->is_ready ? 1 : 0;
	entry->queued++;
}

struct call *lane_entry_first(const struct lane_entry *entry) {
	struct call *call = TAILQ_FIRST(&entry->ready);

	return call != NULL ? call : TAILQ_FIRST(&entry->waiting);
}

void lane_entry_unqueue(struct lane_entry *entry, struct call *call) {
	task_place_call(call, CALL_IDLE);
	TAILQ_REMOVE(call->is_ready ? &entry->ready : &entry->waiting, call, link);
	entry->ready_count -= call->is_ready ? 1 : 0;
	entry->queued--;
}

void lane_entry_recheck(struct lane_entry *entry, struct call *call) {
	lane_entry_unqueue(entry, call);
	entry->rechecking++;
	call->left_lane = true;
}

void lanes_task_rechecked(struct task *task) {
	for (size_t i = 0; i < task->call_max; i++) {
		struct call *call = &task->calls[i];

		if (call->left_lane)
			call->lane->rechecking--;
		call->left_lane = false;
	}
}

enum reason lane_entry_why_given_up(const struct lane_entry *entry) {
	if (entry->lane.stopped)
		return REASON_STOPPED;
	// None: it asked for time.
	return entry->last_reason == REASON_NONE ? REASON_HELD : entry->last_reason;
}
