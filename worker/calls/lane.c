// SPDX-License-Identifier: MPL-2.0
// lane: what we know about one node: how much it may get, and whether it gets anything at all.
//
// Design notes. A request's start is `now - elapsed`. That tells the probe from requests that were
// on their way when the breaker opened, and it keeps the window from being halved twice by one and
// the same round trip.
#include "worker/calls/lane.h"

#include <assert.h>
#include <stddef.h>

void lane_init(struct lane *lane, const struct lane_limits *limits) {
	int window = limits->inflight_start;

	if (window > limits->inflight_max)
		window = limits->inflight_max;
	*lane = (struct lane){
		.limits = limits,
		.window = window < 1 ? 1 : window,
		.halved_ms = INT64_MIN,
	};
}

static void block(struct lane *lane, int64_t now_ms) {
	if (lane->blocked_since_ms == 0)
		lane->blocked_since_ms = now_ms;
}

static bool is_blocked(const struct lane *lane, int64_t now_ms) {
	return lane->open || now_ms < lane->hold_until_ms;
}

static void unblock(struct lane *lane, int64_t now_ms) {
	if (!lane->stopped && !is_blocked(lane, now_ms))
		lane->blocked_since_ms = 0;
}

bool lane_may_start(const struct lane *lane, int64_t now_ms) {
	if (now_ms < lane->hold_until_ms ||
	    !rate_has(&lane->rate, lane->limits->rate_per_s, now_ms))
		return false;
	if (lane->stopped && lane->limits->stopped_probe_ms == 0)
		return false;
	if (lane->open || lane->stopped)
		return !lane->probing && now_ms >= lane->probe_at_ms;
	return lane->inflight < lane->window && lane->inflight < lane->limits->inflight_max;
}

void lane_begin(struct lane *lane, int64_t now_ms) {
	lane->inflight++;
	rate_take(&lane->rate, lane->limits->rate_per_s, 1, now_ms);
	if (!lane->open && !lane->stopped)
		return;
	lane->probing = true;
	lane->probe_at_ms = now_ms;
}

// Clocks are read at slightly different moments, hence half an interval of tolerance.
static bool was_probe(const struct lane *lane, int64_t began_ms) {
	return lane->probing && began_ms > lane->probe_at_ms - lane->limits->probe_interval_ms / 2;
}

static void grow(struct lane *lane) {
	if (lane->window < lane->limits->inflight_max)
		lane->window++;
}

static void shrink(struct lane *lane, int64_t began_ms, int64_t now_ms) {
	if (began_ms <= lane->halved_ms)
		return;
	lane->halved_ms = now_ms;
	if (lane->window > 1)
		lane->window /= 2;
}

// It answered, whatever it said: there is somebody. Returns true when that closed the breaker.
static bool close_breaker(struct lane *lane) {
	bool was_open = lane->open;

	lane->broken_run = 0;
	lane->open = false;
	lane->probing = false;
	return was_open;
}

// The probe of a stopped lane came back. Returns true when the lane goes on.
static bool on_stopped_probe(struct lane *lane, enum lane_answer answer, int64_t now_ms) {
	if (answer == LANE_NEUTRAL) // it gets one fresh signature
		return false;
	lane->probing = false;
	lane->probe_at_ms = now_ms + lane->limits->stopped_probe_ms;
	lane->stopped = answer != LANE_OK;
	return !lane->stopped;
}

static void open_breaker(struct lane *lane, int64_t now_ms) {
	lane->open = true;
	lane->probing = false;
	lane->probe_at_ms = now_ms + lane->limits->probe_interval_ms;
	lane->window = 1;
	block(lane, now_ms);
}

static bool on_broken(struct lane *lane, int64_t began_ms, int64_t now_ms) {
	shrink(lane, began_ms, now_ms);
	if (lane->open) {
		if (was_probe(lane, began_ms)) {
			lane->probing = false;
			lane->probe_at_ms = now_ms + lane->limits->probe_interval_ms;
		}
		return false;
	}
	if (++lane->broken_run < lane->limits->breaker_failures)
		return false;
	open_breaker(lane, now_ms);
	return true;
}

static bool on_busy(struct lane *lane, int64_t began_ms, int64_t now_ms) {
	bool was_open = lane->open;

	shrink(lane, began_ms, now_ms);
	if (lane->busy_since_ms == 0)
		lane->busy_since_ms = now_ms;
	if (now_ms - lane->busy_since_ms < lane->limits->patience_ms)
		return close_breaker(lane);
	open_breaker(lane, now_ms);
	lane->blocked_since_ms = lane->busy_since_ms;
	return !was_open;
}

