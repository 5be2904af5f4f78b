// SPDX-License-Identifier: MPL-2.0
// monitor: a mutex and the condition that what it guards has changed, on the monotonic clock.
// Who waits holds the lock; the wait gives it up and takes it again. A wait may end without a
// signal, so it stands in a loop that asks for what it waits for. Thread: any.
#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <time.h>

// For embedding; its members are monitor.c's.
struct monitor {
	pthread_mutex_t mutex;
	pthread_cond_t changed;
};

void monitor_init(struct monitor *monitor);
// Nobody holds it and nobody waits.
void monitor_fini(struct monitor *monitor);

void monitor_lock(struct monitor *monitor);
void monitor_unlock(struct monitor *monitor);

void monitor_wait(struct monitor *monitor);
// The time is one of clock_mono_after. False: it has come.
bool monitor_wait_until(struct monitor *monitor, const struct timespec *until);
// The same, `ms` from now.
bool monitor_wait_ms(struct monitor *monitor, int64_t ms);

// Waits until the flag, which the lock guards, is set, but at most `ms`. Returns the flag.
bool monitor_wait_for(struct monitor *monitor, const bool *flag, int64_t ms);

// Wakes one that waits, or all. The caller holds the lock.
void monitor_signal(struct monitor *monitor);
void monitor_broadcast(struct monitor *monitor);
