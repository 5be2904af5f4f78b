// SPDX-License-Identifier: MPL-2.0
// lag_news: tells the operator that publishing waits for the workers, and why, and when it goes on.
// Thread: scan.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct lag_watch;
struct log;

struct lag_news { // log and lag_max are its maker's
	struct log *log;
	int64_t lag_max; // at which publishing waits, in messages
	// When it was last told that the lag is unknown, since it is; 0: it is known.
	int64_t told_ms;
};

void lag_news_begin(struct lag_news *news); // a pass begins: nothing was told
// After a look of the watch. `is_waiting`: publishing waits now; `was_waiting`: at the look before.
void lag_news_tell(
	struct lag_news *news,
	const struct lag_watch *watch,
	bool is_waiting,
	bool was_waiting,
	int64_t now_ms
);
