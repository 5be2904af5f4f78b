// SPDX-License-Identifier: MPL-2.0
// precondition: since when a user's data must not have changed for it to be deleted.
#include "common/targets/tokenserver/node/precondition.h"

#include <inttypes.h>
#include <stdio.h>

static const int64_t grace_min_ms = 2LL * 3600 * 1000;

void precondition_format(
	char out[PRECONDITION_BYTES], int64_t checked_ms, int64_t replaced_at_ms, int64_t grace_ms
) {
	int64_t grace = grace_ms > grace_min_ms ? grace_ms : grace_min_ms;
	int64_t since;

	if (__builtin_add_overflow(replaced_at_ms, grace, &since) || since > checked_ms)
		since = checked_ms;
	if (since < 0)
		since = 0;
	snprintf(
		out, PRECONDITION_BYTES, "%" PRId64 ".%02" PRId64, since / 1000, since % 1000 / 10
	);
}
