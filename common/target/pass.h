// SPDX-License-Identifier: MPL-2.0
// pass: one walk over all candidates with one cutoff. Owner: the producer. Thread: scan.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PASS_ERROR_BYTES = 1600 };

// What is wanted of it. Set by the producer.
struct pass_wish {
	// Names the pass in logs and records.
	char id[24];
	int64_t started_wall_ms;
	int64_t range_start; // both exclusive
	int64_t range_end;
	bool has_range_start;
	bool has_range_end;
	// --max-per-loop, or less while pages of that size do not work.
	size_t page_rows;
	// A page's cursor from an earlier pass to go on from; NULL: from the beginning.
	const char *resume;
	// Cursors stay so far behind the cutoff, for what is written late.
	int64_t margin_ms;
	// Rows that are due for longer are told of; 0: none are.
	int64_t warn_after_ms;
	// Candidates are only published: nothing will be removed by this process.
	bool scan_only;
	bool is_short; // only what target_front.short_pass names
	bool dryrun; // nothing will be sent or changed
	bool will_defer; // failed candidates will be deferred
	int64_t max_records; // --max-records; 0: no limit
	// Rows removed so far, and rows of other kinds that went with them, as of the last page
	// that settled. A queue outside the process does not tell: -1.
	int64_t removed;
	int64_t removed_also;
	int64_t removed_bytes; // of storage, where they are counted
};

// What the target says of it. Zeroed by the producer before begin.
struct pass_facts {
	// Set by begin, in the target's unit.
	int64_t cutoff;
	// The target's own; made by begin, freed by end.
	void *scan;
	// A failed slot's words for the operator.
	char error[PASS_ERROR_BYTES];
	// Of a dry run: why a real one would fail, or ""; set by begin.
	char obstacle[PASS_ERROR_BYTES];
	// What the operator should know; set by begin and estimate; "": nothing.
	char warning[512];
};

struct pass {
	struct pass_wish wish;
	struct pass_facts facts;
	// Another process scans what this one would: no failure; set before begin, by the
	// producer's hook.
	bool is_standby;
};

struct estimate {
	// Rows that may be purged, at most; -1: unknown in time.
	int64_t eligible;
	// False: there are at least so many.
	bool eligible_exact;
	// How long it took to count those.
	int64_t eligible_ms;
	// The target's own limits let go only `most` of the eligible ones, or fewer.
	bool is_limited;
	int64_t most;
	// Of those eligible: count towards no --max-records; -1: unknown, or there is no limit.
	int64_t uncounted;
};
