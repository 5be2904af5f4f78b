// SPDX-License-Identifier: MPL-2.0
// producer_options: what the operator wants of all passes, and what one pass is asked for by it.
// Pure. Thread: any.
#pragma once

#include "common/target/pass.h"

#include <stdbool.h>
#include <stdint.h>

struct producer_options {
	int64_t page_rows;
	bool has_range_start, has_range_end;
	int64_t range_start, range_end;
	double max_fraction; // guard; 0: off
	// For the target to know, and with scan_only the most that are put; 0: no limit.
	int64_t max_records;
	// The backlog is told only when it was counted within this time.
	int64_t backlog_ms;
	int64_t estimate_ms; // how long counting may take
	// How long a lost database is waited for.
	int64_t reconnect_ms;
	bool dryrun;
	bool will_defer;
	bool scan_only; // candidates are only published
	int64_t margin_ms; // of the cursor
	// Rows that are due for longer are told of; 0: none are.
	int64_t warn_after_ms;
};

// What a pass that begins now is asked for, and its name. now_ms: wall clock.
struct pass_wish producer_options_wish(const struct producer_options *options, int64_t now_ms);
