// SPDX-License-Identifier: MPL-2.0
// letter_watch: counts the dead letters now and then, on a thread of its own.
//
// A count that takes long is made seldom: at most a twentieth of the time is spent on it. One that
// fails is told in the log, once an hour, and what was counted before stays. Owner: the command.
// Thread: main.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct front;
struct kafka_options;
struct letter_watch; // opaque

struct letter_news {
	int64_t open, solved; // -1: not known
	// Of which nobody can say whether they are solved.
	int64_t unknown;
	// When it was written; -1: not known, or there is none.
	int64_t oldest_ms;
	int64_t counted_ms; // Unix time
};

// Counts at once, and then every_ms after the last time. `front` and `kafka` must outlive it. 0;
// -ENOMEM; -EAGAIN (no thread).
int letter_watch_open(
	struct letter_watch **out,
	const struct front *front,
	const struct kafka_options *kafka,
	int64_t every_ms
);
// 0; -EBUSY: a count is under way and does not end soon, so front and kafka are still in use. NULL
// is fine.
int letter_watch_close(struct letter_watch *watch);
// Was there a count since the last look? NULL is fine.
bool letter_watch_look(struct letter_watch *watch, struct letter_news *out);
