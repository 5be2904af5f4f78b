// SPDX-License-Identifier: MPL-2.0
// control_watch: follows, on a thread of its own, whether an operator has paused a target.
//
// As long as the brokers do not answer, or the state topic is away, what was known last holds; the
// log tells of it, at most once a minute. Owner: the command.
#pragma once

#include "common/kafka/kafka.h"
#include "common/kafka/topics/control.h"

#include <stddef.h>
#include <stdint.h>

struct control_watch; // opaque

// Starts the thread. `kafka` and `log` must outlive it. 0; -EINVAL with words in `error`; -ENOMEM;
// -EMFILE; -EAGAIN (no thread). Thread: main.
int control_watch_open(
	struct control_watch **out,
	const struct kafka_options *kafka,
	const char *target,
	struct log *log,
	char *error,
	size_t error_bytes
);
// Ends the thread: at once, but for a question to brokers that do not answer, 5 s at most. NULL is
// fine. Thread: main.
void control_watch_close(struct control_watch *watch);

// Waits until it is known; before that nothing may be begun. Blocks up to timeout_ms, less when an
// operator has to mend something. 0; -EACCES, -ENOENT, -EAGAIN with words in `error`. Thread: main.
int control_watch_wait(
	struct control_watch *watch, int64_t timeout_ms, char *error, size_t error_bytes
);
// Polls readable from when something changed until the next look. Thread: main.
int control_watch_fd(const struct control_watch *watch);
// What is known now, once it was waited for. Thread: main.
void control_watch_look(struct control_watch *watch, struct control *out);
