// SPDX-License-Identifier: MPL-2.0
// precondition: since when a user's data must not have changed for it to be deleted. Pure.
// Thread: any.
#pragma once

#include <stdint.h>

enum { PRECONDITION_BYTES = 32 };

// Writes the value of X-If-Unmodified-Since: seconds with two decimals, rounded down, never
// negative. It is the moment of the check, but no later than the grace (two hours at least) after
// the record was replaced. All times in ms.
void precondition_format(
	char out[PRECONDITION_BYTES], int64_t checked_ms, int64_t replaced_at_ms, int64_t grace_ms
);
