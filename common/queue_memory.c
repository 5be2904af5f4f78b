// SPDX-License-Identifier: MPL-2.0
// queue_memory: the bounded queue of one process. The database is the durable source; nothing here survives.
#include "common/queue.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct queue_memory {
	struct queue queue;
	pthread_mutex_t lock;
	pthread_cond_t moved; // room was made, the last one finished, or stop
	struct candidate *first;
	struct candidate **tail;
	size_t waiting;
	size_t unfinished; // put and not yet finished, waiting ones included
	size_t capacity;
	struct settled settled;
	bool stopped;
	int fd; // readable while something waits
};

static struct queue_memory *self_of(struct queue *queue) {
	return (struct queue_memory *)queue;
}

static size_t list_length(const struct candidate *list) {
	size_t n = 0;

	for (; list != NULL; list = list->next)
		n++;
	return n;
}

static void list_free(struct candidate *list) {
	while (list != NULL) {
		struct candidate *next = list->next;
		candidate_free(list);
		list = next;
	}
}

static void append(struct queue_memory *self, struct candidate *list, size_t n) {
	uint64_t one = 1;

	*self->tail = list;
	while (*self->tail != NULL)
		self->tail = &(*self->tail)->next;
	self->waiting += n;
	self->unfinished += n;
	(void)!write(self->fd, &one, sizeof(one));
}

static int memory_put(struct queue *queue, struct candidate *list) {
	struct queue_memory *self = self_of(queue);
	size_t n = list_length(list);
	int err = 0;

	if (n == 0)
		return 0;
	pthread_mutex_lock(&self->lock);
	while (!self->stopped && self->waiting > 0 && self->waiting + n > self->capacity)
		pthread_cond_wait(&self->moved, &self->lock);
	if (self->stopped)
		err = -ECANCELED;
	else
		append(self, list, n);
	pthread_mutex_unlock(&self->lock);
	if (err < 0)
		list_free(list);
	return err;
}

static int memory_drain(struct queue *queue) {
	struct queue_memory *self = self_of(queue);
	int err;

	pthread_mutex_lock(&self->lock);
	while (!self->stopped && self->unfinished > 0)
		pthread_cond_wait(&self->moved, &self->lock);
	err = self->stopped ? -ECANCELED : 0;
	pthread_mutex_unlock(&self->lock);
	return err;
}

static size_t memory_take(struct queue *queue, struct candidate **out, size_t max) {
	struct queue_memory *self = self_of(queue);
	size_t n = 0;
	uint64_t count;

	pthread_mutex_lock(&self->lock);
	while (n < max && self->first != NULL) {
		out[n] = self->first;
		self->first = out[n]->next;
		out[n]->next = NULL;
		n++;
	}
	self->waiting -= n;
	if (self->first == NULL) {
		self->tail = &self->first;
		(void)!read(self->fd, &count, sizeof(count));
	}
	if (n > 0)
		pthread_cond_broadcast(&self->moved);
	pthread_mutex_unlock(&self->lock);
	return n;
}

static int memory_take_fd(const struct queue *queue) {
	return ((const struct queue_memory *)queue)->fd;
}

static void memory_finish(struct queue *queue, struct candidate *candidate, enum verdict verdict) {
	struct queue_memory *self = self_of(queue);

	(void)verdict; // the database itself says what is left to do
	pthread_mutex_lock(&self->lock);
	self->settled.removed += candidate->removed;
	self->settled.removed_also += candidate->removed_also;
	if (--self->unfinished == 0)
		pthread_cond_broadcast(&self->moved);
	pthread_mutex_unlock(&self->lock);
	candidate_free(candidate);
}

static void memory_stop(struct queue *queue) {
	struct queue_memory *self = self_of(queue);
	struct candidate *dropped;
	uint64_t count;

	pthread_mutex_lock(&self->lock);
	self->stopped = true;
	dropped = self->first;
	self->first = NULL;
	self->tail = &self->first;
	self->unfinished -= self->waiting;
	self->waiting = 0;
	(void)!read(self->fd, &count, sizeof(count));
	pthread_cond_broadcast(&self->moved);
	pthread_mutex_unlock(&self->lock);
	list_free(dropped);
}

static void memory_restart(struct queue *queue) {
	struct queue_memory *self = self_of(queue);

	pthread_mutex_lock(&self->lock);
	self->stopped = false;
	self->settled = (struct settled){0};
	pthread_mutex_unlock(&self->lock);
}

static void memory_settled(struct queue *queue, struct settled *out) {
	struct queue_memory *self = self_of(queue);

	pthread_mutex_lock(&self->lock);
	*out = self->settled;
	pthread_mutex_unlock(&self->lock);
}

static void memory_free(struct queue *queue) {
	struct queue_memory *self = self_of(queue);

	list_free(self->first);
	close(self->fd);
	pthread_cond_destroy(&self->moved);
	pthread_mutex_destroy(&self->lock);
	free(self);
}

static const struct queue_ops memory_ops = {
	.put = memory_put,
	.drain = memory_drain,
	.take = memory_take,
	.take_fd = memory_take_fd,
	.finish = memory_finish,
	.stop = memory_stop,
	.restart = memory_restart,
	.free = memory_free,
	.settled = memory_settled,
};

struct queue *queue_memory_new(size_t capacity) {
	struct queue_memory *self = calloc(1, sizeof(*self));

	if (self == NULL)
		return NULL;
	self->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (self->fd < 0) {
		free(self);
		return NULL;
	}
	self->queue.ops = &memory_ops;
	self->tail = &self->first;
	self->capacity = capacity;
	pthread_mutex_init(&self->lock, NULL);
	pthread_cond_init(&self->moved, NULL);
	return &self->queue;
}
