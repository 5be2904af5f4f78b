// SPDX-License-Identifier: MPL-2.0
// target_calls: the requests to storage nodes that a work needs before its rows may go. No slot
// blocks; only `take` and `unsent` change the work.
// Thread: loop.
#pragma once

#include "common/http/http_message.h"
#include "common/target/work.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct call_plan {
	char origin[300]; // names the lane: scheme://host:port
	// The target's own name of the call: the same as long as it is not done.
	int64_t id;
};

// What a request may be made of besides the work, so that making it is pure.
struct send_moment {
	double now_s; // Unix time
	unsigned char random[16]; // fresh
};

// The index-th of the calls that are not done yet. 1: out says which; 0: there are not so
// many; -EINVAL with words in `why`: the work cannot be done; out->origin says where it
// would have gone, if that is known.
typedef int target_calls_next(
	const void *config,
	const struct work *work,
	size_t index,
	struct call_plan *out,
	struct finding *why
);

// Makes that request, right before it is sent. 0, -EINVAL with words, -ENOMEM.
typedef int target_calls_make(
	const void *config,
	const struct work *work,
	int64_t id,
	const struct send_moment *moment,
	struct http_request *out,
	struct finding *why
);

// What the answer means here: `io` has the engine's common finding, which may be replaced
// (GO, LEFT, RECHECK, RETRY, FAILED). Called for every answer. On GO the call is done.
typedef void target_calls_take(
	const void *config,
	struct work *work,
	int64_t id,
	const struct http_answer *answer,
	struct finding *io
);

// It is not sent now: its node is away, or refuses all that is sent. True: the work goes on without
// it, for the call is done or `next` plans it for another node; false: it waits for a later run.
typedef bool target_calls_unsent(const void *config, struct work *work, int64_t id);

struct target_calls {
	// Calls of one work that may be planned or on their way.
	size_t at_once;
	// What the log says of a node that refuses all that is sent, with what to look at.
	const char *denied_words;
	// The same in the run's outcome: what such a node does, and what to look at.
	const char *denied_outcome, *denied_remedy;
	// Headers of an answer that mean the same as Retry-After in seconds; ends with NULL;
	// optional.
	const char *const *wait_headers;
	target_calls_next *next;
	target_calls_make *make;
	target_calls_take *take;
	target_calls_unsent *unsent; // optional: it waits
};
