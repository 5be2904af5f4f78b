// SPDX-License-Identifier: MPL-2.0
// rate: a token bucket.
#include "worker/park/rate.h"

#include <math.h>

// So that who waited until rate_due_ms may go.
static const double rounding = 1e-6;

static double bucket(double per_s) {
	return per_s > 1 ? per_s : 1;
}

// By another rate as much of the bucket is used, by its share of it; what was taken ahead of it
// stays.
static double used_then(const struct rate *rate, double per_s) {
	double ahead = rate->used - bucket(rate->per_s);

	if (rate->per_s <= 0 || fabs(rate->per_s - per_s) <= 0)
		return rate->used;
	if (ahead >= 0)
		return ahead + bucket(per_s);
	return rate->used * bucket(per_s) / bucket(rate->per_s);
}

static double used_now(const struct rate *rate, double per_s, int64_t now_ms) {
	double used = used_then(rate, per_s) - per_s * (double)(now_ms - rate->at_ms) / 1000.0;

	return used > 0 ? used : 0;
}

// How much has to flow back until one more may go.
static double missing(const struct rate *rate, double per_s, int64_t now_ms) {
	return used_now(rate, per_s, now_ms) + 1 - bucket(per_s);
}

bool rate_has(const struct rate *rate, double per_s, int64_t now_ms) {
	return per_s <= 0 || missing(rate, per_s, now_ms) <= rounding;
}

void rate_take(struct rate *rate, double per_s, double count, int64_t now_ms) {
	if (per_s <= 0)
		return;
	rate->used = used_now(rate, per_s, now_ms) + count;
	rate->per_s = per_s;
	rate->at_ms = now_ms;
}

int64_t rate_due_ms(const struct rate *rate, double per_s, int64_t now_ms) {
	double wait_ms;

	if (rate_has(rate, per_s, now_ms))
		return now_ms;
	wait_ms = ceil(missing(rate, per_s, now_ms) * 1000.0 / per_s);
	return wait_ms < (double)(INT64_MAX / 2 - now_ms) ? now_ms + (int64_t)wait_ms
							  : INT64_MAX / 2;
}
