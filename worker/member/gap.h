// SPDX-License-Identifier: MPL-2.0
// gap: which records of one partition were deleted before they could be taken.
//
// Pure: no I/O, no clock. Thread: loop. Owner: the claim; a new one, or a log that began anew,
// knows of no gap.
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct gap_part { // offsets that were passed over
	int64_t from; // the first of them
	int64_t count; // 0: none
};

struct gap {
	struct gap_part open; // not asked about
	struct gap_part asked;
};

void gap_init(struct gap *gap);
// What is at `offset` came, and `expected` would have been next; -1: that is not known.
void gap_note(struct gap *gap, int64_t expected, int64_t offset);
// Something was passed over, and it is not known why.
bool gap_is_open(const struct gap *gap);
// Is something to be asked for? Then gap_answer is about what was passed over so far.
bool gap_ask(struct gap *gap);
// The log begins at `begin`. How many records were deleted of what was asked about; 0 when nothing
// was.
int64_t gap_answer(struct gap *gap, int64_t begin);
