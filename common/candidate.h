// SPDX-License-Identifier: MPL-2.0
// candidate: one thing that may be purged, as the scan found it and the queue carries it.
//
// Owner: whoever holds the pointer; put, take and finish of a queue hand it over whole.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// One assignment of what candidates are taken from: while it lasts, they are ours. Owner: the
// queue. Thread: loop.
struct lease {
	uint64_t epoch;
	// Lost: nothing is sent or removed for its candidates any more.
	bool revoked;
	// Those taken in before this moment hold up the others and leave once they can, monotonic;
	// 0: none.
	int64_t leave_before_ms;
};

struct candidate_origin {
	struct lease *lease; // NULL: ours for good
	void *loan; // the queue's own
	int64_t offset;
	int64_t first_failed_ms; // wall clock; 0: it never failed
	// How often it failed and was handed on.
	int attempts;
	// How often it was postponed and handed on.
	int postponed;
	// How often in a row because its node was away.
	int away;
	// A replay: what belongs to it on its node is to be deleted though its row is gone.
	bool is_replayed;
};

struct candidate {
	// Stable name, for logs and letters; never an e-mail address.
	char *id;
	// Position in the uid space that ranges are cut from.
	int64_t key;
	// The row's own time, in the target's unit.
	int64_t at;
	// The cutoff it was found with, same unit.
	int64_t cutoff;
	int64_t seen_ms; // wall clock of the scan
	// When the scan itself judged it, by this process's monotonic clock; 0: it did not.
	int64_t checked_mono_ms;
	// The target's own map (MessagePack, see common/pack/pack.h).
	unsigned char *data;
	size_t data_bytes;
	struct candidate_origin origin; // zero for the queue in memory
	struct candidate *next; // for the list it is in
};

// A copy of everything `like` says. NULL: out of memory. next is NULL.
struct candidate *candidate_new(const struct candidate *like);
void candidate_free(struct candidate *candidate); // NULL is fine
