// SPDX-License-Identifier: MPL-2.0
// candidate: one thing that may be purged, as the scan found it and the queue carries it.
//
// Owner: whoever holds the pointer; put, take and finish of a queue hand it over whole.
#pragma once

#include <stddef.h>
#include <stdint.h>

struct candidate {
	char *id; // stable name, for logs and letters; never an e-mail address
	int64_t key; // position in the uid space that ranges are cut from
	int64_t at; // the row's own time, in the target's unit
	int64_t cutoff; // the cutoff it was found with, same unit
	int64_t seen_ms; // wall clock of the scan
	int64_t checked_mono_ms; // when the scan itself judged it, by this process's monotonic clock; 0: it did not
	uint32_t stage;
	int64_t removed; // rows that were removed for it; set by the worker before finish
	int64_t removed_also; // rows of other kinds that went with them; likewise
	unsigned char *data; // the target's own map (MessagePack, see common/pack.h)
	size_t data_bytes;
	struct candidate *next; // for the list it is in
};

// A copy of everything `like` says. NULL: out of memory. next is NULL.
struct candidate *candidate_new(const struct candidate *like);
void candidate_free(struct candidate *candidate); // NULL is fine