static bool on_denied(struct lane *lane, int64_t now_ms) {
	lane->denied_run++;
	lane->probe_at_ms = now_ms + lane->limits->stopped_probe_ms;
	if (lane->stopped || lane->denied_run < lane->limits->denied_rows)
		return false;
	lane->stopped = true;
	block(lane, now_ms);
	return true;
}

static void hold(struct lane *lane, int64_t hold_ms, int64_t now_ms) {
	int64_t until_ms = hold_ms > INT64_MAX - now_ms ? INT64_MAX : now_ms + hold_ms;

	if (hold_ms <= 0)
		return;
	if (until_ms > lane->hold_until_ms)
		lane->hold_until_ms = until_ms;
	block(lane, now_ms);
}

enum lane_turn lane_end(
	struct lane *lane,
	enum lane_answer answer,
	int64_t elapsed_ms,
	int64_t hold_ms,
	int64_t now_ms
) {
	int64_t began_ms = now_ms - elapsed_ms;
	bool was_stopped = lane->stopped;
	bool turned = false;

	assert(lane->inflight > 0);
	lane->inflight--;
	if (was_stopped && was_probe(lane, began_ms))
		turned = on_stopped_probe(lane, answer, now_ms);
	switch (answer) {
	case LANE_OK:
		lane->has_worked = true;
		turned |= close_breaker(lane);
		grow(lane);
		lane->denied_run = 0;
		lane->busy_since_ms = 0;
		unblock(lane, now_ms);
		break;
	case LANE_NEUTRAL:
		turned |= close_breaker(lane);
		lane->busy_since_ms = 0;
		break;
	case LANE_BUSY:
		turned |= on_busy(lane, began_ms, now_ms);
		break;
	case LANE_BROKEN:
		turned |= on_broken(lane, began_ms, now_ms);
		break;
	case LANE_DENIED:
		turned |= close_breaker(lane);
		turned |= on_denied(lane, now_ms);
		break;
	}
	hold(lane, hold_ms, now_ms);
	if (!turned || (was_stopped && lane->stopped))
		return LANE_SAME;
	if (lane->stopped)
		return LANE_STOPPED;
	return lane->open ? LANE_OPENED : LANE_BACK;
}

// When those who wait no longer wait for a probe that is on its way: absolute ms.
static int64_t probe_ends_ms(const struct lane *lane) {
	return lane->probing ? lane->probe_at_ms + lane->limits->probe_patience_ms : 0;
}

// When those who wait lose patience: absolute ms.
static int64_t patience_ends_ms(const struct lane *lane) {
	const struct lane_limits *limits = lane->limits;
	int64_t wait_ms = lane->hold_until_ms - lane->blocked_since_ms;
	int64_t ends_ms;

	if (lane->stopped)
		return probe_ends_ms(lane);
	if (wait_ms > limits->hold_max_ms)
		return lane->blocked_since_ms; // it would be in vain
	if (wait_ms < limits->patience_ms)
		wait_ms = limits->patience_ms;
	ends_ms = lane->blocked_since_ms + wait_ms;
	return ends_ms < probe_ends_ms(lane) ? probe_ends_ms(lane) : ends_ms;
}

bool lane_gives_up(const struct lane *lane, int64_t now_ms) {
	if (lane->stopped)
		return !lane_may_start(lane, now_ms) && now_ms >= patience_ends_ms(lane);
	if (!is_blocked(lane, now_ms) || lane_may_start(lane, now_ms))
		return false;
	return now_ms >= patience_ends_ms(lane);
}

int64_t lane_wake_ms(const struct lane *lane, int64_t now_ms) {
	int64_t start_ms = lane->hold_until_ms, leave_ms, rate_ms;

	if (lane_gives_up(lane, now_ms))
		return now_ms;
	if (lane->open && lane->probing)
		start_ms = INT64_MAX;
	else if (lane->open && start_ms < lane->probe_at_ms)
		start_ms = lane->probe_at_ms;
	rate_ms = rate_due_ms(&lane->rate, lane->limits->rate_per_s, now_ms);
	if (start_ms < rate_ms)
		start_ms = rate_ms;
	if (start_ms <= now_ms)
		start_ms = INT64_MAX;
	leave_ms = patience_ends_ms(lane);
	if ((!is_blocked(lane, now_ms) && !lane->stopped) || leave_ms <= now_ms ||
	    leave_ms > start_ms)
		return start_ms;
	return leave_ms;
}
