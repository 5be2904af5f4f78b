// SPDX-License-Identifier: MPL-2.0
// overdue_news: tells of rows that a pass found long after they were due: the first few by name,
// the others by their number. Thread: scan.
#pragma once

#include "common/overdue.h"

#include <stdbool.h>

struct log;
struct pass_wish;

// Zeroed but for the log: a pass begins.
struct overdue_news {
	struct log *log;
	struct overdue found; // in the pass so far
	// The target's own limits let go only some of what is due.
	bool is_limited;
	// The pass has ended, looked for them, and read all that is due, so that their number may
	// be compared with that of another pass.
	bool is_all;
};

// Adds what a page has, and names what may be named of it.
void overdue_news_page(struct overdue_news *news, const struct overdue *page);
// The pass has ended: says how many were not named, and sets is_all. is_at_end: it has read all
// that it is about.
void overdue_news_end(struct overdue_news *news, const struct pass_wish *wish, bool is_at_end);
