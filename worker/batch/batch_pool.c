// SPDX-License-Identifier: MPL-2.0
// batch_pool: the few threads that may block.
#include "worker/batch/batch_pool.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/monitor.h"
#include "common/target/target_remover.h"
#include "worker/batch/halving.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct batch_thread {
	struct batch_pool *pool;
	struct handle *handle;
	pthread_t thread;
	enum batch_kind kind; // of the batch in work
	unsigned musters; // that it has answered
	// It has no connection, and tries again then; 0: it has one, or was not asked.
	int64_t again_ms;
	bool is_away; // it waits for the database
	// After the next batch of which nothing came.
	int64_t rest_ms;
};

struct batch_pool {
	struct batch_pool_setup setup;
	// Changed: a batch was submitted, a muster, hurry, or stop.
	struct monitor monitor;
	struct batch *first;
	struct batch **tail;
	struct batch *done;
	size_t busy; // threads in a batch
	size_t queued;
	size_t away; // threads that wait for the database
	bool is_loss_told;
	bool hurry;
	bool stop;
	size_t started;
	unsigned musters; // asked for
	size_t answered; // the last one
	size_t have; // of these: with a connection
	size_t out; // threads without one
	char refusal[300]; // why one has none
	struct batch_thread threads[];
};

enum { REST_FIRST_MS = 50, REST_MOST_MS = 2000, MUSTER_AGAIN_MS = 30000 };

// --- one batch, on a batch thread

// However many threads lose the database, that is told once, and once when none of them waits for
// it any more.
static void go_away(struct batch_thread *self) {
	struct batch_pool *pool = self->pool;
	bool is_news;

	if (self->is_away)
		return;
	self->is_away = true;
	monitor_lock(&pool->monitor);
	pool->away++;
	is_news = !pool->is_loss_told && !pool->hurry;
	pool->is_loss_told = true;
	monitor_unlock(&pool->monitor);
	if (is_news)
		LOG(pool->setup.log,
		    LOG_LEVEL_WARNING,
		    handle_is_full(self->handle)
			    ? "no connection to the database is left; waiting for one"
			    : "lost the database; waiting for it",
		    log_str("error", handle_error(self->handle)));
}

// away_ms 0: it did not come back.
static void come_back(struct batch_thread *self, int64_t away_ms) {
	struct batch_pool *pool = self->pool;
	bool is_news;

	if (!self->is_away)
		return;
	self->is_away = false;
	monitor_lock(&pool->monitor);
	is_news = --pool->away == 0 && away_ms > 0;
	if (is_news)
		pool->is_loss_told = false;
	monitor_unlock(&pool->monitor);
	if (is_news)
		LOG(pool->setup.log,
		    LOG_LEVEL_WARNING,
		    "the database is back",
		    log_int("away_ms", away_ms));
}

// What was said before counts no more, but that it is done; what a remove took is told by the next
// remove at the earliest.
static void clear_results(enum batch_kind kind, const struct work_pair *pairs, size_t count) {
	for (size_t i = 0; i < count; i++) {
		const struct work_result was = *pairs[i].out;

		if (was.finding.verdict == VERDICT_DONE)
			continue;
		*pairs[i].out = (struct work_result){.finding = {.verdict = VERDICT_GO}};
		if (kind == BATCH_REMOVE)
			continue;
		pairs[i].out->rows = was.rows;
		pairs[i].out->commit_unknown = was.commit_unknown;
		pairs[i].out->along_unknown = was.along_unknown;
	}
}

static int call_target(void *ctx, const struct work_pair *pairs, size_t count) {
	struct batch_thread *self = ctx;
	const struct batch_pool_setup *setup = &self->pool->setup;
	const struct target_remover *remover = setup->target->remover;
	int err;

	err = handle_open(self->handle);
	if (err < 0)
		return err;
	clear_results(self->kind, pairs, count);
	switch (self->kind) {
	case BATCH_CHECK:
		err = remover->check(setup->config, self->handle, pairs, count);
		break;
	case BATCH_REMOVE:
		err = remover->remove(setup->config, self->handle, pairs, count);
		break;
	default:
		err = remover->defer(setup->config, self->handle, pairs, count);
		break;
	}
	if (err == 0)
		come_back(self, handle_worked(self->handle));
	return err;
}

// Waits unless hurried; false: nobody shall wait any more.
static bool nap(void *ctx, int64_t ms) {
	struct batch_pool *pool = ctx;
	struct timespec until = clock_mono_after(ms);
	bool hurry;

	monitor_lock(&pool->monitor);
	while (!pool->hurry && monitor_wait_until(&pool->monitor, &until))
		;
	hurry = pool->hurry;
	monitor_unlock(&pool->monitor);
	return !hurry;
}

static int reconnect(void *ctx) {
	struct batch_thread *self = ctx;
	struct batch_pool *pool = self->pool;

	go_away(self);
	return handle_reopen(self->handle, pool->setup.reconnect_ms, nap, pool);
}

static bool broke(void *ctx) {
	const struct batch_thread *self = ctx;

	return handle_broke_at_work(self->handle);
}

static const char *last_error(void *ctx) {
	const struct batch_thread *self = ctx;

	return handle_error(self->handle);
}

static bool is_hurried(struct batch_pool *pool) {
	bool hurry;

	monitor_lock(&pool->monitor);
	hurry = pool->hurry;
	monitor_unlock(&pool->monitor);
	return hurry;
}

