// SPDX-License-Identifier: MPL-2.0
// broker_clock: the time of the brokers.
#include "worker/member/broker_clock.h"

void broker_clock_set(struct broker_clock *clock, int64_t stamp_ms, int64_t now_ms) {
	*clock = (struct broker_clock){.is_known = true, .stamp_ms = stamp_ms, .at_ms = now_ms};
}

int64_t broker_clock_now(const struct broker_clock *clock, int64_t now_ms) {
	return clock->stamp_ms + (now_ms - clock->at_ms);
}

int64_t broker_wait_left_ms(
	const struct broker_wait *wait, int64_t delay_ms, int64_t brokers_ms, int64_t now_ms
) {
	int64_t waited_ms = now_ms - wait->read_ms;

	if (brokers_ms != BROKER_TIME_UNKNOWN && wait->stamp_ms >= 0 &&
	    brokers_ms - wait->stamp_ms > waited_ms)
		waited_ms = brokers_ms - wait->stamp_ms;
	return delay_ms - waited_ms;
}
