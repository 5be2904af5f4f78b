// SPDX-License-Identifier: MPL-2.0
// thread: one that may live on for long, so that a signal that is meant for the others must not end
// up there.
// Thread: any.
#pragma once

#include <pthread.h>

// As pthread_create, with every signal blocked. 0 or a negative errno. The caller joins or detaches
// it.
int thread_start_deaf(pthread_t *out, void *(*main)(void *), void *ctx);
