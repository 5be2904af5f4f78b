// SPDX-License-Identifier: MPL-2.0
// hindrance: something that keeps a worker from its work until an operator mends it, and when to
// tell of it. Pure: no clock.
// Thread: the owner's.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct hindrance { // zeroed: there is none
	bool is_on;
	int64_t since_ms;
	int64_t seen_ms; // the last time
	int64_t told_ms;
};

enum hindrance_news {
	HINDRANCE_NO_NEWS,
	HINDRANCE_TELL, // at once, then once a minute
	// It was told, and has not been seen for a few seconds.
	HINDRANCE_OVER,
};

// Is it there now? To be asked every second or so.
enum hindrance_news hindrance_look(struct hindrance *hindrance, bool is_there, int64_t now_ms);
// Has it lasted so long that neither a moved leader nor a topic that is made anew explains it? What
// is not seen now does not last: it may be over.
bool hindrance_lasts(const struct hindrance *hindrance, bool is_there, int64_t now_ms);
