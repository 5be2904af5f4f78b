// SPDX-License-Identifier: MPL-2.0
// broker_clock: the time of the brokers, told from the stamps that they put on records. Pure: no
// clock of its own.
// Thread: the owner's.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct broker_clock { // zeroed: nothing is known
	bool is_known;
	int64_t stamp_ms; // Unix time, by the brokers
	int64_t at_ms; // when it was that; monotonic
};

// A record got `stamp_ms` just now, or some time ago; then their time is later than what is kept.
// The newest counts: clocks are set back too.
void broker_clock_set(struct broker_clock *clock, int64_t stamp_ms, int64_t now_ms);
// Unix time; of one that is known.
int64_t broker_clock_now(const struct broker_clock *clock, int64_t now_ms);

// A record that waits for its time.
struct broker_wait {
	// That the brokers put on it, Unix time; -1: none.
	int64_t stamp_ms;
	int64_t read_ms; // when it was read; monotonic
};
enum { BROKER_TIME_UNKNOWN = -1 };
// How long it still waits, 0 or less: no longer. `brokers_ms`: their time, or BROKER_TIME_UNKNOWN.
// It never waits longer than delay_ms from when it was read.
int64_t broker_wait_left_ms(
	const struct broker_wait *wait, int64_t delay_ms, int64_t brokers_ms, int64_t now_ms
);
