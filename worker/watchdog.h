// SPDX-License-Identifier: MPL-2.0
// watchdog: ends a worker that makes no progress, so that others get its partitions. To Kafka it
// would look alive for ever: the library's own threads answer for it.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct log;

// --- the decision. Pure: it counts ticks, so one that was frozen with its whole process is not
// taken for stuck.

enum watch_verdict {
	WATCH_FINE,
	WATCH_STILL, // the loop makes no step
	// The loop runs, but nothing of what is in work comes to its end.
	WATCH_STUCK,
};

struct watch { // zero it
	uint64_t steps, ends; // last seen
	int64_t still_ms, stuck_ms; // since they moved
};

struct watch_limits {
	int64_t still_ms;
	int64_t stuck_ms;
};

// `ends` moves when something in work came to its end, and as long as nothing is in work.
enum watch_verdict watch_tick(
	struct watch *watch,
	const struct watch_limits *limits,
	uint64_t steps,
	uint64_t ends,
	int64_t tick_ms
);

// --- the thread

struct watchdog; // opaque

// Ends the process with `exit_status` and an error in the log when it finds no progress. Limits at
// least 1 s. 0, -ENOMEM, -EAGAIN.
int watchdog_open(
	struct watchdog **out, const struct watch_limits *limits, struct log *log, int exit_status
);
void watchdog_close(struct watchdog *watchdog); // NULL is fine
// The loop made a step. `in_work`: tasks, 0 when only a rate or the operator keeps them; `ended`:
// tasks since the start. Thread: loop.
void watchdog_note(struct watchdog *watchdog, size_t in_work, int64_t ended);