static void say_why(struct batch_thread *self, struct batch *batch) {
	const char *what = "";

	if (batch->error == -ETIMEDOUT)
		what = is_hurried(self->pool) ? "the database was lost: "
					      : "the database was lost and did not come back "
						"within --database-patience: ";
	snprintf(batch->message, sizeof(batch->message), "%s%s", what, handle_error(self->handle));
}

static bool came_to_nothing(const struct batch *batch) {
	for (size_t i = 0; i < batch->count; i++) {
		if (batch->pairs[i].out->finding.verdict != VERDICT_RETRY)
			return false;
	}
	return true;
}

// What the server refuses at once (it has no room, a table is locked) would be sent again at once,
// thousands of times a second.
static void rest(struct batch_thread *self, const struct batch *batch) {
	if (batch->error < 0 || !came_to_nothing(batch)) {
		self->rest_ms = 0;
		return;
	}
	self->rest_ms = self->rest_ms == 0 ? REST_FIRST_MS : 2 * self->rest_ms;
	if (self->rest_ms > REST_MOST_MS)
		self->rest_ms = REST_MOST_MS;
	nap(self->pool, self->rest_ms);
}

static void run(struct batch_thread *self, struct batch *batch) {
	struct halving_call call = {
		.ctx = self,
		.call = call_target,
		.reconnect = reconnect,
		.broke = broke,
		.error = last_error,
	};

	self->kind = batch->kind;
	batch->error = halving_run(&call, batch->pairs, batch->count);
	if (batch->error < 0)
		say_why(self, batch);
	come_back(self, 0);
	rest(self, batch);
}

// --- connections before there is work

static int open_once(struct batch_thread *self) {
	int err = handle_open(self->handle);

	// One from before may have been closed meanwhile.
	return err == -ENOTCONN ? handle_open(self->handle) : err;
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
	int64_t deadline_ms = clock_mono_ms() + self->pool->setup.reconnect_ms;
	int64_t pause_ms = REST_FIRST_MS;
	int64_t began_ms = clock_mono_ms();
	int err = open_once(self);

	if (err == -ENOTCONN && !another_has_one(self->pool))
		go_away(self);
	while (err == -ENOTCONN && clock_mono_ms() + pause_ms <= deadline_ms &&
	       nap(self->pool, pause_ms) && !another_has_one(self->pool)) {
		err = open_once(self);
		pause_ms = 2 * pause_ms < REST_MOST_MS ? 2 * pause_ms : REST_MOST_MS;
	}
	come_back(self, err == 0 ? clock_mono_ms() - began_ms : 0);
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
	if (err < 0)
		snprintf(pool->refusal, sizeof(pool->refusal), "%s", handle_error(self->handle));
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
		run(self, batch);
		if (self->again_ms > 0 && batch->error == 0)
			connect_now(self); // it has a connection now
		monitor_lock(&pool->monitor);
		batch->next = pool->done;
		pool->done = batch;
		pool->busy--;
		monitor_unlock(&pool->monitor);
		pool->setup.wake(pool->setup.wake_ctx);
	}
	// Here, because a client library keeps state per thread.
	handle_free(self->handle);
	return NULL;
}

static int thread_start(struct batch_pool *pool, struct batch_thread *self) {
	const struct batch_pool_setup *setup = &pool->setup;
	char error[64];
	int err;

	self->pool = pool;
	err = handle_new(
		&self->handle, setup->target->handle_kind, setup->location, error, sizeof(error)
	);
	if (err < 0)
		return err;
	// For checks too: what a replica says of a row may be old, and data is deleted on its word.
	handle_want_writable(self->handle, !setup->dryrun);
	err = -pthread_create(&self->thread, NULL, thread_main, self);
	if (err < 0)
		handle_free(self->handle);
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
	monitor_init(&pool->monitor);
	for (size_t i = 0; i < setup->threads && err == 0; i++)
		err = thread_start(pool, &pool->threads[i]);
	if (err < 0) {
		batch_pool_free(pool);
		return err;
	}
	*out = pool;
	return 0;
}

void batch_pool_free(struct batch_pool *pool) {
	if (pool == NULL)
		return;
	monitor_lock(&pool->monitor);
	pool->stop = pool->hurry = true;
	monitor_broadcast(&pool->monitor);
	monitor_unlock(&pool->monitor);
	for (size_t i = 0; i < pool->started; i++)
		pthread_join(pool->threads[i].thread, NULL);
	monitor_fini(&pool->monitor);
	free(pool);
}

void batch_pool_hurry(struct batch_pool *pool, bool hurry) {
	monitor_lock(&pool->monitor);
	pool->hurry = hurry;
	if (!hurry)
		pool->is_loss_told = false;
	monitor_broadcast(&pool->monitor);
	monitor_unlock(&pool->monitor);
}

void batch_pool_muster(struct batch_pool *pool) {
	monitor_lock(&pool->monitor);
	pool->musters++;
	pool->answered = pool->have = 0;
	monitor_broadcast(&pool->monitor);
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

bool batch_pool_is_idle(struct batch_pool *pool) {
	bool idle;

	monitor_lock(&pool->monitor);
	idle = pool->busy + pool->queued < pool->started - pool->out;
	monitor_unlock(&pool->monitor);
	return idle;
}
