// SPDX-License-Identifier: MPL-2.0
// retention: how long a topic keeps its records, and whether that is enough. Pure: no clock.
// Thread: any.
//
// A time of 0 means everywhere that records are kept for ever, or that it is not known for how
// long.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What a value of retention.ms says, in ms; 0 as well when it is no number.
int64_t retention_read(const char *value);

// How long a topic must keep its records at least; `delay_ms`: how long each of them waits there, 0
// for candidates.
int64_t retention_least_ms(int64_t delay_ms);

// How long a new retry topic keeps its records, when candidates are kept for `candidates_ms`: as
// long, but at least a week and so many times the delay that nobody has to hurry.
int64_t retention_of_retries_ms(int64_t candidates_ms, int64_t delay_ms);

// Does one that nobody has taken come near its end? Negative ages are of a clock that is ahead, and
// count as none.
bool retention_is_near(int64_t retention_ms, int64_t age_ms);
// Records that were written before are near it; -1: none is.
int64_t retention_near_before_ms(int64_t retention_ms, int64_t now_ms);

// The command that makes a topic keep its records for longer, to be shown to the operator.
void retention_command(
	const char *topic, int64_t retention_ms, int64_t delay_ms, char *out, size_t out_bytes
);

// What is told at most once an hour. Zeroed: never so far.
struct retention_notice {
	int64_t told_ms;
};
// May it be told now? Then it counts as told. `now_ms` is above 0.
bool retention_notice_take(struct retention_notice *notice, int64_t now_ms);
