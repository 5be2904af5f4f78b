// SPDX-License-Identifier: MPL-2.0
// lane_fixture: lanes as tests want them. Whatever fails fails the running test.
#pragma once

#include "worker/calls/lane.h"

#include <stdint.h>

enum { T0 = 100000 }; // when a test begins, in ms

// 16 in flight at first, at most 64; five failures open the breaker, five denied rows stop it.
extern const struct lane_limits limits;

struct lane lane_fresh(void);
struct lane lane_opened(int64_t now_ms); // by broken answers

// Starts and ends `count` requests one after the other, each within the millisecond `now_ms`.
// Returns the last turn.
enum lane_turn lane_feed(struct lane *lane, enum lane_answer answer, int count, int64_t now_ms);

// Starts as many requests as may be.
void lane_fill(struct lane *lane, int64_t now_ms);
