// SPDX-License-Identifier: MPL-2.0
// approval: has the target count what may go, and asks the guard whether so much may.
// Thread: scan.
#pragma once

#include "common/target/pass.h"
#include "producer/ask.h"
#include "producer/guard.h"
#include "producer/producer_options.h"

#include <stdbool.h>
#include <stdint.h>

struct approval {
	// What there is to do; -1: unknown.
	int64_t backlog;
	// What the target's own limits let go of it; -1: unknown.
	int64_t wanted;
	// The target's own limits let go only a part.
	bool is_limited;
	// The backlog is exact, and was counted in time.
	bool is_counted;
	struct guard_verdict verdict;
};

// 0, or an error that ends the pass, with words in pass->facts.error.
int approval_ask(
	struct ask *ask,
	struct pass *pass,
	const struct producer_options *options,
	struct approval *out
);
// What the guard said becomes the words in pass->facts.error. 0; -EPERM: it refused, and this is no
// dry run, which goes on.
int approval_heed(
	const struct approval *approval, const struct producer_options *options, struct pass *pass
);
