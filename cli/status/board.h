// SPDX-License-Identifier: MPL-2.0
// board: looks at brokers, state topic and database at the same time, each on a thread of its own,
// and has what they say. Nobody waits for one that hangs: what it does not say in time is unknown.
// Thread: main; the looks are the board's.
#pragma once

#include "cli/status/view.h"

#include <stdbool.h>
#include <stdint.h>

struct board; // opaque
struct front;
struct kafka_options;

// All outlive the process: a look may hang for ever.
struct board_setup {
	const struct front *front;
	const struct kafka_options *kafka;
	int64_t deadline_ms; // for one look
	// From one look to the next; 0: the brokers are looked at twice, the others once.
	int64_t every_ms;
	// Only for view_text_short: neither rows nor letters are looked at.
	bool is_short;
};

// Starts the looks. 0; -EINVAL with words in `error`; -ENOMEM; -EAGAIN (no thread). It is never
// freed.
int board_start(
	struct board **out, const struct board_setup *setup, char *error, size_t error_bytes
);
// Waits until each look has ended that is asked for, at most timeout_ms.
void board_wait(struct board *board, int64_t timeout_ms);
// Shows what is known now; what is older than the deadline and the time between two looks allow is
// unknown.
void board_show(struct board *board, void (*show)(void *ctx, const struct view *view), void *ctx);
