// SPDX-License-Identifier: MPL-2.0
// timers: who waits for a time, a binary heap.
#include "worker/park/timers.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

void timers_fini(struct timers *timers) {
	free(timers->heap);
	*timers = (struct timers){0};
}

static void put(struct timers *timers, size_t index, struct timer *timer) {
	timers->heap[index] = timer;
	timer->index = (uint32_t)index;
}

static void swap(struct timers *timers, size_t a, size_t b) {
	struct timer *timer = timers->heap[a];

	put(timers, a, timers->heap[b]);
	put(timers, b, timer);
}

static bool before(const struct timers *timers, size_t a, size_t b) {
	return timers->heap[a]->due_ms < timers->heap[b]->due_ms;
}

static int make_room(struct timers *timers) {
	size_t size = timers->size == 0 ? 64 : timers->size * 2;
	struct timer **heap;

	if (timers->count < timers->size)
		return 0;
	heap = realloc(timers->heap, size * sizeof(struct timer *));
	if (heap == NULL)
		return -ENOMEM;
	timers->heap = heap;
	timers->size = size;
	return 0;
}

static void sift_up(struct timers *timers, size_t i) {
	for (; i > 0 && before(timers, i, (i - 1) / 2); i = (i - 1) / 2)
		swap(timers, i, (i - 1) / 2);
}

static void sift_down(struct timers *timers, size_t i) {
	for (;;) {
		size_t least = i, left = 2 * i + 1, right = left + 1;

		if (left < timers->count && before(timers, left, least))
			least = left;
		if (right < timers->count && before(timers, right, least))
			least = right;
		if (least == i)
			return;
		swap(timers, i, least);
		i = least;
	}
}

int timers_add(struct timers *timers, struct timer *timer) {
	int err = make_room(timers);

	if (err < 0)
		return err;
	timer->is_set = true;
	put(timers, timers->count++, timer);
	sift_up(timers, timer->index);
	return 0;
}

void timers_remove(struct timers *timers, struct timer *timer) {
	size_t i = timer->index;

	timer->is_set = false;
	put(timers, i, timers->heap[--timers->count]);
	if (i == timers->count)
		return;
	sift_up(timers, i);
	sift_down(timers, i);
}

struct timer *timers_take_any(struct timers *timers) {
	struct timer *timer;

	if (timers->count == 0)
		return NULL;
	timer = timers->heap[0];
	timers_remove(timers, timer);
	return timer;
}

struct timer *timers_take_due(struct timers *timers, int64_t now_ms) {
	return timers_next_ms(timers) <= now_ms ? timers_take_any(timers) : NULL;
}

int64_t timers_next_ms(const struct timers *timers) {
	return timers->count == 0 ? INT64_MAX : timers->heap[0]->due_ms;
}
