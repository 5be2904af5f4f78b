// SPDX-License-Identifier: MPL-2.0
// source_count: how many partitions the topics have.
#include "worker/source_count.h"

#include "common/clock.h"
#include "common/wake.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

enum { ASK_MS = 2000, AGAIN_MS = 1000 };

struct source_count {
	struct source_count_setup setup;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool asked;
	bool answered;
	bool quit;
	int32_t partitions;
	int32_t retry_partitions;
};

// --- on its thread

// Is there a question? Waits for one.
static bool wait_for_question(struct source_count *count) {
	bool quit;

	pthread_mutex_lock(&count->lock);
	while (!count->asked && !count->quit)
		pthread_cond_wait(&count->changed, &count->lock);
	quit = count->quit;
	count->asked = false;
	pthread_mutex_unlock(&count->lock);
	return !quit;
}

static void ask_again_later(struct source_count *count) {
	struct timespec until = clock_mono_after(AGAIN_MS);

	pthread_mutex_lock(&count->lock);
	while (!count->quit && !count->asked &&
	       pthread_cond_timedwait(&count->changed, &count->lock, &until) == 0)
		;
	count->asked = true;
	pthread_mutex_unlock(&count->lock);
}

static void answer(struct source_count *count, int32_t partitions, int32_t retry_partitions) {
	pthread_mutex_lock(&count->lock);
	count->partitions = partitions;
	count->retry_partitions = retry_partitions;
	count->answered = true;
	pthread_mutex_unlock(&count->lock);
	wake_ring(count->setup.wake_fd);
}

static void *run(void *ctx) {
	struct source_count *count = ctx;
	const struct source_count_setup *setup = &count->setup;

	while (wait_for_question(count)) {
		int32_t partitions, retry_partitions;

		if (kafka_partition_count(setup->handle, setup->topic, ASK_MS, &partitions) == 0 &&
		    kafka_partition_count(
			    setup->handle, setup->retry_topic, ASK_MS, &retry_partitions
		    ) == 0)
			answer(count, partitions, retry_partitions);
		else
			ask_again_later(count);
	}
	return NULL;
}

// --- on the loop thread

int source_count_new(struct source_count **out, const struct source_count_setup *setup) {
	struct source_count *count = calloc(1, sizeof(*count));
	pthread_condattr_t monotonic;

	if (count == NULL)
		return -ENOMEM;
	count->setup = *setup;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&count->lock, NULL);
	pthread_cond_init(&count->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&count->thread, NULL, run, count) == 0) {
		*out = count;
		return 0;
	}
	pthread_cond_destroy(&count->changed);
	pthread_mutex_destroy(&count->lock);
	free(count);
	return -EAGAIN;
}

void source_count_free(struct source_count *count) {
	if (count == NULL)
		return;
	pthread_mutex_lock(&count->lock);
	count->quit = true;
	pthread_cond_signal(&count->changed);
	pthread_mutex_unlock(&count->lock);
	pthread_join(count->thread, NULL);
	pthread_cond_destroy(&count->changed);
	pthread_mutex_destroy(&count->lock);
	free(count);
}

void source_count_ask(struct source_count *count) {
	pthread_mutex_lock(&count->lock);
	count->asked = true;
	pthread_cond_signal(&count->changed);
	pthread_mutex_unlock(&count->lock);
}

bool source_count_take(struct source_count *count, int32_t *partitions, int32_t *retry_partitions) {
	bool answered;

	pthread_mutex_lock(&count->lock);
	answered = count->answered;
	count->answered = false;
	if (answered) {
		*partitions = count->partitions;
		*retry_partitions = count->retry_partitions;
	}
	pthread_mutex_unlock(&count->lock);
	return answered;
}
