// SPDX-License-Identifier: MPL-2.0
// clock: the two clocks.
#include "common/base/clock.h"

#include <errno.h>

static int64_t clock_read_ms(clockid_t id) {
	struct timespec ts;
	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

int64_t clock_mono_ms(void) {
	return clock_read_ms(CLOCK_MONOTONIC);
}

int64_t clock_wall_ms(void) {
	return clock_read_ms(CLOCK_REALTIME);
}

int64_t clock_wall_us(void) {
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	return (int64_t)ts.tv_sec * 1000000 + ts.tv_nsec / 1000;
}

struct timespec clock_mono_after(int64_t ms) {
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_sec += ms / 1000;
	ts.tv_nsec += ms % 1000 * 1000000;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_sec++;
		ts.tv_nsec -= 1000000000;
	}
	return ts;
}

void clock_pause(int64_t ms) {
	struct timespec until = clock_mono_after(ms);

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL) == EINTR)
		;
}
