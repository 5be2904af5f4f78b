// SPDX-License-Identifier: MPL-2.0
// progress: one line that says how far a run is; on the terminal also at what rate, and when it may
// end. Thread: loop.
#pragma once

#include <stdbool.h>
#include <stdint.h>

enum {
	PROGRESS_EVERY_MS = 500, // on a terminal
	PROGRESS_LOG_MS = 60 * 1000, // in a log
};

struct log;

struct progress { // zero it before use
	// On a terminal; else it is for the log.
	bool shown;
	int64_t next_ms;
	// Of the last line, for the rate.
	int64_t last_ms;
	int64_t last_done;
	double rate_per_s; // smoothed
};

struct progress_counts {
	// Rows with a fate, those that are postponed aside.
	int64_t done;
	int64_t backlog; // -1: unknown
	// What the run may take of it; -1: unknown.
	int64_t total;
	int64_t purged;
	int64_t failed;
	int64_t postponed;
	int64_t in_work;
	// All that is in work waits for so many nodes; 0: work goes on.
	int64_t nodes_waited;
	bool stopping;
};

void progress_begin(struct progress *progress, bool is_terminal, int64_t now_ms);
bool progress_is_due(const struct progress *progress, int64_t now_ms);
// One more line. It is left out when the terminal does not take it at once.
void progress_tell(
	struct progress *progress,
	struct log *log,
	int64_t now_ms,
	const struct progress_counts *counts
);
// Leaves the cursor on an empty line.
void progress_end(struct progress *progress, struct log *log);

// The line as it is shown. Pure.
void progress_words(
	char *out, int out_bytes, const struct progress_counts *counts, double rate_per_s
);
// "1h02m03s", "42s". Pure.
void progress_duration(char *out, int out_bytes, int64_t seconds);
// Cuts a line so that it fits into one of the terminal's; columns 0: unknown. Pure.
void progress_cut(char *line, int columns);
