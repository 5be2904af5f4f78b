// SPDX-License-Identifier: MPL-2.0
// rate: a token bucket: so many a second, and at most one second's worth at once. Pure: no clock.
// Thread: the owner's.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct rate { // zeroed: nothing was taken yet
	double used; // of what the bucket holds, at
	int64_t at_ms;
	double per_s; // and by this rate
};

// `per_s` may change at any time; 0: no limit. The bucket holds one second's worth, and at least 1.
bool rate_has(const struct rate *rate, double per_s, int64_t now_ms); // may one more go?
// Takes `count`, which may be more than there is: then the next one waits for all of it.
void rate_take(struct rate *rate, double per_s, double count, int64_t now_ms);
// When one more may go: absolute ms; now_ms: now.
int64_t rate_due_ms(const struct rate *rate, double per_s, int64_t now_ms);
