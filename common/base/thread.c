// SPDX-License-Identifier: MPL-2.0
// thread: one that takes no signals.
#include "common/base/thread.h"

#include <signal.h>

int thread_start_deaf(pthread_t *out, void *(*main)(void *), void *ctx) {
	sigset_t all, before;
	int err;

	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	err = pthread_create(out, NULL, main, ctx);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return -err;
}
