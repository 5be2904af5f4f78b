// SPDX-License-Identifier: MPL-2.0
// tracker: which offsets of one partition may be committed: all below the first one that is still
// in work.
//
// Pure: no I/O, no clock, no locks. Thread: loop. Owner: one claim on a partition, from assignment
// to the last completion; a completion that bears another epoch touches nothing.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct tracker; // opaque

// For one assignment of one partition. NULL: out of memory.
struct tracker *tracker_new(uint64_t epoch);
void tracker_free(struct tracker *tracker); // NULL is fine

// `offset` is being worked on. Offsets come in order; what lies between two of them does not exist.
// Returns 0, -EALREADY (it, or a later one, came before), -ENOMEM.
int tracker_begin(struct tracker *tracker, int64_t offset);
// `offset` is done, in any order. Returns 0, -ESTALE (another epoch), -ENOENT (not in work).
int tracker_finish(struct tracker *tracker, uint64_t epoch, int64_t offset);
// The log began anew: what was begun is forgotten, and its completions, which bear the old epoch,
// touch nothing.
void tracker_restart(struct tracker *tracker, uint64_t epoch);
// Nothing is there between what was begun and `offset`: the partition's end was seen there.
void tracker_note_end(struct tracker *tracker, int64_t offset);

// Is `offset` behind what came already? A log only grows, so it is another one.
bool tracker_has_passed(const struct tracker *tracker, int64_t offset);
// Behind all that was begun or is known not to exist; -1: nothing came yet.
int64_t tracker_next(const struct tracker *tracker);
// What to commit: every offset below it is done. -1: nothing was begun, so there is nothing to
// commit.
int64_t tracker_position(const struct tracker *tracker);
size_t tracker_in_work(const struct tracker *tracker); // begun and not finished
// How many a window would have to hold: from the oldest in work to the last that was begun.
size_t tracker_span(const struct tracker *tracker);
