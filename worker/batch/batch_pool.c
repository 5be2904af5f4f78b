// SPDX-License-Identifier: MPL-2.0
// batch_pool: the few threads that may block.
//
// Design notes
//
//    submit ──► first … tail ──► a thread has it (batch_run) ──► done ──► take_done
//
// - A batch is the loop's or a thread's, never both's. It is handed over whole under the lock and
//   comes back whole, so what is in it needs no lock.
// - Each thread has a handle of its own, made before it starts and freed by it.
// - Batches are taken in the order in which they came. Two threads may end them in another one.
// - A muster asks every thread for its connection before the worker begins anything that needs one
//   later. The threads answer one by one; the caller is woken by each.
// - A thread that gets no connection then, while another has one, leaves the work to that one and
//   tries again every 30 s. When nobody has one, each takes batches all the same: it waits for the
//   database (absence.c), and gives the batch back with an error when that takes too long. So does
//   a thread that loses its connection in a batch.
// - At the end the threads still do what is queued, unless they are without a connection; nobody
//   hears of it any more.
#include "worker/batch/batch_pool.h"

#include "common/base/clock.h"
#include "common/base/monitor.h"
#include "common/handle.h"
#include "worker/batch/absence.h"
#include "worker/batch/batch_run.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct batch_thread {
	struct batch_pool *pool;
	struct batch_runner runner;
	pthread_t thread;
	unsigned musters; // that it has answered
	// It has no connection, and tries again then; 0: it has one, or was not asked.
	int64_t again_ms;
};

struct batch_pool {
	struct batch_pool_setup setup;
	struct absence absence;
	// Changed: a batch was submitted, a muster, or stop.
	struct monitor monitor;
	struct batch *first;
	struct batch **tail;
	struct batch *done;
	size_t busy; // threads in a batch
	size_t queued;
	bool stop;
	size_t started;
	unsigned musters; // asked for
	size_t answered; // the last one
	size_t have; // of these: with a connection
	size_t out; // threads without one
	// As batch_pool_reaches, which knows of threads that wait as well.
	int reaches;
	char refusal[300]; // why one has none
	struct batch_thread threads[];
};

enum { PAUSE_FIRST_MS = 50, PAUSE_MOST_MS = 2000, MUSTER_AGAIN_MS = 30000 };

// --- connections before there is work

static int open_once(struct batch_thread *self) {
	int err = handle_open(self->runner.handle);

	// One from before may have been closed meanwhile.
	return err == -ENOTCONN ? handle_open(self->runner.handle) : err;
}

static bool another_has_one(struct batch_pool *pool) {
	bool does;

	monitor_lock(&pool->monitor);
	does = pool->have > 0;
	monitor_unlock(&pool->monitor);
	return does;
}

// Waits for a database that is away, but not for one that is there for another thread.
static int open_patiently(struct batch_thread *self) {
	struct absence *absence = &self->pool->absence;
	int64_t deadline_ms = clock_mono_ms() + self->pool->setup.reconnect_ms;
	int64_t pause_ms = PAUSE_FIRST_MS;
	int64_t began_ms = clock_mono_ms();
	int err = open_once(self);

	if (err == -ENOTCONN && !another_has_one(self->pool))
		absence_begin(absence, &self->runner.is_away, self->runner.handle);
	while (err == -ENOTCONN && clock_mono_ms() + pause_ms <= deadline_ms &&
	       absence_nap(absence, pause_ms) && !another_has_one(self->pool)) {
		err = open_once(self);
		pause_ms = 2 * pause_ms < PAUSE_MOST_MS ? 2 * pause_ms : PAUSE_MOST_MS;
	}
	absence_end(absence, &self->runner.is_away, err == 0 ? clock_mono_ms() - began_ms : 0);
	return err;
}

