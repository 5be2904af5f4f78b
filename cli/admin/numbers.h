// SPDX-License-Identifier: MPL-2.0
// numbers: how a process stands at one moment, as plain numbers that can be copied. Times are Unix
// time. Thread: loop fills them, any reads a copy.
#pragma once

#include "worker/intake/source_view.h"
#include "worker/worker_view.h"

#include <stdint.h>

enum { NUMBER_UNKNOWN = -1 };

// Which parts there are; of the others nothing is known, and nothing told.
enum numbers_part {
	NUMBERS_WORKER = 1,
	NUMBERS_SOURCE = 2, // the take side that Kafka carries
	NUMBERS_SCAN = 4,
	NUMBERS_PUBLISHER = 8,
	NUMBERS_LETTERS = 16,
};

struct scan_numbers { // of all passes
	int64_t pages; // with rows
	int64_t rows;
	int64_t left[REASON_COUNT];
	int64_t backlog; // at the last count
	// Rows that the last pass over all of them found too long after they were due.
	int64_t overdue;
	// Since when the oldest of these is due; none: unknown.
	int64_t overdue_ms;
	int64_t overdue_counted_ms; // when that pass ended
	int64_t is_running; // 1: a pass is
	int64_t succeeded; // passes
	int64_t failed; // passes
	// When the last one ended that did not fail.
	int64_t success_ms;
	int64_t duration_ms; // of the last one
};

struct publisher_numbers {
	int64_t published; // by all passes
	int64_t unacknowledged;
	// Of the workers' group, at the last look.
	int64_t lag;
	int64_t is_waiting; // for the workers
	int64_t is_standby;
};

struct letter_numbers { // as of the last count
	int64_t open, solved;
	// Of which nobody can say whether they are solved.
	int64_t unknown;
	int64_t oldest_ms; // when it was written
	int64_t counted_ms;
};

struct numbers { // see numbers_init
	unsigned parts; // of enum numbers_part
	int64_t started_ms; // the process
	// Since the loop's last step; of the answer, not of the copy.
	int64_t idle_ms;
	int64_t is_paused; // nothing new is begun
	int64_t is_stopping;
	// As batch_pool_reaches and reach_reaches: no, when one of them says so.
	int64_t database;
	struct worker_view worker;
	struct source_view source;
	struct scan_numbers scan;
	struct publisher_numbers publisher;
	struct letter_numbers letters;
	// When that was seen to change last.
	int64_t candidate_ended_ms;
	int64_t page_read_ms;
	int64_t database_ms; // whether the database is there
};

// What it is that has these numbers; never changes.
struct numbers_of {
	const char *command; // "work"
	const char *target;
	const char *version;
};

// There are no parts, and all else is unknown.
void numbers_init(struct numbers *numbers);
