// SPDX-License-Identifier: MPL-2.0
// clock: the two clocks. Everything that decides takes `now` as an argument instead of calling
// these.
// Thread: any.
#pragma once

#include <stdint.h>
#include <time.h>

int64_t clock_mono_ms(void); // monotonic, for durations
int64_t clock_wall_ms(void); // Unix time
int64_t clock_wall_us(void); // the same, in microseconds

// The monotonic time `ms` from now, as monitor_wait_until wants it.
struct timespec clock_mono_after(int64_t ms);

// Sleeps for `ms`, also when signals come.
void clock_pause(int64_t ms);

// Brings *at_ms forward to a moment that is earlier.
static inline void clock_sooner(int64_t *at_ms, int64_t other_ms) {
	if (other_ms < *at_ms)
		*at_ms = other_ms;
}