static void connect_now(struct batch_thread *self) {
	struct batch_pool *pool = self->pool;
	bool was_out = self->again_ms > 0;
	bool was_asked;
	int err;

	monitor_lock(&pool->monitor);
	was_asked = self->musters != pool->musters;
	self->musters = pool->musters;
	monitor_unlock(&pool->monitor);
	err = was_asked ? open_patiently(self) : open_once(self);
	self->again_ms = err < 0 ? clock_mono_ms() + MUSTER_AGAIN_MS : 0;
	monitor_lock(&pool->monitor);
	pool->answered += was_asked ? 1 : 0;
	pool->have += was_asked && err == 0 ? 1 : 0;
	pool->out += err < 0 ? 1 : 0;
	pool->out -= was_out ? 1 : 0;
	if (err == 0 || pool->out == pool->started)
		pool->reaches = err == 0 ? 1 : 0;
	if (err < 0)
		snprintf(
			pool->refusal,
			sizeof(pool->refusal),
			"%s",
			handle_error(self->runner.handle)
		);
	monitor_unlock(&pool->monitor);
	if (was_asked)
		pool->setup.wake(pool->setup.wake_ctx);
}

// --- the threads

enum duty { DUTY_END, DUTY_BATCH, DUTY_CONNECT };

// Under the lock.
static enum duty wait_for_duty(struct batch_thread *self) {
	struct batch_pool *pool = self->pool;

	for (;;) {
		bool is_out = self->again_ms > 0;

		if (self->musters != pool->musters)
			return DUTY_CONNECT;
		if (pool->stop && (is_out || pool->first == NULL))
			return DUTY_END;
		if (is_out && clock_mono_ms() >= self->again_ms)
			return DUTY_CONNECT;
		// When nobody has a connection, whoever takes a batch waits for one, or gives it
		// back.
		if (pool->first != NULL && (!is_out || pool->out == pool->started))
			return DUTY_BATCH;
		if (is_out)
			monitor_wait_ms(&pool->monitor, self->again_ms - clock_mono_ms());
		else
			monitor_wait(&pool->monitor);
	}
}

// Under the lock; there is one.
static struct batch *take_first(struct batch_pool *pool) {
	struct batch *batch = pool->first;

	pool->first = batch->next;
	if (pool->first == NULL)
		pool->tail = &pool->first;
	pool->queued--;
	pool->busy++;
	return batch;
}

// NULL: there will be none.
static struct batch *wait_for_batch(struct batch_thread *self) {
	struct batch_pool *pool = self->pool;
	struct batch *batch = NULL;
	enum duty duty = DUTY_CONNECT;

	while (batch == NULL && duty != DUTY_END) {
		monitor_lock(&pool->monitor);
		duty = wait_for_duty(self);
		if (duty == DUTY_BATCH)
			batch = take_first(pool);
		monitor_unlock(&pool->monitor);
		if (duty == DUTY_CONNECT)
			connect_now(self);
	}
	return batch;
}

static void *thread_main(void *arg) {
	struct batch_thread *self = arg;
	struct batch_pool *pool = self->pool;
	struct batch *batch;

	while ((batch = wait_for_batch(self)) != NULL) {
		batch_run(&self->runner, batch);
		if (self->again_ms > 0 && batch->error == 0)
			connect_now(self); // it has a connection now
		monitor_lock(&pool->monitor);
		batch->next = pool->done;
		pool->done = batch;
		if (batch->error == 0 || batch->error == -ETIMEDOUT)
			pool->reaches = batch->error == 0 ? 1 : 0;
		pool->busy--;
		monitor_unlock(&pool->monitor);
		pool->setup.wake(pool->setup.wake_ctx);
	}
	// Here, because a client library keeps state per thread.
	handle_free(self->runner.handle);
	return NULL;
}

static int thread_start(struct batch_pool *pool, struct batch_thread *self) {
	const struct batch_pool_setup *setup = &pool->setup;
	char error[64];
	int err;

	self->pool = pool;
	self->runner = (struct batch_runner){
		.target = setup->target,
		.config = setup->config,
		.absence = &pool->absence,
		.reconnect_ms = setup->reconnect_ms,
	};
	err = handle_new(
		&self->runner.handle,
		setup->target->handle_kind,
		setup->location,
		error,
		sizeof(error)
	);
	if (err < 0)
		return err;
	// For checks too: what a replica says of a row may be old, and data is deleted on its word.
	handle_want_writable(self->runner.handle, !setup->dryrun);
	err = -pthread_create(&self->thread, NULL, thread_main, self);
	if (err < 0)
		handle_free(self->runner.handle);
	else
		pool->started++;
	return err;
}

