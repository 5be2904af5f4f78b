// SPDX-License-Identifier: MPL-2.0
// thread: starts a thread that takes no signals, since those are meant for the others.
// Thread: any.
#pragma once

#include <pthread.h>

// As pthread_create, with every signal blocked. 0 or a negative errno. The caller joins or detaches
// it.
int thread_start_deaf(pthread_t *out, void *(*main)(void *), void *ctx);
