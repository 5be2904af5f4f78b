// SPDX-License-Identifier: MPL-2.0
// inquiry: a question to the brokers, asked on a thread of its own until it is answered.
#include "worker/inquiry/inquiry.h"

#include "common/base/monitor.h"
#include "common/base/wake.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

enum { AGAIN_MS = 1000 };

struct inquiry {
	struct inquiry_setup setup;
	pthread_t thread;
	struct monitor monitor; // guards the next three
	bool is_asked; // and not answered
	bool is_answered; // and not taken
	bool quits;
	bool is_out; // the loop's
};

// --- on its thread

// Is there a question? Waits for one.
static bool wait_for_question(struct inquiry *inquiry) {
	bool quits;

	monitor_lock(&inquiry->monitor);
	while (!inquiry->is_asked && !inquiry->quits)
		monitor_wait(&inquiry->monitor);
	quits = inquiry->quits;
	monitor_unlock(&inquiry->monitor);
	return !quits;
}

static void pause_a_while(struct inquiry *inquiry) {
	monitor_lock(&inquiry->monitor);
	(void)monitor_wait_for(&inquiry->monitor, &inquiry->quits, AGAIN_MS);
	monitor_unlock(&inquiry->monitor);
}

static void tell(struct inquiry *inquiry) {
	monitor_lock(&inquiry->monitor);
	inquiry->is_asked = false;
	inquiry->is_answered = true;
	monitor_unlock(&inquiry->monitor);
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
	monitor_fini(&inquiry->monitor);
	free(inquiry);
}

int inquiry_new(struct inquiry **out, const struct inquiry_setup *setup) {
	struct inquiry *inquiry = calloc(1, sizeof(*inquiry));

	if (inquiry == NULL)
		return -ENOMEM;
	inquiry->setup = *setup;
	monitor_init(&inquiry->monitor);
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
	monitor_lock(&inquiry->monitor);
	inquiry->quits = true;
	monitor_signal(&inquiry->monitor);
	monitor_unlock(&inquiry->monitor);
	pthread_join(inquiry->thread, NULL);
	release(inquiry);
}

void inquiry_start(struct inquiry *inquiry) {
	inquiry->is_out = true;
	monitor_lock(&inquiry->monitor);
	inquiry->is_asked = true;
	monitor_signal(&inquiry->monitor);
	monitor_unlock(&inquiry->monitor);
}

bool inquiry_is_out(const struct inquiry *inquiry) {
	return inquiry->is_out;
}

bool inquiry_take(struct inquiry *inquiry) {
	bool is_answered;

	monitor_lock(&inquiry->monitor);
	is_answered = inquiry->is_answered;
	inquiry->is_answered = false;
	monitor_unlock(&inquiry->monitor);
	if (is_answered)
		inquiry->is_out = false;
	return is_answered;
}