int batch_pool_new(struct batch_pool **out, const struct batch_pool_setup *setup) {
	struct batch_pool *pool;
	int err = 0;

	pool = calloc(1, sizeof(*pool) + setup->threads * sizeof(pool->threads[0]));
	if (pool == NULL)
		return -ENOMEM;
	pool->setup = *setup;
	pool->tail = &pool->first;
	pool->reaches = -1;
	monitor_init(&pool->monitor);
	absence_init(&pool->absence, setup->log);
	for (size_t i = 0; i < setup->threads && err == 0; i++)
		err = thread_start(pool, &pool->threads[i]);
	if (err < 0) {
		batch_pool_free(pool);
		return err;
	}
	*out = pool;
	return 0;
}

static void free_batches(struct batch *batch) {
	while (batch != NULL) {
		struct batch *next = batch->next;

		free(batch);
		batch = next;
	}
}

void batch_pool_free(struct batch_pool *pool) {
	if (pool == NULL)
		return;
	absence_hurry(&pool->absence, true);
	monitor_lock(&pool->monitor);
	pool->stop = true;
	monitor_broadcast(&pool->monitor);
	monitor_unlock(&pool->monitor);
	for (size_t i = 0; i < pool->started; i++)
		pthread_join(pool->threads[i].thread, NULL);
	free_batches(pool->done);
	free_batches(pool->first);
	monitor_fini(&pool->monitor);
	absence_fini(&pool->absence);
	free(pool);
}

void batch_pool_hurry(struct batch_pool *pool, bool hurry) {
	absence_hurry(&pool->absence, hurry);
}

void batch_pool_muster(struct batch_pool *pool) {
	monitor_lock(&pool->monitor);
	pool->musters++;
	pool->answered = pool->have = 0;
	monitor_broadcast(&pool->monitor);
	monitor_unlock(&pool->monitor);
}

void batch_pool_forget(struct batch_pool *pool) {
	monitor_lock(&pool->monitor);
	if (pool->out < pool->started)
		pool->reaches = -1;
	monitor_unlock(&pool->monitor);
}

bool batch_pool_mustered(
	struct batch_pool *pool, size_t *connected, char *error, size_t error_bytes
) {
	bool is_over;

	monitor_lock(&pool->monitor);
	is_over = pool->answered == pool->started;
	*connected = pool->have;
	snprintf(error, error_bytes, "%s", pool->refusal);
	monitor_unlock(&pool->monitor);
	return is_over;
}

void batch_pool_submit(struct batch_pool *pool, struct batch *batch) {
	batch->next = NULL;
	monitor_lock(&pool->monitor);
	*pool->tail = batch;
	pool->tail = &batch->next;
	pool->queued++;
	monitor_broadcast(&pool->monitor);
	monitor_unlock(&pool->monitor);
}

struct batch *batch_pool_take_done(struct batch_pool *pool) {
	struct batch *done;

	monitor_lock(&pool->monitor);
	done = pool->done;
	pool->done = NULL;
	monitor_unlock(&pool->monitor);
	return done;
}

bool batch_pool_is_empty(struct batch_pool *pool) {
	bool is_empty;

	monitor_lock(&pool->monitor);
	is_empty = pool->busy + pool->queued == 0 && pool->done == NULL;
	monitor_unlock(&pool->monitor);
	return is_empty;
}

bool batch_pool_has_free_thread(struct batch_pool *pool) {
	bool idle;

	monitor_lock(&pool->monitor);
	idle = pool->busy + pool->queued < pool->started - pool->out;
	monitor_unlock(&pool->monitor);
	return idle;
}

int batch_pool_reaches(struct batch_pool *pool) {
	int reaches;

	monitor_lock(&pool->monitor);
	reaches = pool->reaches;
	monitor_unlock(&pool->monitor);
	return absence_is_on(&pool->absence) ? 0 : reaches;
}
