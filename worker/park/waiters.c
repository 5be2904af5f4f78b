// SPDX-License-Identifier: MPL-2.0
// waiters: tasks that wait for their time, a binary heap.
#include "worker/park/waiters.h"

#include <errno.h>
#include <stdlib.h>

void waiters_fini(struct waiters *waiters) {
	free(waiters->heap);
	*waiters = (struct waiters){0};
}

static void swap(struct waiters *waiters, size_t a, size_t b) {
	struct task *task = waiters->heap[a];

	waiters->heap[a] = waiters->heap[b];
	waiters->heap[b] = task;
}

static bool before(const struct waiters *waiters, size_t a, size_t b) {
	return waiters->heap[a]->due_ms < waiters->heap[b]->due_ms;
}

static int make_room(struct waiters *waiters) {
	size_t size = waiters->size == 0 ? 64 : waiters->size * 2;
	struct task **heap;

	if (waiters->count < waiters->size)
		return 0;
	heap = realloc(waiters->heap, size * sizeof(struct task *));
	if (heap == NULL)
		return -ENOMEM;
	waiters->heap = heap;
	waiters->size = size;
	return 0;
}

int waiters_add(struct waiters *waiters, struct task *task) {
	size_t i = waiters->count;
	int err = make_room(waiters);

	if (err < 0)
		return err;
	waiters->heap[waiters->count++] = task;
	for (; i > 0 && before(waiters, i, (i - 1) / 2); i = (i - 1) / 2)
		swap(waiters, i, (i - 1) / 2);
	return 0;
}

struct task *waiters_take_any(struct waiters *waiters) {
	struct task *task;
	size_t i = 0;

	if (waiters->count == 0)
		return NULL;
	task = waiters->heap[0];
	waiters->heap[0] = waiters->heap[--waiters->count];
	for (;;) {
		size_t least = i, left = 2 * i + 1, right = left + 1;

		if (left < waiters->count && before(waiters, left, least))
			least = left;
		if (right < waiters->count && before(waiters, right, least))
			least = right;
		if (least == i)
			return task;
		swap(waiters, i, least);
		i = least;
	}
}

struct task *waiters_take_due(struct waiters *waiters, int64_t now_ms) {
	return waiters_next_ms(waiters) <= now_ms ? waiters_take_any(waiters) : NULL;
}

int64_t waiters_next_ms(const struct waiters *waiters) {
	return waiters->count == 0 ? INT64_MAX : waiters->heap[0]->due_ms;
}
