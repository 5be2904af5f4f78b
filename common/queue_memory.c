// SPDX-License-Identifier: MPL-2.0
// queue_memory: the bounded queue of one process. The database is the durable source; nothing here
// survives.
#include "common/queue_memory.h"

#include "common/base/monitor.h"
#include "common/base/wake.h"
#include "common/candidate.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

enum { BYTES_MOST = 4 << 20 };

struct queue_memory {
	struct queue_put put;
	struct queue_take take;
	// Changed: room was made, the last one finished, or stop.
	struct monitor monitor;
	struct candidate *first;
	struct candidate **tail;
	size_t waiting;
	// Put and not yet finished, waiting ones included.
	size_t unfinished;
	size_t capacity;
	size_t waiting_bytes; // of their data
	struct settled settled;
	bool stopped;
	int fd; // readable while something waits
};

static struct queue_memory *of_put(struct queue_put *side) {
	return (void *)((char *)side - offsetof(struct queue_memory, put));
}

static struct queue_memory *of_take(struct queue_take *side) {
	return (void *)((char *)side - offsetof(struct queue_memory, take));
}

struct load {
	size_t count;
	size_t bytes; // of their data
};

static struct load load_of(const struct candidate *list) {
	struct load load = {0};

	for (; list != NULL; list = list->next) {
		load.count++;
		load.bytes += list->data_bytes;
	}
	return load;
}

// One list always fits, or it would wait for ever.
static bool has_room(const struct queue_memory *queue, const struct load *load) {
	return queue->waiting == 0 ||
		(queue->waiting + load->count <= queue->capacity &&
		 queue->waiting_bytes + load->bytes <= BYTES_MOST);
}

static void list_free(struct candidate *list) {
	while (list != NULL) {
		struct candidate *next = list->next;
		candidate_free(list);
		list = next;
	}
}

static void append(struct queue_memory *queue, struct candidate *list, const struct load *load) {
	*queue->tail = list;
	while (*queue->tail != NULL)
		queue->tail = &(*queue->tail)->next;
	queue->waiting += load->count;
	queue->waiting_bytes += load->bytes;
	queue->unfinished += load->count;
	wake_ring(queue->fd);
}

static int memory_put(struct queue_put *side, struct candidate *list) {
	struct queue_memory *queue = of_put(side);
	const struct load load = load_of(list);
	int err = 0;

	if (load.count == 0)
		return 0;
	monitor_lock(&queue->monitor);
	while (!queue->stopped && !has_room(queue, &load))
		monitor_wait(&queue->monitor);
	if (queue->stopped)
		err = -ECANCELED;
	else
		append(queue, list, &load);
	monitor_unlock(&queue->monitor);
	if (err < 0)
		list_free(list);
	return err;
}

// Nothing here is safe before it is finished.
static int memory_drain(struct queue_put *side, enum queue_drain until, struct settled *settled) {
	struct queue_memory *queue = of_put(side);
	int err;

	(void)until;
	monitor_lock(&queue->monitor);
	while (!queue->stopped && queue->unfinished > 0)
		monitor_wait(&queue->monitor);
	err = queue->stopped ? -ECANCELED : 0;
	*settled = queue->settled;
	monitor_unlock(&queue->monitor);
	return err;
}

static size_t memory_take(struct queue_take *side, struct candidate **out, size_t max) {
	struct queue_memory *queue = of_take(side);
	size_t n = 0;

	monitor_lock(&queue->monitor);
	while (n < max && queue->first != NULL) {
		out[n] = queue->first;
		queue->first = out[n]->next;
		queue->waiting_bytes -= out[n]->data_bytes;
		out[n]->next = NULL;
		n++;
	}
	queue->waiting -= n;
	if (queue->first == NULL) {
		queue->tail = &queue->first;
		wake_clear(queue->fd);
	}
	if (n > 0)
		monitor_broadcast(&queue->monitor);
	monitor_unlock(&queue->monitor);
	return n;
}

static int memory_fd(const struct queue_take *side) {
	return of_take((struct queue_take *)side)->fd;
}

static void memory_finish(
	struct queue_take *side, struct candidate *candidate, const struct fate *fate
) {
	struct queue_memory *queue = of_take(side);

	// The database itself says what is left to do.
	monitor_lock(&queue->monitor);
	queue->settled.removed += fate->removed;
	queue->settled.removed_also += fate->removed_also;
	queue->settled.removed_bytes += fate->removed_bytes;
	if (--queue->unfinished == 0)
		monitor_broadcast(&queue->monitor);
	monitor_unlock(&queue->monitor);
	candidate_free(candidate);
}

static void memory_stop(struct queue_memory *queue) {
	struct candidate *dropped;

	monitor_lock(&queue->monitor);
	queue->stopped = true;
	dropped = queue->first;
	queue->first = NULL;
	queue->tail = &queue->first;
	queue->unfinished -= queue->waiting;
	queue->waiting = 0;
	queue->waiting_bytes = 0;
	wake_clear(queue->fd);
	monitor_broadcast(&queue->monitor);
	monitor_unlock(&queue->monitor);
	list_free(dropped);
}

static void memory_restart(struct queue_put *side) {
	struct queue_memory *queue = of_put(side);

	monitor_lock(&queue->monitor);
	queue->stopped = false;
	queue->settled = (struct settled){0};
	monitor_unlock(&queue->monitor);
}

void queue_memory_free(struct queue_memory *queue) {
	if (queue == NULL)
		return;
	list_free(queue->first);
	close(queue->fd);
	monitor_fini(&queue->monitor);
	free(queue);
}

// --- the sides

static void stop_put(struct queue_put *side) {
	memory_stop(of_put(side));
}

static void stop_take(struct queue_take *side) {
	memory_stop(of_take(side));
}

static const struct queue_put_ops put_ops = {
	.put = memory_put,
	.drain = memory_drain,
	.stop = stop_put,
	.restart = memory_restart,
};

static const struct queue_take_ops take_ops = {
	.take = memory_take,
	.fd = memory_fd,
	.finish = memory_finish,
	.stop = stop_take,
};

struct queue_put *queue_memory_put_side(struct queue_memory *queue) {
	return &queue->put;
}

struct queue_take *queue_memory_take_side(struct queue_memory *queue) {
	return &queue->take;
}

struct queue_memory *queue_memory_new(size_t capacity) {
	struct queue_memory *queue = calloc(1, sizeof(*queue));

	if (queue == NULL)
		return NULL;
	queue->fd = wake_open();
	if (queue->fd < 0) {
		free(queue);
		return NULL;
	}
	queue->put.ops = &put_ops;
	queue->take.ops = &take_ops;
	queue->tail = &queue->first;
	queue->capacity = capacity;
	monitor_init(&queue->monitor);
	return queue;
}
