// SPDX-License-Identifier: MPL-2.0
// monitor: a mutex and its condition, on the monotonic clock.
#include "common/base/monitor.h"

#include "common/base/clock.h"

void monitor_init(struct monitor *monitor) {
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_mutex_init(&monitor->mutex, NULL);
	pthread_cond_init(&monitor->changed, &attr);
	pthread_condattr_destroy(&attr);
}

void monitor_fini(struct monitor *monitor) {
	pthread_cond_destroy(&monitor->changed);
	pthread_mutex_destroy(&monitor->mutex);
}

void monitor_lock(struct monitor *monitor) {
	pthread_mutex_lock(&monitor->mutex);
}

void monitor_unlock(struct monitor *monitor) {
	pthread_mutex_unlock(&monitor->mutex);
}

void monitor_wait(struct monitor *monitor) {
	pthread_cond_wait(&monitor->changed, &monitor->mutex);
}

bool monitor_wait_until(struct monitor *monitor, const struct timespec *until) {
	return pthread_cond_timedwait(&monitor->changed, &monitor->mutex, until) == 0;
}

bool monitor_wait_ms(struct monitor *monitor, int64_t ms) {
	struct timespec until = clock_mono_after(ms);

	return monitor_wait_until(monitor, &until);
}

bool monitor_wait_for(struct monitor *monitor, const bool *flag, int64_t ms) {
	struct timespec until = clock_mono_after(ms);

	while (!*flag && monitor_wait_until(monitor, &until))
		;
	return *flag;
}

void monitor_signal(struct monitor *monitor) {
	pthread_cond_signal(&monitor->changed);
}

void monitor_broadcast(struct monitor *monitor) {
	pthread_cond_broadcast(&monitor->changed);
}
