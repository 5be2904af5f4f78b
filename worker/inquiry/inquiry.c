// SPDX-License-Identifier: MPL-2.0
// inquiry: a question to the brokers, asked on a thread of its own until it is answered.
#include "worker/inquiry/inquiry.h"

#include "common/base/clock.h"
#include "common/base/wake.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

enum { AGAIN_MS = 1000 };

struct inquiry {
	struct inquiry_setup setup;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	bool is_asked; // and not answered
	bool is_answered; // and not taken
	bool quits;
	bool is_out; // the loop's
};

// --- on its thread

// Is there a question? Waits for one.
static bool wait_for_question(struct inquiry *inquiry) {
	bool quits;

	pthread_mutex_lock(&inquiry->lock);
	while (!inquiry->is_asked && !inquiry->quits)
		pthread_cond_wait(&inquiry->changed, &inquiry->lock);
	quits = inquiry->quits;
	pthread_mutex_unlock(&inquiry->lock);
	return !quits;
}

static void pause_a_while(struct inquiry *inquiry) {
	struct timespec until = clock_mono_after(AGAIN_MS);

	pthread_mutex_lock(&inquiry->lock);
	while (!inquiry->quits &&
	       pthread_cond_timedwait(&inquiry->changed, &inquiry->lock, &until) == 0)
		;
	pthread_mutex_unlock(&inquiry->lock);
}

static void tell(struct inquiry *inquiry) {
	pthread_mutex_lock(&inquiry->lock);
	inquiry->is_asked = false;
	inquiry->is_answered = true;
	pthread_mutex_unlock(&inquiry->lock);
	wake_ring(inquiry->setup.wake_fd);
}

static void *run(void *ctx) {
	struct inquiry *inquiry = ctx;

	while (wait_for_question(inquiry)) {
		if (inquiry->setup.ask(inquiry->setup.ctx))
			tell(inquiry);
		else
			pause_a_while(inquiry);
	}
	return NULL;
}

// --- on the loop thread

static void release(struct inquiry *inquiry) {
	pthread_cond_destroy(&inquiry->changed);
	pthread_mutex_destroy(&inquiry->lock);
	free(inquiry);
}

int inquiry_new(struct inquiry **out, const struct inquiry_setup *setup) {
	struct inquiry *inquiry = calloc(1, sizeof(*inquiry));
	pthread_condattr_t monotonic;

	if (inquiry == NULL)
		return -ENOMEM;
	inquiry->setup = *setup;
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_mutex_init(&inquiry->lock, NULL);
	pthread_cond_init(&inquiry->changed, &monotonic);
	pthread_condattr_destroy(&monotonic);
	if (pthread_create(&inquiry->thread, NULL, run, inquiry) != 0) {
		release(inquiry);
		return -EAGAIN;
	}
	*out = inquiry;
	return 0;
}

void inquiry_free(struct inquiry *inquiry) {
	if (inquiry == NULL)
		return;
	pthread_mutex_lock(&inquiry->lock);
	inquiry->quits = true;
	pthread_cond_signal(&inquiry->changed);
	pthread_mutex_unlock(&inquiry->lock);
	pthread_join(inquiry->thread, NULL);
	release(inquiry);
}

void inquiry_start(struct inquiry *inquiry) {
	inquiry->is_out = true;
	pthread_mutex_lock(&inquiry->lock);
	inquiry->is_asked = true;
	pthread_cond_signal(&inquiry->changed);
	pthread_mutex_unlock(&inquiry->lock);
}

bool inquiry_is_out(const struct inquiry *inquiry) {
	return inquiry->is_out;
}

bool inquiry_take(struct inquiry *inquiry) {
	bool is_answered;

	pthread_mutex_lock(&inquiry->lock);
	is_answered = inquiry->is_answered;
	inquiry->is_answered = false;
	pthread_mutex_unlock(&inquiry->lock);
	if (is_answered)
		inquiry->is_out = false;
	return is_answered;
}
