// SPDX-License-Identifier: MPL-2.0
// producer_options: what the operator wants of all passes, and what one pass is asked for by it.
#include "producer/producer_options.h"

#include <stdio.h>

struct pass_wish producer_options_wish(const struct producer_options *options, int64_t now_ms) {
	struct pass_wish wish = {
		.started_wall_ms = now_ms,
		.range_start = options->range_start,
		.range_end = options->range_end,
		.has_range_start = options->has_range_start,
		.has_range_end = options->has_range_end,
		.page_rows = (size_t)options->page_rows,
		.dryrun = options->dryrun,
		.will_defer = options->will_defer,
		.max_records = options->max_records,
		.scan_only = options->scan_only,
		.margin_ms = options->margin_ms,
		.warn_after_ms = options->warn_after_ms,
	};

	snprintf(wish.id, sizeof(wish.id), "%llx", (unsigned long long)now_ms);
	return wish;
}
