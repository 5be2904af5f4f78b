// SPDX-License-Identifier: MPL-2.0
// inquiry: a question to the brokers, asked on a thread of its own until it is answered: that may
// take long, and nobody waits for it.
//
// Thread: loop, all but `ask`. Owner: the part of the source that wants to know.
#pragma once

#include <stdbool.h>

struct inquiry; // opaque

struct inquiry_setup {
	// Called on the inquiry's thread; blocks for seconds at most. False: no answer, so it is
	// called again a second later.
	bool (*ask)(void *ctx);
	// What it asks and what it heard: the thread's from inquiry_start until inquiry_take says
	// true.
	void *ctx;
	// As wake.h, rung when there is an answer.
	int wake_fd;
};

// Asks nothing yet. 0, -ENOMEM, -EAGAIN.
int inquiry_new(struct inquiry **out, const struct inquiry_setup *setup);
// Waits for the try that is out. NULL is fine.
void inquiry_free(struct inquiry *inquiry);

void inquiry_start(struct inquiry *inquiry); // none is out
bool inquiry_is_out(const struct inquiry *inquiry); // started, and its answer not taken
// Has it been answered? True once for each start.
bool inquiry_take(struct inquiry *inquiry);
