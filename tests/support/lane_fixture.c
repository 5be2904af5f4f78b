// SPDX-License-Identifier: MPL-2.0
// lane_fixture: lanes as tests want them.
#include "support/lane_fixture.h"

#include "support/test.h"

const struct lane_limits limits = {
	.inflight_start = 16,
	.inflight_max = 64,
	.breaker_failures = 5,
	.probe_interval_ms = 1000,
	.denied_rows = 5,
	.patience_ms = 20000,
	.hold_max_ms = 60000,
};

struct lane lane_fresh(void) {
	struct lane lane;
	lane_init(&lane, &limits);
	return lane;
}

enum lane_turn lane_feed(struct lane *lane, enum lane_answer answer, int count, int64_t now_ms) {
	enum lane_turn last = LANE_SAME;
	for (int i = 0; i < count; i++) {
		lane_begin(lane, now_ms);
		enum lane_turn turn = lane_end(lane, answer, 0, 0, now_ms);
		if (turn != LANE_SAME)
			last = turn;
	}
	return last;
}

struct lane lane_opened(int64_t now_ms) {
	struct lane lane = lane_fresh();
	assert_int_equal(
		lane_feed(&lane, LANE_BROKEN, limits.breaker_failures, now_ms), LANE_OPENED
	);
	assert_true(lane.open);
	return lane;
}

void lane_fill(struct lane *lane, int64_t now_ms) {
	while (lane_may_start(lane, now_ms))
		lane_begin(lane, now_ms);
}
