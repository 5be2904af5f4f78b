// SPDX-License-Identifier: MPL-2.0
// lane: what we know about one node: how much it may get, and whether it gets anything at all.
//
// Adaptive in-flight limit (aimd), breaker, hold (Retry-After), stop (401/403). Pure: no I/O, no
// clock, no task list.
// Thread: loop. Owner: lanes, which keeps one for each origin, with its queue of calls.
#pragma once

#include "common/http/http_message.h"
#include "worker/park/rate.h"

#include <stdbool.h>
#include <stdint.h>

// What an answer says about the node.
enum lane_answer {
	LANE_OK, // it works: 2xx, 404, 412
	// It is alive, more is not known: other 4xx, 3xx, a first 401; no success between denials.
	LANE_NEUTRAL,
	LANE_BUSY, // 408 425 429 5xx: slow down
	LANE_BROKEN, // connection error or time-out
	// 401 or 403 that persisted after a fresh signature.
	LANE_DENIED,
};

// What an answer made of the lane.
enum lane_turn {
	LANE_SAME,
	LANE_STOPPED, // its node refuses everything
	// Its node does not answer: from now on only probes.
	LANE_OPENED,
	LANE_BACK, // its node answers again
};

struct lane_limits {
	// Window of a node that is not known yet.
	int inflight_start;
	int inflight_max; // --node-inflight; may change at any time
	// Consecutive broken answers that open the breaker.
	int breaker_failures;
	// From one failed probe to the next, while the breaker is open.
	int64_t probe_interval_ms;
	// Different rows denied without a success between that stop the lane.
	int denied_rows;
	// How often a stopped lane is tried again; 0: never.
	int64_t stopped_probe_ms;
	// How long waiters stay once the lane is blocked.
	int64_t patience_ms;
	// How far a hold may extend that.
	int64_t hold_max_ms;
	// How long waiters stay at least for a probe that began.
	int64_t probe_patience_ms;
	// --node-rate: requests; 0: no limit; may change at any time.
	double rate_per_s;
};

struct lane {
	const struct lane_limits *limits;
	int inflight; // requests on their way
	int window; // adaptive limit now
	int64_t halved_ms; // when the window was last halved
	int broken_run; // consecutive broken answers
	bool has_worked; // in this pass
	bool open; // breaker open: only probes
	bool probing; // the probe is on its way
	// The next probe's time, or when the one on its way began.
	int64_t probe_at_ms;
	int64_t hold_until_ms;
	// Different rows denied since the last success.
	int denied_run;
	// Until the run ends, or a probe succeeds.
	bool stopped;
	struct rate rate;
	// First busy answer since it last worked; 0: none.
	int64_t busy_since_ms;
	// First block (open, held, stopped) since it last worked; 0: none.
	int64_t blocked_since_ms;
};

// `limits` must outlive the lane.
void lane_init(struct lane *lane, const struct lane_limits *limits);

// May one more request start now? Counting is done by lane_begin. While the breaker is open: one
// probe at a time, probe_interval_ms after the last one failed.
bool lane_may_start(const struct lane *lane, int64_t now_ms);
void lane_begin(struct lane *lane, int64_t now_ms);
// One request ended, elapsed_ms after its lane_begin; hold_ms as in the answer. Returns what this
// answer made of the lane; always LANE_SAME while the lane stays stopped. A node that has only been
// busy for patience_ms is from then on probed like one that does not answer, so that a pass ends.
enum lane_turn lane_end(
	struct lane *lane,
	enum lane_answer answer,
	int64_t elapsed_ms,
	int64_t hold_ms,
	int64_t now_ms
);

// Should those who wait in this lane leave as postponed? True when stopped, or blocked for longer
// than patience_ms (a hold: until hold_until, or not at all when that is beyond hold_max_ms); a
// probe that is on its way is waited for at least probe_patience_ms. Never while one may start, so
// the first of them becomes the probe.
bool lane_gives_up(const struct lane *lane, int64_t now_ms);
// When to look again at those who wait, if nothing else happens: absolute ms; now_ms when they
// should leave; INT64_MAX when no timer is needed, because one may start now or an answer is
// awaited.
int64_t lane_wake_ms(const struct lane *lane, int64_t now_ms);
