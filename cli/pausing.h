// SPDX-License-Identifier: MPL-2.0
// pausing: a command rests as long as an operator has paused its target.
// Thread: main.
#pragma once

#include "common/kafka/topics/control.h"

#include <stdbool.h>

struct control_watch;
struct front;
struct kafka_options;
struct orders;

struct pausing { // zero it
	struct control_watch *watch;
	struct orders *orders;
	struct log *log;
	bool is_obeyed; // at least once
	struct control control;
};

// Waits until it is known whether there is a pause, and follows that. Blocks, for a bounded time.
// `kafka`, the orders and the front's log outlive it. 0, or a negative errno after the error was
// told: nothing may be begun.
int pausing_open(
	struct pausing *pausing,
	const struct front *front,
	const struct kafka_options *kafka,
	struct orders *orders
);
void pausing_close(struct pausing *pausing); // in any state
// Polls readable when there is something to obey.
int pausing_fd(const struct pausing *pausing);
// Has the command rest or go on, as it is known now. Once before its first step, then after each
// one.
void pausing_obey(struct pausing *pausing);
